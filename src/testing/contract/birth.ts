import assert from "node:assert/strict";
import { messageOf, sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { claimNext, say, stored, transcriptOf } from "./steps.ts";

/** What makes a session, and what does not: I6, I7, I8, I9, I27. */
export function birth(contract: Contract): void {
  contract.states("I6 atomic: a session, its first message and its receipt come together", async ({ store, clock }) => {
    const message = messageOf("hello", { attachments: [{ url: "https://files.test/a.png", name: "a.png" }] });
    const accepted = await store.accept(message);
    assert.ok(accepted.outcome === "accepted");
    assert.equal(accepted.opened, true);
    assert.equal(accepted.seq, 1);
    assert.deepEqual(await transcriptOf(store, accepted.session.id), [
      {
        sessionId: accepted.session.id,
        seq: 1,
        role: "user",
        text: "hello",
        attachments: message.attachments,
        state: "waiting",
        sender: { id: "ada", name: null },
        turnId: null,
        reason: null,
        follows: null,
        sentAt: clock.now(),
        createdAt: clock.now(),
      },
    ]);
    assert.equal((await store.accept(message)).outcome, "duplicate");
  });

  contract.states("I6 atomic: only the first message opens the session", async ({ store }) => {
    const opened = [];
    for (const text of ["one", "two", "three"]) opened.push((await say(store, text)).opened);
    assert.deepEqual(opened, [true, false, false]);
  });

  contract.states("I6 atomic: a message that cannot be stored leaves nothing behind", async ({ store }) => {
    await assert.rejects(store.accept(messageOf(" \n\u200b", { eventId: "blank" })), { code: "INVALID_INPUT" });
    await assert.rejects(store.accept(messageOf("x".repeat(100_001))), { code: "INVALID_INPUT" });
    assert.equal((await store.reader.stats()).sessions, 0);
    assert.equal((await say(store, "words", { eventId: "blank" })).seq, 1);
  });

  contract.states("I7 complete: a session carries all of the source of its first message", async ({ store, clock }) => {
    const source = sourceOf({
      account: "workspace",
      chat: "lobby",
      thread: "42",
      chatName: "The lobby",
      userName: "Ada Lovelace",
    });
    const { session } = await say(store, "hello", { source });
    assert.deepEqual(session.source, source);
    await say(store, "and me", { source: { ...source, user: "bob", userName: "Bob" } });
    const found = await stored(store, session.id);
    assert.deepEqual(found.source, source);
    assert.equal(found.key, session.key);
    assert.equal(found.startedAt, clock.now());
    assert.equal(found.lastUserMessageAt, clock.now());
    assert.equal(found.activeAt, clock.now());
    assert.equal(found.endedAt, null);
    assert.equal(found.pinnedAt, null);
  });

  contract.states("I8 one materialiser: reads, commands and overheard words create nothing", async ({ store }) => {
    const ref = { source: sourceOf() };
    const before = await store.reader.stats();
    const draft = await store.getOrCreate(ref.source);
    await store.reset(ref);
    await store.reset(ref, { source: ref.source, eventId: "typed-1" });
    await store.update(ref, { title: "A title" }, { source: ref.source, eventId: "typed-2" });
    await store.cancelTurn(ref);
    assert.deepEqual(await store.overhear(messageOf("in passing")), { outcome: "ignored" });
    assert.equal(await claimNext(store), null);
    assert.equal(await store.reader.reply(draft.id, 1), null);
    assert.deepEqual((await store.reader.list()).items, []);
    assert.deepEqual((await store.reader.search({ text: "title" })).items, []);
    await store.sweep();
    assert.deepEqual({ ...(await store.reader.stats()), bytes: 0 }, { ...before, bytes: 0 });
    assert.equal((await store.getOrCreate(ref.source)).persisted, false);
  });

  contract.states("I9 content: an attachment without words is content", async ({ store }) => {
    const { seq, opened } = await say(store, "", { attachments: [{ url: "https://files.test/voice.ogg" }] });
    assert.deepEqual({ seq, opened }, { seq: 1, opened: true });
  });

  contract.states(
    "I9 content: overheard words join a session that exists and start nothing",
    async ({ store, clock }) => {
      const { session } = await say(store, "to you");
      clock.advance(1000);
      assert.deepEqual(await store.overhear(messageOf("by the way")), {
        outcome: "overheard",
        sessionId: session.id,
        seq: 2,
      });
      const [, overheard] = await transcriptOf(store, session.id);
      assert.deepEqual([overheard?.role, overheard?.state, overheard?.turnId], ["user", "overheard", null]);
      assert.equal((await stored(store, session.id)).lastUserMessageAt, session.lastUserMessageAt);
      const turn = await claimNext(store);
      assert.deepEqual(
        turn?.messages.map(({ seq }) => seq),
        [1],
      );
      await store.commitTurn(turn.lease, { entries: [] });
      assert.equal(await claimNext(store), null);
    },
  );

  contract.states("I9 content: what is ignored leaves no receipt", async ({ store }) => {
    const message = messageOf("@agent hello", { eventId: "mention" });
    assert.deepEqual(await store.overhear(message), { outcome: "ignored" });
    assert.equal((await store.accept(message)).outcome, "accepted");
  });

  contract.states("I27 bounds: two hundred strangers who say nothing cost not a byte", async ({ store }) => {
    await say(store, "hello");
    const before = await store.reader.stats();
    for (let n = 0; n < 200; n++) {
      const source = sourceOf({ user: `stranger-${n}` });
      assert.equal((await store.getOrCreate(source)).persisted, false);
      if (n % 10 === 0) await store.reset({ source });
    }
    assert.deepEqual(await store.reader.stats(), before);
  });
}
