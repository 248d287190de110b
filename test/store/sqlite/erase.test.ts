import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { beforeEach, describe, it } from "node:test";
import { openSqliteStore } from "../../../src/sqlite.ts";
import { indexText } from "../../../src/store/search-text.ts";
import type { Store } from "../../../src/store/store.ts";
import { claim, DAY, LEASE_MS, say } from "../../../src/testing/contract/steps.ts";
import { createManualClock } from "../../../src/testing/manual-clock.ts";
import { messageOf, sourceOf } from "../../../src/testing/sources.ts";
import { OtherProcess } from "./other-process.ts";
import { openRaw, scratchFiles, valueOf } from "./scratch.ts";

const newPath = scratchFiles();

/** What one person says, is called and is told: in scripts and forms that the index changes. */
interface Words {
  readonly user: string;
  readonly userName: string;
  readonly title: string;
  readonly texts: readonly string[];
  readonly reply: string;
}

const FORGOTTEN: Words = {
  user: "ada-the-forgotten",
  userName: "Ada Zaubertrank",
  title: "Plumpudding plans",
  texts: ["Quetzalcoatl", "Crème-Brûlée", "東京特許許可局", "สวัสดีครับ", "Łódź-Straße", "ﬁnancially"],
  reply: "Antwortwort Überflügël",
};

const KEPT: Words = {
  user: "bob-the-kept",
  userName: "Bob Weltenbummler",
  title: "Marzipan plans",
  texts: ["Xylophone", "Piñata", "大阪城公園", "ขอบคุณครับ", "Øresund", "ﬂuent"],
  reply: "Gegenwort Àccènt",
};

async function live(store: Store, words: Words): Promise<string> {
  const source = sourceOf({ user: words.user, userName: words.userName, chatName: `chat of ${words.userName}` });
  await store.update({ source }, { title: words.title });
  const { session } = await say(store, "a first word", { source });
  for (const [index, text] of words.texts.entries()) {
    const attachments = [{ url: `https://files.example/${words.user}/${index}` }];
    await say(store, `they said ${text}`, { source, attachments });
    const { lease } = await claim(store);
    if (index === 2) {
      await store.failTurn(lease, {
        reason: "x",
        retryAt: null,
        notice: `notice for ${words.reply}`,
        pieces: [`notice for ${words.reply}`],
      });
    } else {
      const pieces = [words.reply, `, you said ${text}`];
      await store.commitTurn(lease, { entries: [{ role: "assistant", text: pieces.join(""), pieces }] });
    }
  }
  for (;;) {
    const [taken] = await store.takeDeliveries({ node: "node-a", leaseMs: LEASE_MS, limit: 1 });
    if (taken === undefined) break;
    await store.settleDelivery(taken, { state: "sent", remoteId: `remote for ${words.user}` });
  }
  return session.id;
}

function bytesOf(path: string): Buffer {
  return Buffer.concat([path, `${path}-wal`, `${path}-shm`].filter(existsSync).map((file) => readFileSync(file)));
}

/** Everything by which the person could be known again, as said and as indexed. */
function tracesOf({ user, userName, title, texts, reply }: Words): string[] {
  const said = [...texts, reply].flatMap((text) => [text, indexText(text), ...indexText(text).split(" ")]);
  return [user, userName, title, ...said].filter((trace) => Buffer.byteLength(trace) > 4);
}

/** What of the person's words is in the bytes of the files. */
function found(path: string, words: Words): string[] {
  const bytes = bytesOf(path);
  return tracesOf(words).filter((trace) => bytes.includes(trace));
}

