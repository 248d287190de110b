import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { openSqliteStore } from "../../../src/sqlite.ts";
import { createManualClock, type ManualClock } from "../../../src/testing/manual-clock.ts";
import { sourceOf } from "../../../src/testing/sources.ts";
import { populate } from "./populate.ts";
import { openRaw, scratchFiles, valueOf } from "./scratch.ts";

const newPath = scratchFiles();

const FIRST_SCHEMA = readFileSync(
  new URL("../../../src/store/sqlite/schema/0001-sessions.sql", import.meta.url),
  "utf8",
);

/** What could be in a file of the first version, where that is not everything. */
const KNOWN_THEN: Readonly<Record<string, string>> = {
  setting: "WHERE name <> 'lifecycle_events_forgotten'",
  delivery: "WHERE state <> 'dropped'",
};

/** A file with everything in it, as version 1 of the schema has it. */
async function firstVersionFile(): Promise<{ readonly path: string; readonly clock: ManualClock }> {
  const clock = createManualClock(Date.UTC(2026, 2, 2));
  const full = newPath();
  {
    await using store = await openSqliteStore({ path: full, clock });
    await populate(store, clock.now());
  }
  const path = newPath();
  mkdirSync(dirname(path));
  using db = openRaw(path);
  db.exec(`${FIRST_SCHEMA}; PRAGMA user_version = 1; PRAGMA application_id = 0x50726c72`);
  db.exec(`ATTACH '${full}' AS full; DELETE FROM setting`);
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE TABLE %' AND name NOT LIKE '%fts%'");
  for (const { name } of tables.all()) {
    if (String(name).startsWith("sqlite_")) continue;
    const columns = db.prepare(`SELECT group_concat(name) AS names FROM pragma_table_info('${String(name)}')`).get();
    const those = KNOWN_THEN[String(name)] ?? "";
    db.exec(
      `INSERT INTO main.${String(name)} (${String(columns?.["names"])}) SELECT ${String(columns?.["names"])} FROM full.${String(name)} ${those}`,
    );
  }
  db.exec("INSERT INTO message_fts (rowid, text) SELECT rowid, text FROM full.message_fts");
  db.exec("UPDATE delivery SET text = 'a command''s answer' WHERE session_id IS NULL");
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
});
