import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { beforeEach, describe, it } from "node:test";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import { ParlorError } from "../../../src/core/errors.ts";
import { openSqliteReader, openSqliteStore } from "../../../src/sqlite.ts";
import { type Database, openWriter } from "../../../src/store/sqlite/database.ts";
import { WriteQueue } from "../../../src/store/sqlite/write-queue.ts";
import { messageOf, sourceOf } from "../../../src/testing/sources.ts";
import { OtherProcess } from "./other-process.ts";
import { openRaw, scratchFiles, valueOf } from "./scratch.ts";

const newPath = scratchFiles();

let path: string;

beforeEach(() => {
  path = newPath();
  mkdirSync(dirname(path));
  using db = openRaw(path);
  db.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (x INTEGER UNIQUE)");
});

/** A queue on the file, and the statements that begin and end its transactions. */
function openQueue(options: { readonly patienceMs?: number; readonly after?: (sql: string) => void } = {}) {
  const db = openWriter(path);
  const statements: string[] = [];
  const watched: Database = {
    ...db,
    get inTransaction() {
      return db.inTransaction;
    },
    exec: (sql) => {
      statements.push(sql);
      db.exec(sql);
      options.after?.(sql);
    },
  };
  const queue = new WriteQueue(watched, options.patienceMs);
  return {
    db,
    queue,
    transactions: () => statements.filter((sql) => sql === "COMMIT").length,
    insert: (x: number) => queue.run(() => db.insert("INSERT INTO t VALUES (?)", x)),
    [Symbol.asyncDispose]: async () => {
      await queue[Symbol.asyncDispose]();
      db[Symbol.dispose]();
    },
  };
}

function rows(): unknown[] {
  using db = openRaw(path);
  return db
    .prepare("SELECT x FROM t ORDER BY x")
    .all()
    .map(({ x }) => x);
}

function isUnavailable(retryable: boolean): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof ParlorError, String(error));
    assert.deepEqual([error.code, error.retryable], ["STORE_UNAVAILABLE", retryable]);
    return true;
  };
}

