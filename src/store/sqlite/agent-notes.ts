/** What agents keep about a session: fenced by the turn they keep it in. */
import { ParlorError } from "../../core/errors.ts";
import { isBlank, storableText } from "../../core/message.ts";
import type { Lease } from "../../core/turn.ts";
import { MAX_AGENT_NOTE_LENGTH, type Summary } from "../agent-store.ts";
import type { Context } from "./context.ts";
import type { Database } from "./database.ts";
import { held } from "./held.ts";

export function addSummary(
  context: Context,
  lease: Lease,
  { text, throughSeq }: Pick<Summary, "text" | "throughSeq">,
): "added" | "lost" {
  if (isBlank(text)) throw new ParlorError("INVALID_INPUT", "A summary needs text; found none.");
  if (held(context, lease) === undefined) return "lost";
  const { db } = context;
  const turn = db.get<{ first_seq: number }>(`SELECT first_seq FROM turn WHERE id = ?`, lease.turnId);
  const firstSeq = turn?.first_seq ?? 0;
  if (!Number.isSafeInteger(throughSeq) || throughSeq < 1 || throughSeq >= firstSeq) {
    throw new ParlorError(
      "INVALID_INPUT",
      `A summary stands for entries from before its turn, which begins with ${firstSeq}; found ${throughSeq}.`,
    );
  }
  db.run(
    `INSERT INTO summary (session_id, turn_id, through_seq, text, created_at) VALUES (?, ?, ?, ?, ?)`,
    lease.sessionId,
    lease.turnId,
    throughSeq,
    storableText(text),
    context.clock.now(),
  );
  return "added";
}

export function readSummary(db: Database, sessionId: string): Summary | null {
  const row = db.get<Summary>(
    `SELECT text, through_seq AS throughSeq, turn_id AS turnId, created_at AS createdAt
     FROM summary WHERE session_id = ? ORDER BY number DESC LIMIT 1`,
    sessionId,
  );
  return row === undefined ? null : { ...row };
}

export function setAgentNote(
  context: Context,
  lease: Lease,
  { agent, text }: { readonly agent: string; readonly text: string },
): "set" | "lost" {
  if (agent === "" || text.length > MAX_AGENT_NOTE_LENGTH) {
    throw new ParlorError(
      "INVALID_INPUT",
      `A note belongs to a named agent and has up to ${MAX_AGENT_NOTE_LENGTH} characters; found ${text.length}.`,
    );
  }
  if (held(context, lease) === undefined) return "lost";
  const { db } = context;
  if (text === "") {
    db.run(`DELETE FROM agent_note WHERE session_id = ? AND agent = ?`, lease.sessionId, agent);
    return "set";
  }
  db.run(
    `INSERT INTO agent_note (session_id, agent, text) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET text = excluded.text`,
    lease.sessionId,
    agent,
    storableText(text),
  );
  return "set";
}

export function readAgentNote(db: Database, sessionId: string, agent: string): string | null {
  const row = db.get<{ text: string }>(
    `SELECT text FROM agent_note WHERE session_id = ? AND agent = ?`,
    sessionId,
    agent,
  );
  return row?.text ?? null;
}