describe("erasing", () => {
  let path: string;

  beforeEach(() => {
    path = newPath();
  });

  it("takes every word, name and title out of the bytes of the files, and nobody else's", async () => {
    await using opened = await openSqliteStore({ path });

    const forgotten = await live(opened, FORGOTTEN);
    await live(opened, KEPT);
    const texts = [FORGOTTEN.userName, FORGOTTEN.title, FORGOTTEN.reply, ...FORGOTTEN.texts];
    for (const text of texts) assert.ok(found(path, FORGOTTEN).includes(text), `${text} must be there before`);
    const keptBefore = found(path, KEPT);

    const outcome = await opened.erase(forgotten);
    assert.deepEqual(outcome, { outcome: "erased", messages: 13, scrubbed: true });
    assert.deepEqual(found(path, FORGOTTEN), []);
    assert.deepEqual(found(path, KEPT), keptBefore);
  });

  it("takes what an agent asked and kept out of the bytes, too", async () => {
    await using opened = await openSqliteStore({ path });
    await say(opened, "a first word");
    await opened.commitTurn((await claim(opened)).lease, { entries: [] });
    const { session } = await say(opened, "a second word");
    const { lease } = await claim(opened);
    const kept = ["Zusammenfassung", "Merkzettel", "Gretchenfrage", "Vielleicht", "Keinesfalls"];
    const [summary = "", note = "", text = "", ...labels] = kept;
    await opened.addSummary(lease, { text: summary, throughSeq: 1 });
    await opened.setAgentNote(lease, { agent: "agent", text: `not this ${note}` });
    await opened.setAgentNote(lease, { agent: "agent", text: note });
    const choices = labels.map((label) => ({ id: label, label }));
    await opened.askQuestion(lease, { id: "qst", text, choices, pieces: [text], expiresAt: 1e15 });
    await opened.answerQuestion({ questionId: "qst" }, { by: null, choice: "2" });
    for (const word of kept) assert.ok(bytesOf(path).includes(word), `${word} must be there before`);
    assert.ok((await opened.erase(session.id)).outcome === "erased");
    for (const word of kept) assert.ok(!bytesOf(path).includes(word), `${word} is still there`);
  });

  it("takes them out of files that many others have written in between", async () => {
    await using opened = await openSqliteStore({ path });
    const people = Array.from({ length: 12 }, (_, n) => `pers${n}on`);
    for (let round = 0; round < 12; round += 1) {
      const said = (user: string): string =>
        Array.from({ length: (round * 7 + user.length * 5) % 40 }, (_, n) => `${user}word${round}x${n}y`).join(" ");
      await Promise.all(
        people.map((user) => say(opened, `${said(user)} ${user}end${round}y`, { source: sourceOf({ user }) })),
      );
      for (const _ of people) {
        const { lease, session } = await claim(opened);
        const text = `${said(session.source.user)} reply`;
        await opened.commitTurn(lease, { entries: [{ role: "assistant", text, pieces: [text] }] });
      }
    }
    for (const user of people.slice(3, 9)) {
      const { id } = await opened.getOrCreate(sourceOf({ user }));
      await opened.update({ sessionId: id }, { title: `${user}title`.repeat(10) });
      assert.ok(bytesOf(path).includes(`${user}word`));
      await opened.erase(id);
      assert.equal(bytesOf(path).indexOf(user), -1, `"${user}" is still there`);
    }
    for (const user of [...people.slice(0, 3), ...people.slice(9)]) assert.ok(bytesOf(path).includes(`${user}word`));
    for (const check of await opened.reader.verify()) assert.deepEqual(check.examples, [], check.name);
  });

  it("says that the words are still there while another process reads an older state, and removes them with the next", async () => {
    await using opened = await openSqliteStore({ path });
    const first = await live(opened, FORGOTTEN);
    const second = await live(opened, KEPT);
    {
      await using other = new OtherProcess(path);
      await other.exec("BEGIN; SELECT count(*) FROM message");
      const outcome = await opened.erase(first);
      assert.ok(outcome.outcome === "erased" && !outcome.scrubbed);
      assert.notDeepEqual(found(path, FORGOTTEN), []);
    }
    const outcome = await opened.erase(second);
    assert.ok(outcome.outcome === "erased" && outcome.scrubbed);
    assert.deepEqual([...found(path, FORGOTTEN), ...found(path, KEPT)], []);
  });

  it("leaves words that could not be removed to the closing of the store", async () => {
    {
      await using opened = await openSqliteStore({ path });
      const id = await live(opened, FORGOTTEN);
      await using other = new OtherProcess(path);
      await other.exec("BEGIN; SELECT count(*) FROM message");
      const outcome = await opened.erase(id);
      assert.ok(outcome.outcome === "erased" && !outcome.scrubbed);
    }
    assert.deepEqual(found(path, FORGOTTEN), []);
  });

  it("leaves a hash of what was received, and none of whose", async () => {
    await using opened = await openSqliteStore({ path });
    const id = await live(opened, FORGOTTEN);
    await opened.erase(id);
    using db = openRaw(path);
    const columns = db
      .prepare("SELECT DISTINCT outcome, session_id, seq, body FROM receipt")
      .all()
      .map((row) => ({ ...row }));
    assert.deepEqual(columns, [{ outcome: "gone", session_id: null, seq: null, body: null }]);
    assert.equal(valueOf(db, "SELECT count(*) FROM draft_note"), 0);
  });

  it("leaves the receipts of others alone, also those that have the number of one that was swept", async () => {
    const clock = createManualClock(Date.UTC(2026, 2, 2));
    await using opened = await openSqliteStore({ path, clock });
    const { session } = await say(opened, "long ago");
    clock.advance(30 * DAY);
    await opened.sweep();
    const message = messageOf("today", { source: sourceOf({ user: "bob" }) });
    const accepted = await opened.accept(message);
    assert.ok(accepted.outcome === "accepted");
    await opened.erase(session.id);
    const again = await opened.accept(message);
    assert.deepEqual(again, { outcome: "duplicate", sessionId: accepted.session.id, seq: 1 });
  });
});
