import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { openSqliteStore } from "../../../src/sqlite.ts";
import { busy, claimNext, textsOf } from "../../../src/testing/contract/steps.ts";
import { createManualClock, type ManualClock } from "../../../src/testing/manual-clock.ts";
import { sourceOf } from "../../../src/testing/sources.ts";
import { populate } from "./populate.ts";
import { openRaw, scratchFiles, valueOf } from "./scratch.ts";

const newPath = scratchFiles();

const SCHEMA = new URL("../../../src/store/sqlite/schema/", import.meta.url);

/** What could be in a file of the first version, where that is not everything. */
const KNOWN_TO_THE_FIRST: Readonly<Record<string, string>> = {
  setting: "WHERE name <> 'lifecycle_events_forgotten'",
  delivery: "WHERE state <> 'dropped'",
  turn: "WHERE state <> 'interrupted'",
};

/** The same for the fourth. */
const KNOWN_TO_THE_FOURTH: Readonly<Record<string, string>> = { turn: "WHERE state <> 'interrupted'" };

/** A file with everything in it, as the first version of the schema has it. */
async function firstVersionFile(): Promise<OldFile> {
  const old = await fileOfVersion(1, KNOWN_TO_THE_FIRST);
  using db = openRaw(old.path);
  db.exec("UPDATE delivery SET text = 'a command''s answer' WHERE session_id IS NULL");
  return old;
}

interface OldFile {
  readonly path: string;
  readonly clock: ManualClock;
}

/** A file with everything in it that this version of the schema can hold. */
async function fileOfVersion(version: number, known: Readonly<Record<string, string>>): Promise<OldFile> {
  const clock = createManualClock(Date.UTC(2026, 2, 2));
  const full = newPath();
  {
    await using store = await openSqliteStore({ path: full, clock });
    await populate(store, clock.now());
  }
  const path = newPath();
  mkdirSync(dirname(path));
  using db = openRaw(path);
  const migrations = readdirSync(SCHEMA).toSorted().slice(0, version);
  for (const name of migrations) db.exec(readFileSync(new URL(name, SCHEMA), "utf8"));
  db.exec(`PRAGMA user_version = ${version}; PRAGMA application_id = 0x50726c72`);
  db.exec(`ATTACH '${full}' AS full; DELETE FROM setting`);
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE TABLE %' AND name NOT LIKE '%fts%'");
  for (const { name } of tables.all()) {
    if (String(name).startsWith("sqlite_")) continue;
    const columns = db.prepare(`SELECT group_concat(name) AS names FROM pragma_table_info('${String(name)}')`).get();
    const those = known[String(name)] ?? "";
    db.exec(
      `INSERT INTO main.${String(name)} (${String(columns?.["names"])}) SELECT ${String(columns?.["names"])} FROM full.${String(name)} ${those}`,
    );
  }
  db.exec("INSERT INTO message_fts (rowid, text) SELECT rowid, text FROM full.message_fts");
  return { path, clock };
}

