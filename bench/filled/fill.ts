/**
 * Fills a database with sessions as the store would have written them, without the store: one
 * transaction, no fsync. A small database filled by the same statements is verified every time.
 */
import { DatabaseSync } from "node:sqlite";
import { digest } from "../../src/core/digest.ts";
import { sessionId } from "../../src/core/session-id.ts";
import { sessionKey } from "../../src/core/session-key.ts";
import { type Source, createSource } from "../../src/core/source.ts";
import { base32 } from "../../src/lib/id.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import { indexText } from "../../src/store/search-text.ts";
import { textOf } from "./texts.ts";

const PLATFORMS = ["api", "slack", "telegram"] as const;

/** The most sessions that a verification after filling is made for. */
const VERIFIED = 20_000;
/** One in so many sessions has ended. */
const ENDED = 10;
/** How long ago the first of them was active, in milliseconds: less than what a sweep removes. */
const SPAN_MS = 5 * 24 * 60 * 60 * 1000;

/** Who said the one message of session `index`. */
export function sourceOf(index: number): Source {
  const platform = PLATFORMS[index % 10 < 6 ? 0 : index % 10 < 9 ? 1 : 2];
  return createSource({ platform, chatType: "group", chat: `chat-${index}`, user: `person-${index}` });
}

export async function fill(path: string, sessions: number): Promise<void> {
  await (await openSqliteStore({ path }))[Symbol.asyncDispose]();
  const db = new DatabaseSync(path);
  try {
    db.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1500000; BEGIN");
    fillNow(db, sessions);
    db.exec("COMMIT; PRAGMA journal_mode = WAL");
  } finally {
    db.close();
  }
  if (sessions <= VERIFIED) await verify(path);
}

function fillNow(db: DatabaseSync, sessions: number): void {
  const { value: secret } = db.prepare("SELECT value FROM setting WHERE name = 'secret'").get() as {
    value: Uint8Array;
  };
  const session = db.prepare(
    `INSERT INTO session (id, key, epoch, platform, account, chat_type, chat, thread, user, started_at, last_user_message_at,
       active_at, last_seq, fence, claimed_seq, ended_at, end_reason) VALUES (?, ?, 1, ?, ?, ?, ?, '', ?, ?, ?, ?, 1, 1, 1, ?, ?)`,
  );
  const receipt = db.prepare(
    `INSERT INTO receipt (hash, outcome, session_id, seq, body, created_at) VALUES (?, 'message', ?, 1, ?, ?)`,
  );
  const turn = db.prepare(
    `INSERT INTO turn (id, session_id, state, attempt, first, first_seq, last_seq, started_at, ended_at)
     VALUES (?, ?, 'done', 1, 1, 1, 1, ?, ?)`,
  );
  const message = db.prepare(
    `INSERT INTO message (session_id, seq, role, state, text, sender_id, turn_id, receipt, created_at)
     VALUES (?, 1, 'user', 'answered', ?, ?, ?, ?, ?)`,
  );
  const words = db.prepare(`INSERT INTO message_fts (rowid, text) VALUES (?, ?)`);
  const event = db.prepare(
    `INSERT INTO lifecycle_event (session_id, type, data, at, state) VALUES (?, ?, ?, ?, 'unwatched')`,
  );
  const begin = Date.now() - SPAN_MS;
  for (let index = 0; index < sessions; index += 1) {
    const source = sourceOf(index);
    const { platform, account, chatType, chat, user } = source;
    const key = sessionKey(source);
    const id = sessionId(secret, key, 1);
    const at = begin + Math.floor((SPAN_MS * index) / sessions);
    const ended = index % ENDED === 5;
    const text = textOf(index, sessions);
    session.run(
      id,
      key,
      platform,
      account,
      chatType,
      chat,
      user,
      at,
      at,
      at,
      ended ? at : null,
      ended ? "command" : null,
    );
    const hash = digest(secret, "receipt", platform, account, chat, `event-${index}`);
    const given = receipt.run(hash, id, digest(secret, "body", text, "[]"), at).lastInsertRowid;
    const turnId = `trn_${base32(digest(secret, "turn", String(index)))}`;
    turn.run(turnId, id, at, at);
    const number = message.run(id, text, user, turnId, given, at).lastInsertRowid;
    words.run(number, indexText(text));
    event.run(id, "session:start", `{"epoch":1,"reset":null}`, at);
    if (ended) event.run(id, "session:end", `{"reason":"command"}`, at);
  }
}

async function verify(path: string): Promise<void> {
  await using store = await openSqliteStore({ path });
  for (const { name, defects, examples } of await store.reader.verify()) {
    if (defects > 0) throw new Error(`The filled database fails ${name}: ${examples.join(", ")}.`);
  }
}
