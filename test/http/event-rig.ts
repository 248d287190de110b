/** What happens in tests of live events. */
import assert from "node:assert/strict";
import { settle } from "../turn/eventually.ts";
import type { AppUnderTest } from "./app-setup.ts";
import type { OpenStream } from "./event-stream.ts";

/** Says something in a chat and tells the id of the session. Default: as `ada` in the chat `tea`. */
export async function say(
  under: AppUnderTest,
  text: string,
  { chat = "tea", from = "ada" }: { readonly chat?: string; readonly from?: string } = {},
): Promise<string> {
  const { status, body } = await under.call("POST", `/api/chats/${chat}/messages`, { body: { from, text } });
  assert.equal(status, 202);
  return body.session;
}

/** Lets a step of the feed begin and end. */
export async function step(under: AppUnderTest): Promise<void> {
  under.events.wake();
  under.clock.advance(40);
  await settle();
}

export interface BegunTurn {
  readonly turnId: string;
  readonly sessionId: string;
  readonly hear: (text: string) => void;
  /** Another attempt: what was heard before counts no more. */
  readonly again: () => void;
  readonly end: (text: string) => Promise<void>;
}

/** Claims the turn that waits longest, and begins it as a runner does; null when none waits. */
export async function tryBegin(under: AppUnderTest): Promise<BegunTurn | null> {
  const turn = await under.store.claimTurn({ node: "n", leaseMs: 3_600_000, maxMessages: 10, maxAgeMs: 0 });
  if (turn === null) return null;
  const { turnId, sessionId } = turn.lease;
  const seqs = turn.messages.map(({ seq }) => seq);
  const start = (attempt: number): void => under.live.publish(sessionId, { type: "start", turnId, attempt, seqs });
  start(1);
  return {
    turnId,
    sessionId,
    hear: (text) => under.live.publish(sessionId, { type: "text", turnId, text }),
    again: () => start(2),
    end: async (text) => {
      const { outcome } = await under.store.commitTurn(turn.lease, {
        entries: [{ role: "assistant", text, pieces: [] }],
      });
      under.live.publish(sessionId, { type: "end", turnId, outcome: outcome === "committed" ? "done" : "lost" });
    },
  };
}

export async function begin(under: AppUnderTest): Promise<BegunTurn> {
  const begun = await tryBegin(under);
  assert.ok(begun !== null);
  return begun;
}

/** The names of what has arrived. */
export function names({ events }: Pick<OpenStream, "events">): readonly string[] {
  return events.map(({ event }) => event);
}

/** The ids of the stored events that have arrived, in that order. */
export function storedIds({ events }: Pick<OpenStream, "events">): readonly number[] {
  return events.flatMap(({ id, event }) => (id === null || event === "open" || event === "gap" ? [] : [id]));
}

/** What a client shows of the replies that are being made: by turn. */
export function shownReplies({ events }: Pick<OpenStream, "events">): ReadonlyMap<string, string> {
  const shown = new Map<string, string>();
  for (const { event, data } of events) {
    const turnId = String(data["turnId"]);
    if (event === "open") shown.clear();
    else if (event === "reply:start") shown.set(turnId, "");
    else if (event === "reply:end") shown.delete(turnId);
    else if (event === "reply:text") {
      const before = shown.get(turnId);
      assert.ok(before !== undefined, "text follows the start of its reply");
      shown.set(turnId, before + String(data["text"]));
    }
  }
  return shown;
}