describe("upgrading", () => {
  it("gives no number of a reply a second time, those of erased ones included", async () => {
    const { path, clock } = await firstVersionFile();
    using db = openRaw(path);
    const last = Number(valueOf(db, "SELECT max(number) FROM delivery"));
    db.exec(`DELETE FROM delivery WHERE number = ${last}`);
    await using store = await openSqliteStore({ path, clock });
    await store.addDelivery({ destination: sourceOf(), text: "pong", key: null });
    assert.equal(valueOf(db, "SELECT max(number) FROM delivery"), last + 1);
  });

  it("of a file that the first Parlor has filled keeps everything in it", async () => {
    const { path, clock } = await firstVersionFile();
    using before = openRaw(path);
    const counted = (db: DatabaseSync) =>
      ["session", "message", "turn", "delivery", "usage", "receipt", "lifecycle_event", "tombstone"].map((table) =>
        valueOf(db, `SELECT count(*) FROM ${table}`),
      );
    const rows = counted(before);
    before.exec("DELETE FROM lifecycle_event WHERE id = 4");
    const answered = before
      .prepare("SELECT m.session_id, seq FROM message AS m JOIN usage USING (turn_id) WHERE m.role = 'user' LIMIT 1")
      .get() as { readonly session_id: string; readonly seq: number };
    await using store = await openSqliteStore({ path, clock });
    for (const { name, examples } of await store.reader.verify()) assert.deepEqual([name, examples], [name, []]);
    rows[6] = Number(rows[6]) - 1;
    assert.deepEqual(counted(before), rows);
    const { last } = await store.reader.eventRange();
    assert.deepEqual(await store.reader.eventRange(), { first: 5, last });
    assert.equal((await store.reader.events({ after: 0 })).length, last - 4);
    const { usage } = (await store.reader.reply(answered.session_id, answered.seq)) ?? {};
    assert.deepEqual(usage, { inputTokens: 3, outputTokens: 2 });
    assert.equal(valueOf(before, "SELECT count(*) FROM delivery WHERE text LIKE '%command%'"), 0);
  });

  it("of a file whose newest events were swept knows that none is left", async () => {
    const { path, clock } = await firstVersionFile();
    using db = openRaw(path);
    const last = Number(valueOf(db, "SELECT max(id) FROM lifecycle_event"));
    db.exec(`DELETE FROM lifecycle_event WHERE id = ${last}`);
    await using store = await openSqliteStore({ path, clock });
    assert.deepEqual(await store.reader.eventRange(), { first: last + 1, last });
    assert.deepEqual(await store.reader.events({ after: 0 }), []);
  });

  it("of a file of the fourth version keeps every turn, in order, and every message as it stood", async () => {
    const { path, clock } = await fileOfVersion(4, KNOWN_TO_THE_FOURTH);
    using db = openRaw(path);
    const turns = db
      .prepare(
        "SELECT id, session_id, state, attempt, first, first_seq, last_seq, node, started_at, ended_at, retry_of FROM turn ORDER BY rowid",
      )
      .all();
    const messages = db
      .prepare("SELECT session_id, seq, state, turn_id, created_at FROM message ORDER BY number")
      .all();
    assert.ok(turns.length > 10 && messages.length > 20);
    await using store = await openSqliteStore({ path, clock });
    assert.deepEqual(
      db
        .prepare(
          "SELECT id, session_id, state, attempt, first, first_seq, last_seq, node, started_at, ended_at, retry_of FROM turn ORDER BY number",
        )
        .all(),
      turns,
    );
    assert.deepEqual(
      db.prepare("SELECT session_id, seq, state, turn_id, created_at FROM message ORDER BY number").all(),
      messages,
    );
    for (const { name, examples } of await store.reader.verify()) assert.deepEqual([name, examples], [name, []]);
    const { id } = db.prepare("SELECT id FROM session WHERE user = 'dead'").get() as { readonly id: string };
    const { items } = await store.reader.transcript(id);
    assert.ok(items.length > 0);
    for (const { sentAt, createdAt, follows } of items) assert.deepEqual([sentAt, follows], [createdAt, null]);
    const { deadTurns, waiting } = await store.reader.backlog();
    assert.deepEqual([deadTurns, waiting], [2, valueOf(db, "SELECT count(*) FROM message WHERE state = 'waiting'")]);
  });

  it("has a turn that ran then interrupted by what waited behind it", async () => {
    const { path, clock } = await fileOfVersion(4, KNOWN_TO_THE_FOURTH);
    await using store = await openSqliteStore({ path, clock, ...busy({ mode: "interrupt" }) });
    using db = openRaw(path);
    const { id } = db
      .prepare("SELECT turn.id FROM turn JOIN session ON turn_id = turn.id WHERE user = 'running'")
      .get() as {
      readonly id: string;
    };
    await store.releaseNode("node-a");
    const claimed = new Map<string, readonly string[]>();
    for (let turn = await claimNext(store); turn !== null; turn = await claimNext(store)) {
      claimed.set(turn.session.source.user, textsOf(turn.messages));
    }
    assert.deepEqual(claimed.get("running"), ["runs", "waits behind what runs"]);
    assert.equal((await store.reader.turn(id))?.state, "interrupted");
  });
});