describe("group commit", () => {
  it("gives the writes of one turn of the event loop one transaction, in their order", async () => {
    await using queue = openQueue();
    const numbers = await Promise.all([3, 1, 2].map((x) => queue.insert(x)));
    assert.deepEqual(numbers, [1, 2, 3]);
    assert.equal(queue.transactions(), 1);
    await nextTurn();
    await queue.insert(4);
    assert.equal(queue.transactions(), 2);
  });

  it("is what another process sees of a store: one change for all that was asked for together", async () => {
    const file = newPath();
    await using grouped = await openSqliteStore({ path: file });
    using other = new DatabaseSync(file, { readOnly: true });
    const versionBefore = valueOf(other, "PRAGMA data_version");
    const seen = new Set<unknown>();
    const said = Array.from({ length: 50 }, (_, n) =>
      grouped.accept(messageOf(`${n}`, { source: sourceOf({ user: `user-${n}` }) })).then(() => {
        seen.add(valueOf(other, "PRAGMA data_version"));
      }),
    );
    await Promise.all(said);
    assert.equal(seen.size, 1);
    assert.ok(!seen.has(versionBefore));
  });

  it("bounds a transaction at 512 writes, and leaves none behind", async () => {
    await using queue = openQueue();
    await Promise.all(Array.from({ length: 1_100 }, (_, x) => queue.insert(x)));
    assert.equal(queue.transactions(), 3);
    assert.equal(rows().length, 1_100);
  });

  it("lets others have their turn when the writes take long, and keeps their order", async () => {
    await using queue = openQueue();
    const happened: string[] = [];
    const slow = (name: string) =>
      queue.queue
        .run(() => {
          const endsAt = performance.now() + 110;
          while (performance.now() < endsAt);
          happened.push(`${name} runs`);
        })
        .then(() => happened.push(`${name} is answered`));
    await Promise.all([slow("one"), slow("two"), queue.insert(3)]);
    assert.deepEqual(happened, ["one runs", "one is answered", "two runs", "two is answered"]);
    assert.deepEqual(rows(), [3]);
  });

  it("undoes what throws and keeps the writes beside it", async () => {
    await using queue = openQueue();
    const failing = queue.queue.run(() => {
      queue.db.run("INSERT INTO t VALUES (10)");
      throw new RangeError("no");
    });
    const settled = await Promise.allSettled([
      queue.insert(1),
      failing,
      queue.insert(2),
      queue.insert(1),
      queue.insert(3),
    ]);
    assert.deepEqual(
      settled.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled", "rejected", "fulfilled"],
    );
    await assert.rejects(failing, RangeError);
    assert.deepEqual(rows(), [1, 2, 3]);
  });

  it("undoes a write that throws alone", async () => {
    await using queue = openQueue();
    const failing = queue.queue.run(() => {
      queue.db.run("INSERT INTO t VALUES (10)");
      throw new RangeError("no");
    });
    await assert.rejects(failing, RangeError);
    assert.deepEqual(rows(), []);
    await queue.insert(1);
    assert.deepEqual(rows(), [1]);
  });

  it("answers nobody before COMMIT: who is answered finds it stored", async () => {
    await using queue = openQueue();
    using other = new DatabaseSync(path, { readOnly: true });
    const stored = (x: number): unknown => valueOf(other, `SELECT count(*) FROM t WHERE x = ${x}`);
    const seen = await Promise.all(
      [1, 2, 3].map((x) =>
        queue.queue
          .run(() => {
            queue.db.run("INSERT INTO t VALUES (?)", x);
            return stored(x);
          })
          .then((within) => [within, stored(x)]),
      ),
    );
    assert.deepEqual(seen, [
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
  });

  it("shows a store's reader what its writer has answered for", async () => {
    const file = newPath();
    await using store = await openSqliteStore({ path: file });
    using reader = openSqliteReader(file);
    for (const text of ["one", "two"]) {
      const accepted = await store.accept(messageOf(text));
      assert.ok(accepted.outcome === "accepted");
      assert.equal((await store.reader.transcript(accepted.session.id)).items.at(-1)?.text, text);
      assert.equal((await reader.transcript(accepted.session.id)).items.at(-1)?.text, text);
    }
  });
});

describe("a write while another process writes", () => {
  it("waits for it, and is done then", async () => {
    await using queue = openQueue();
    await using other = new OtherProcess(path);
    await other.exec("BEGIN IMMEDIATE; INSERT INTO t VALUES (1)");
    let done = false;
    const waiting = Promise.all([queue.insert(2), queue.insert(3)]).then(() => (done = true));
    await pause(300);
    assert.equal(done, false);
    await other.exec("COMMIT");
    await waiting;
    assert.deepEqual(rows(), [1, 2, 3]);
  });

  it("is told that the store is unavailable when its patience ends, and the next one is done", async () => {
    await using queue = openQueue({ patienceMs: 1 });
    await using other = new OtherProcess(path);
    await other.exec("BEGIN IMMEDIATE");
    await assert.rejects(queue.insert(1), isUnavailable(true));
    await other.exec("ROLLBACK");
    await queue.insert(2);
    assert.deepEqual(rows(), [2]);
  });

  it("waits also when that process begins between the two tries of a batch", async () => {
    using other = openRaw(path);
    let isHeld = false;
    await using queue = openQueue({
      after: (sql) => {
        if (sql !== "ROLLBACK" || isHeld) return;
        isHeld = true;
        other.exec("BEGIN IMMEDIATE");
        setTimeout(() => other.exec("ROLLBACK"), 1);
      },
    });
    const failing = queue.queue.run(() => {
      throw new RangeError("no");
    });
    const settled = await Promise.allSettled([queue.insert(1), failing, queue.insert(2)]);
    assert.ok(isHeld);
    await assert.rejects(failing, RangeError);
    assert.deepEqual(
      settled.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    assert.deepEqual(rows(), [1, 2]);
  });
});

describe("closing", () => {
  it("lets the writes that wait finish and refuses later ones", async () => {
    const queue = openQueue();
    const waiting = Promise.all([1, 2, 3].map((x) => queue.insert(x)));
    const closed = queue[Symbol.asyncDispose]();
    await assert.rejects(queue.insert(4), isUnavailable(false));
    await closed;
    await waiting;
    assert.deepEqual(rows(), [1, 2, 3]);
  });

  it("waits for the other process that the writes wait for", async () => {
    await using other = new OtherProcess(path);
    await other.exec("BEGIN IMMEDIATE");
    const queue = openQueue();
    const waiting = queue.insert(1);
    await pause(60);
    const closed = queue[Symbol.asyncDispose]();
    await other.exec("ROLLBACK");
    await closed;
    await waiting;
    assert.deepEqual(rows(), [1]);
  });

  it("gives up with the writes, when their patience ends", async () => {
    await using other = new OtherProcess(path);
    await other.exec("BEGIN IMMEDIATE");
    const queue = openQueue({ patienceMs: 1 });
    const refused = assert.rejects(queue.insert(1), isUnavailable(true));
    await queue[Symbol.asyncDispose]();
    await refused;
  });

  it("of a store is said to who still calls it, by every verb", async () => {
    const store = await openSqliteStore({ path: newPath() });
    const draft = await store.getOrCreate(sourceOf());
    await store[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    const check = isUnavailable(false);
    await assert.rejects(store.accept(messageOf("late")), check);
    await assert.rejects(store.ensurePersisted(draft), check);
    await assert.rejects(store.getOrCreate(sourceOf()), check);
    await assert.rejects(store.leaseholders(), check);
    await assert.rejects(store.reader.get(draft.id), check);
    await assert.rejects(store.reader.list(), check);
    await assert.rejects(store.reader.nextDue(), check);
    await assert.rejects(store.reader.search({ text: "late" }), check);
    await assert.rejects(store.reader.stats(), check);
    await assert.rejects(store.reader.verify(), check);
  });
});
