import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { describe, it } from "node:test";
import { ParlorError } from "../../../src/core/errors.ts";
import { openSqliteReader, openSqliteStore } from "../../../src/sqlite.ts";
import { messageOf } from "../../../src/testing/sources.ts";
import { openRaw, scratchFiles, scratchFolder, valueOf } from "./scratch.ts";

const newPath = scratchFiles();

/** A database that is not the work of this Parlor. */
function foreignFile(sql: string): string {
  const path = newPath();
  mkdirSync(dirname(path));
  using db = openRaw(path);
  db.exec(sql);
  return path;
}

/** Neither the store nor the reader opens it, and it is as it was. */
async function assertRefused(path: string, code: string, says: RegExp): Promise<void> {
  const before = readFileSync(path);
  const files = readdirSync(dirname(path));
  const check = (error: unknown): true => {
    assert.ok(error instanceof ParlorError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, says);
    return true;
  };
  await assert.rejects(openSqliteStore({ path }), check);
  assert.throws(() => openSqliteReader(path), check);
  assert.deepEqual(readFileSync(path), before);
  // A look at a database with a log lays an empty log beside it.
  assert.deepEqual(
    readdirSync(dirname(path)).filter((name) => !/-(wal|shm)$/.test(name)),
    files,
  );
}

describe("a database file of others", () => {
  it("written by a newer Parlor is refused and left as it is", async () => {
    const path = newPath();
    {
      await using store = await openSqliteStore({ path });
      await store.accept(messageOf("hello"));
    }
    {
      using db = openRaw(path);
      db.exec("PRAGMA user_version = 999");
    }
    await assertRefused(path, "STORE_TOO_NEW", /version 999.*newer Parlor/);
  });

  it("written by a newer Parlor that keeps no log is refused and left as it is", async () => {
    const path = foreignFile("CREATE TABLE t (x); PRAGMA application_id = 0x50726c72; PRAGMA user_version = 999");
    await assertRefused(path, "STORE_TOO_NEW", /version 999/);
  });

  it("written by another program is refused and left as it is", async () => {
    const path = foreignFile("CREATE TABLE bookmark (url TEXT)");
    await assertRefused(path, "INVALID_CONFIG", /another program/);
  });

  it("marked by another program that has stored nothing yet is refused and left as it is", async () => {
    const path = foreignFile("PRAGMA application_id = 77");
    await assertRefused(path, "INVALID_CONFIG", /another program/);
  });

  it("that is no database is refused and left as it is", async () => {
    const path = newPath();
    mkdirSync(dirname(path));
    writeFileSync(path, "a letter, long enough to be more than a header of a hundred bytes. ".repeat(20));
    await assertRefused(path, "STORE_UNAVAILABLE", /not a Parlor database|not a database/);
  });
});

/** Calls `looked` whenever a connection has looked at whose file it is. */
async function whileLooking(looked: () => void, run: () => Promise<void>): Promise<void> {
  const original = Object.getOwnPropertyDescriptor(DatabaseSync.prototype, "prepare") as PropertyDescriptor;
  Object.defineProperty(DatabaseSync.prototype, "prepare", {
    ...original,
    value(this: DatabaseSync, sql: string): StatementSync {
      const statement = (original.value as (sql: string) => StatementSync).call(this, sql);
      if (!/application_id|sqlite_schema/.test(sql)) return statement;
      return Object.assign(statement, {
        get: (): unknown => {
          const [row] = statement.all();
          looked();
          return row;
        },
      });
    },
  });
  try {
    await run();
  } finally {
    Object.defineProperty(DatabaseSync.prototype, "prepare", original);
  }
}

/** What another process does to a new file; it would try again if it is kept from it. */
function migrateElsewhere(path: string): void {
  using db = openRaw(path);
  try {
    db.exec("BEGIN IMMEDIATE");
    db.exec(FIRST_SCHEMA);
    db.exec("PRAGMA user_version = 1; PRAGMA application_id = 0x50726c72; COMMIT");
  } catch (error) {
    assert.match(String(error), /database is locked/);
  }
}

const FIRST_SCHEMA = readFileSync(
  new URL("../../../src/store/sqlite/schema/0001-sessions.sql", import.meta.url),
  "utf8",
);

