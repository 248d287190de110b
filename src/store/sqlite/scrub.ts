/**
 * Takes erased words out of the bytes of the files. A deleted row is overwritten at once, but the log
 * keeps what was written until it is truncated, and the search index keeps some words as borders
 * between its pages, whether an entry still holds them or not, until those pages are written anew.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { foldText, wordsOf } from "../search-text.ts";
import type { Database } from "./database.ts";
import { storeFault } from "./fault.ts";

/** How often the log is truncated again while a reader in another process holds it. */
const ATTEMPTS = 5;
/** The most pages of the index that one write rewrites: bounds how long the event loop is held. */
const MERGE_PAGES = 64;

/** Runs a write in a transaction. */
type Write = <T>(write: () => T) => Promise<T>;

/** The words of texts, as the index has them. */
export function indexedWords(texts: Iterable<string>): ReadonlySet<string> {
  const words = new Set<string>();
  for (const text of texts) for (const [word] of wordsOf(foldText(text))) words.add(word);
  return words;
}

/** Whether the erased words have left the files. */
export async function scrub(db: Database, erased: ReadonlySet<string>, write: Write): Promise<boolean> {
  try {
    if (isBorder(db, erased)) await rewriteIndex(db, write);
    return !isBorder(db, erased) && (await truncateLog(db));
  } catch (error) {
    throw storeFault(error);
  }
}

/** Whether a border between two pages of the index is, or begins, an erased word and no other. */
function isBorder(db: Database, erased: ReadonlySet<string>): boolean {
  const words = [...erased].map((word) => Buffer.from(word).toString("latin1")).toSorted();
  for (const { term } of db.iterate<{ term: Uint8Array }>(`SELECT CAST(term AS BLOB) AS term FROM message_fts_idx`)) {
    // The first byte names the index that the term is of; there is only one.
    const border = Buffer.from(term).subarray(1);
    if (border.length > 0 && hasPrefix(words, border.toString("latin1")) && !isInUse(db, border.toString()))
      return true;
  }
  return false;
}

/** Whether one of the sorted words begins like this. */
function hasPrefix(words: readonly string[], prefix: string): boolean {
  let [low, high] = [0, words.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((words[middle] ?? "") < prefix) low = middle + 1;
    else high = middle;
  }
  return words[low]?.startsWith(prefix) ?? false;
}

/** Whether an entry that is stored has a word that begins like this. A border may end inside a character: nobody's word. */
function isInUse(db: Database, border: string): boolean {
  if (border.includes("\ufffd")) return false;
  return db.get(`SELECT 1 FROM message_fts WHERE message_fts MATCH ? LIMIT 1`, `"${border}"*`) !== undefined;
}

/**
 * Merges all parts of the index into one, a few pages at a time. What is one part already would stay
 * as it is, so the newest entry is indexed again, which makes a part of its own.
 */
async function rewriteIndex(db: Database, write: Write): Promise<void> {
  await write(() => {
    const newest = db.get<{ number: number; text: string }>(
      `SELECT rowid AS number, text FROM message_fts ORDER BY rowid DESC LIMIT 1`,
    );
    if (newest === undefined) {
      db.run(`INSERT INTO message_fts (message_fts) VALUES ('rebuild')`);
      return;
    }
    db.run(`DELETE FROM message_fts WHERE rowid = ?`, newest.number);
    db.run(`INSERT INTO message_fts (rowid, text) VALUES (?, ?)`, newest.number, newest.text);
    db.run(`INSERT INTO message_fts (message_fts, rank) VALUES ('usermerge', 2)`);
    merge(db, -MERGE_PAGES);
  });
  while (await write(() => merge(db, MERGE_PAGES))) await nextTurn();
}

/** Whether anything was left to merge (https://sqlite.org/fts5.html#the_merge_command). */
function merge(db: Database, pages: number): boolean {
  const changes = (): number => db.get<{ n: number }>(`SELECT total_changes() AS n`)?.n ?? 0;
  const before = changes();
  db.run(`INSERT INTO message_fts (message_fts, rank) VALUES ('merge', ?)`, pages);
  return changes() - before >= 2;
}

/** Moves the log into the database file and truncates it. */
async function truncateLog(db: Database): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    const checkpoint = db.get<{ busy: number }>("PRAGMA wal_checkpoint(TRUNCATE)");
    if (checkpoint?.busy === 0) return true;
    if (attempt === ATTEMPTS) return false;
    await sleep(20 * attempt);
  }
}
