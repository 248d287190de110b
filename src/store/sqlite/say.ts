import { storableText } from "../../core/message.ts";
import type { Entry } from "../../core/transcript.ts";
import type { ResultEntry } from "../turn-store.ts";
import type { Context } from "./context.ts";
import { closeStreamed, insertDelivery, openDeliveryOf, streamInto } from "./delivery-writer.ts";
import type { SessionRow } from "./rows.ts";
import { appendEntry } from "./transcript-writer.ts";

/** Appends what a turn has to say, and the deliveries of it; one that is open rests for `restMs`. */
export function say(
  context: Context,
  row: SessionRow,
  turnId: string,
  said: readonly ResultEntry[],
  now: number,
  restMs: number = 0,
): Entry[] {
  const entries = said.map(({ role, text }, index) => ({
    sessionId: row.id,
    seq: row.last_seq + 1 + index,
    role,
    text: storableText(text),
    attachments: [],
    state: "said" as const,
    sender: null,
    turnId,
    createdAt: now,
  }));
  for (const entry of entries) appendEntry(context.db, entry);
  deliver(context, row, turnId, said, restMs);
  context.db.run(`UPDATE session SET last_seq = last_seq + ?, active_at = ? WHERE id = ?`, entries.length, now, row.id);
  return entries.map((entry) => ({ ...entry, reason: null, follows: null, sentAt: now }));
}

function deliver(
  context: Context,
  row: SessionRow,
  turnId: string,
  said: readonly ResultEntry[],
  restMs: number,
): void {
  const streamed = openDeliveryOf(context, turnId);
  const sent = said
    .map(({ role, pieces }, index) => ({ role, pieces, seq: row.last_seq + 1 + index }))
    .filter(({ pieces }) => pieces.length > 0);
  const pieces = (streamed === undefined ? sent : streamedFirst(sent)).flatMap((entry) =>
    entry.pieces.map((text, index) => ({ seq: entry.seq, piece: index + 1, text })),
  );
  if (streamed !== undefined) {
    const posted = pieces.shift();
    if (posted === undefined) closeStreamed(context, streamed);
    else streamInto(context, streamed, { ...posted, restMs });
  }
  for (const piece of pieces) {
    insertDelivery(context, { ...piece, to: row, sessionId: row.id, turnId, state: "pending" });
  }
}

/** What was streamed has been posted already: the rest of its entry follows it, or the entry would come apart. */
function streamedFirst<T extends Pick<ResultEntry, "role">>(sent: readonly T[]): readonly T[] {
  const first = sent.find(({ role }) => role === "assistant") ?? sent[0];
  return first === undefined ? [] : [first, ...sent.filter((entry) => entry !== first)];
}