describe("migrating", () => {
  it("is done once by eight processes that open a new file together, and all agree on the secret", async () => {
    const path = newPath();
    const children = Array.from({ length: 8 }, () => fork(new URL("opener-child.ts", import.meta.url), [path]));
    await Promise.all(children.map((child) => once(child, "message")));
    const answers = await Promise.all(children.map(openTogether));
    assert.deepEqual(new Set(answers.map(({ error }) => error)), new Set([undefined]));
    assert.equal(new Set(answers.map(({ id }) => id)).size, 1);
    using db = openRaw(path);
    assert.equal(valueOf(db, "SELECT count(*) FROM setting WHERE name = 'secret'"), 1);
  });

  it("by another process between two looks at a new file does not make it a stranger's", async () => {
    const path = newPath();
    mkdirSync(dirname(path));
    let looks = 0;
    await whileLooking(
      () => {
        looks += 1;
        if (looks === 1) migrateElsewhere(path);
      },
      async () => {
        await using store = await openSqliteStore({ path });
        await store.accept(messageOf("hello"));
      },
    );
    assert.ok(looks >= 2, "it looked twice");
  });

  it("that fails in the middle leaves the version and the tables as they were", async () => {
    const path = foreignFile(
      "PRAGMA application_id = 0x50726c72; CREATE TABLE delivery (x); INSERT INTO delivery VALUES (1)",
    );
    await assert.rejects(openSqliteStore({ path }), /table delivery already exists/);
    using db = openRaw(path);
    assert.equal(valueOf(db, "PRAGMA user_version"), 0);
    assert.deepEqual(
      db
        .prepare("SELECT name FROM sqlite_schema")
        .all()
        .map(({ name }) => name),
      ["delivery"],
    );
    assert.equal(valueOf(db, "SELECT x FROM delivery"), 1);
  });

  it("of a file that is up to date changes nothing", async () => {
    const path = newPath();
    {
      await using store = await openSqliteStore({ path });
      await store.accept(messageOf("hello"));
    }
    const before = readFileSync(path);
    {
      await using _again = await openSqliteStore({ path });
    }
    assert.deepEqual(readFileSync(path), before);
  });
});

describe("the reader", () => {
  it("makes neither folder nor file, and says where it has looked", () => {
    const folder = scratchFolder();
    const path = join(folder, "home", "parlor.db");
    assert.throws(
      () => openSqliteReader(path),
      (error: unknown) => {
        assert.ok(error instanceof ParlorError);
        assert.equal(error.code, "STORE_MISSING");
        assert.ok(error.message.includes(path));
        return true;
      },
    );
    assert.deepEqual(readdirSync(folder), []);
  });

  it("reads a database that nobody has open and whose log files are gone", async () => {
    const path = newPath();
    {
      await using store = await openSqliteStore({ path });
      await store.accept(messageOf("hello"));
    }
    assert.ok(!existsSync(`${path}-wal`) && !existsSync(`${path}-shm`));
    const before = readFileSync(path);
    {
      using reader = openSqliteReader(path);
      assert.equal((await reader.stats()).entries, 1);
      assert.equal((await reader.search({ text: "hello" })).items.length, 1);
    }
    assert.deepEqual(readFileSync(path), before);
  });

  it("reads what a store that is open has written and not moved into the file yet", async () => {
    const path = newPath();
    await using store = await openSqliteStore({ path });
    await store.accept(messageOf("hello"));
    using reader = openSqliteReader(path);
    assert.equal((await reader.stats()).entries, 1);
    await store.accept(messageOf("again"));
    assert.equal((await reader.stats()).entries, 2);
  });

  it("refuses the file of a gateway that has not made its tables yet", () => {
    const path = newPath();
    mkdirSync(dirname(path));
    writeFileSync(path, "");
    assert.throws(() => openSqliteReader(path), /schema version 0.*Start the gateway once/);
    assert.deepEqual(readFileSync(path, "utf8"), "");
  });
});

async function openTogether(child: ChildProcess): Promise<{ readonly id?: string; readonly error?: string }> {
  const answered = once(child, "message");
  const ended = once(child, "exit");
  child.send("open");
  const [answer] = (await answered) as [{ readonly id?: string; readonly error?: string }];
  await ended;
  return answer;
}
