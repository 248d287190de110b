import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { before, describe, it } from "node:test";
import { promisify } from "node:util";
import { ParlorError } from "../../../src/core/errors.ts";
import { openSqliteStore } from "../../../src/sqlite.ts";
import { LongReads } from "../../../src/store/sqlite/long-reads.ts";
import { busy } from "../../../src/testing/contract/steps.ts";
import { messageOf, sourceOf } from "../../../src/testing/sources.ts";
import { scratchFiles } from "./scratch.ts";

const newPath = scratchFiles();
const path = newPath();
const MESSAGES = 20_000;

before(async () => {
  await using store = await openSqliteStore({ path, ...busy({ maxWaiting: MESSAGES }) });
  const users = Array.from({ length: 100 }, (_, n) => sourceOf({ user: `user-${n}` }));
  for (let done = 0; done < MESSAGES; done += 500) {
    const batch = Array.from({ length: 500 }, (_, n) => n);
    await Promise.all(
      batch.map((n) =>
        store.accept(messageOf(`message ${done + n} about something`, { source: users[n % 100] ?? sourceOf() })),
      ),
    );
  }
});

/** What the read answers with, and how many turns the event loop made meanwhile. */
async function turnsDuring<T>(read: Promise<T>): Promise<{ readonly value: T; readonly turns: number }> {
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const value = await read.finally(() => (isOver = true));
  return { value, turns };
}

/** Whether the read is done elsewhere: here it would be over before the event loop turns. */
async function isElsewhere(read: Promise<unknown>): Promise<boolean> {
  let isOver = false;
  const end = (): void => void (isOver = true);
  read.then(end, end);
  for (let step = 0; step < 100; step += 1) await Promise.resolve();
  return !isOver;
}

function isFault(code: string): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof ParlorError, String(error));
    assert.equal(error.code, code);
    return true;
  };
}

describe("a long read", () => {
  it("leaves the event loop to others, whichever it is", async () => {
    await using store = await openSqliteStore({ path });
    await store.reader.stats();
    const verified = await turnsDuring(store.reader.verify());
    assert.ok(verified.turns > 1, `${verified.turns} turns of the event loop`);
    for (const { name, defects } of verified.value) assert.equal(defects, 0, name);

    const counted = store.reader.stats();
    assert.ok(await isElsewhere(counted));
    assert.equal((await counted).entries, MESSAGES);

    const found = store.reader.search({ text: "something message", limit: 3 });
    assert.ok(await isElsewhere(found));
    assert.deepEqual(
      (await found).items.map(({ snippet }) => snippet.split(" ")[1]),
      ["19999", "19998", "19997"],
    );
    assert.ok(!(await isElsewhere(store.reader.nextDue())), "a short read is done here");
  });

  it("lets messages in while it runs, and sees none of them half", async () => {
    await using store = await openSqliteStore({ path });
    const source = sourceOf({ user: "while-reading" });
    let isOver = false;
    const verified = store.reader.verify().finally(() => (isOver = true));
    let accepted = 0;
    while (!isOver) {
      await store.accept(messageOf("meanwhile", { source }));
      accepted += 1;
    }
    assert.ok(accepted > 1, "messages were accepted while it ran");
    for (const { name, defects } of await verified) assert.equal(defects, 0, name);
  });

  it("throws what it throws elsewhere", async () => {
    await using store = await openSqliteStore({ path });
    await assert.rejects(store.reader.search({ text: "…" }), isFault("INVALID_INPUT"));
    await assert.rejects(store.reader.search({ text: "word", limit: 0 }), isFault("INVALID_INPUT"));
    await assert.rejects(store.reader.search({ text: "word", cursor: "nonsense" }), isFault("INVALID_INPUT"));
    assert.equal((await store.reader.search({ text: "word", limit: 1 })).items.length, 0);
  });

  it("is refused at once when the store is closed meanwhile, and later ones too", async () => {
    const store = await openSqliteStore({ path });
    await store.reader.stats();
    const reads = [store.reader.verify(), store.reader.stats(), store.reader.search({ text: "message" })];
    const refused = Promise.all(reads.map((read) => assert.rejects(read, isFault("STORE_UNAVAILABLE"))));
    await store[Symbol.asyncDispose]();
    await refused;
    await assert.rejects(store.reader.stats(), isFault("STORE_UNAVAILABLE"));
  });

  it("says so when its thread cannot open the database, and opens it when it can", async () => {
    const missing = newPath();
    await using reads = new LongReads(missing);
    await assert.rejects(reads.stats(), isFault("STORE_UNAVAILABLE"));
    await using _made = await openSqliteStore({ path: missing });
    assert.equal((await reads.stats()).sessions, 0);
  });

  it("says so when the file is no database", async () => {
    const other = newPath();
    await using _folder = await openSqliteStore({ path: other });
    const broken = other.replace("parlor.db", "broken.db");
    writeFileSync(broken, "not a database at all ".repeat(100));
    await using reads = new LongReads(broken);
    await assert.rejects(reads.stats(), isFault("STORE_UNAVAILABLE"));
  });
});

describe("the thread of long reads", () => {
  for (const closes of ["closes", "does not close"]) {
    it(`does not keep a program alive that ${closes} its store`, async () => {
      const child = new URL("long-reads-child.ts", import.meta.url).pathname;
      const { stdout } = await promisify(execFile)(process.execPath, [child, path, closes], { timeout: 60_000 });
      assert.match(stdout, /^10\d sessions\n$/);
    });
  }
});
