import { DatabaseSync } from "node:sqlite";
import { indexText, matchExpression } from "../../src/store/search-text.ts";

/** A real FTS5 table as the SQLite store declares it. */
export interface SearchIndex extends Disposable {
  add(text: string): number;
  remove(id: number): void;
  find(query: string): readonly number[];
  /** The words that SQLite sees, in order of rows and places. */
  words(): readonly string[];
}

export function openSearchIndex(): SearchIndex {
  const db = new DatabaseSync(":memory:");
  db.exec(`
    CREATE VIRTUAL TABLE entry USING fts5 (text, tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co M*'");
    CREATE VIRTUAL TABLE word USING fts5vocab (entry, instance);
  `);
  const insert = db.prepare("INSERT INTO entry (text) VALUES (?)");
  const remove = db.prepare("DELETE FROM entry WHERE rowid = ?");
  const match = db.prepare("SELECT rowid FROM entry WHERE entry MATCH ? ORDER BY rowid");
  const words = db.prepare("SELECT term FROM word ORDER BY doc, offset");
  return {
    add: (text) => Number(insert.run(indexText(text)).lastInsertRowid),
    remove: (id) => void remove.run(id),
    find: (query) => match.all(matchExpression(query)).map((row) => Number(row["rowid"])),
    words: () => words.all().map((row) => String(row["term"])),
    [Symbol.dispose]: () => db.close(),
  };
}
