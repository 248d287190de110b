import { ParlorError } from "../core/errors.ts";
import type { MessageState } from "../core/message.ts";
import type { Clock } from "../lib/clock.ts";
import { sleep } from "../lib/sleep.ts";
import type { ReplyState, StoreReader } from "../store/reader.ts";
import type { Live } from "./live.ts";

export interface ReplyWait {
  /** How long to wait, in milliseconds. */
  readonly timeoutMs: number;
  /** Ends the wait: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A turn on another node, or a command of another process, is noticed this late at most. */
const POLL_MS = 1_000;

const UNSETTLED: ReadonlySet<MessageState> = new Set(["waiting", "running"]);

/**
 * How a message stands once that no longer changes by itself: answered, cancelled, dead, or erased
 * (also when its entry is gone). Null when that takes longer than `timeoutMs`, or when the store could
 * not be read at the end of it.
 */
export async function awaitReply(
  deps: { readonly reader: Pick<StoreReader, "reply">; readonly live: Pick<Live, "listen">; readonly clock: Clock },
  sessionId: string,
  seq: number,
  { timeoutMs, signal }: ReplyWait,
): Promise<ReplyState | null> {
  const { reader, live, clock } = deps;
  const endsAt = clock.monotonic() + timeoutMs;
  let ended = new AbortController();
  const wake = (): void => ended.abort();
  // Listening begins before the first read, so that an end between the two is not missed.
  const stopListening = live.listen(sessionId, (part) => {
    if (part.type === "end") wake();
  });
  signal?.addEventListener("abort", wake);
  try {
    for (;;) {
      signal?.throwIfAborted();
      ended = new AbortController();
      const reply = await readReply(reader, sessionId, seq);
      signal?.throwIfAborted();
      if (reply !== null && !UNSETTLED.has(reply.state)) return reply;
      const leftMs = endsAt - clock.monotonic();
      if (leftMs <= 0) return null;
      await sleep(clock, Math.min(leftMs, POLL_MS), ended.signal);
    }
  } finally {
    stopListening();
    signal?.removeEventListener("abort", wake);
  }
}

/** Null while the store cannot be read: it is read again, and the message itself is stored and goes on. */
async function readReply(
  reader: Pick<StoreReader, "reply">,
  sessionId: string,
  seq: number,
): Promise<ReplyState | null> {
  try {
    return (await reader.reply(sessionId, seq)) ?? { state: "erased", entries: [], usage: null, endReason: null };
  } catch (error) {
    if (error instanceof ParlorError && error.retryable) return null;
    throw error;
  }
}
