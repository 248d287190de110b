/** The ways in which defects are planted: changes that the store itself would never make. */
import assert from "node:assert/strict";
import { closeSync, openSync, writeSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { valueOf } from "./scratch.ts";

export interface PlantedDefect {
  /** The check that must find it. */
  readonly check: string;
  readonly defect: string;
  /** Plants it in a populated store; returns what an example of it must hold. */
  readonly plant: (db: DatabaseSync) => string;
  /** Other checks that cannot help finding it too. */
  readonly also?: readonly string[];
}

/** A message whose state and turn do not agree. */
export function misstated(
  defect: string,
  state: string,
  { set, where = "1", instead }: { readonly set?: string; readonly where?: string; readonly instead?: string },
): PlantedDefect {
  return {
    check: "accounting",
    defect,
    plant: (db) => {
      const found = db
        .prepare(
          `SELECT number, session_id || ' ' || seq AS name FROM message WHERE role = 'user' AND state = ? AND ${where}`,
        )
        .get(state);
      assert.ok(found !== undefined, `no message is ${state}`);
      change(db, instead ?? `UPDATE message SET ${set ?? ""} WHERE number = ${String(found["number"])}`);
      return String(found["name"]);
    },
  };
}

export function session(db: DatabaseSync, user: string): string {
  return String(valueOf(db, `SELECT id FROM session WHERE user = '${user}'`));
}

/** Changes one row and returns its id. */
export function plantIn(db: DatabaseSync, table: "session" | "turn" | "delivery", where: string, set: string): string {
  const id = String(valueOf(db, `SELECT id FROM ${table} WHERE ${where}`));
  change(db, `UPDATE ${table} SET ${set} WHERE id = '${id}'`);
  return id;
}

export function entry(db: DatabaseSync, sql: (number: string) => string): string {
  const number = String(valueOf(db, `SELECT min(number) FROM message`));
  change(db, sql(number));
  return `entry ${number}`;
}

export function lane(db: DatabaseSync, sql: string): string {
  change(db, sql);
  return `destination ${String(valueOf(db, `SELECT min(number) FROM delivery WHERE user = 'pending'`))}`;
}

export function change(db: DatabaseSync, sql: string): void {
  assert.ok(Number(db.prepare(sql).run().changes) > 0, `changed nothing: ${sql}`);
}

/** Overwrites the first page of a table. */
export function damage(db: DatabaseSync, table: string): string {
  const page = Number(valueOf(db, `SELECT rootpage FROM sqlite_schema WHERE name = '${table}'`));
  const size = Number(valueOf(db, "PRAGMA page_size"));
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  const file = openSync(db.location() ?? "", "r+");
  writeSync(file, Buffer.alloc(size, 0xff), 0, size, (page - 1) * size);
  closeSync(file);
  return `page ${page}`;
}

/** Takes a UNIQUE constraint and its index out of the schema, which no statement can. */
export function withoutConstraint(db: DatabaseSync, table: string, constraint: string, columns: string): void {
  const index = String(
    valueOf(
      db,
      `SELECT name FROM pragma_index_list('${table}') AS i
       WHERE (SELECT group_concat(name, ', ') FROM pragma_index_info(i.name)) = '${columns}'`,
    ),
  );
  const version = Number(valueOf(db, "PRAGMA schema_version"));
  db.exec("PRAGMA writable_schema = ON");
  change(db, `UPDATE sqlite_schema SET sql = replace(sql, '${constraint}', 'CHECK (1)') WHERE name = '${table}'`);
  change(db, `DELETE FROM sqlite_schema WHERE name = '${index}'`);
  db.exec(`PRAGMA schema_version = ${version + 1}; PRAGMA writable_schema = RESET; VACUUM`);
}
