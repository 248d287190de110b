/**
 * Replies that are being written, as the parts that are streamed say.
 *
 *     reply:start ──▶ writing ──reply:end, connection lost──▶ settling ──transcript loaded──▶ gone
 *                     ▲  │                                       │
 *                     │  └──reply:end, to be tried again──▶ retrying ──answered, cancelled──▶ gone
 *                     └──────────────reply:start─────────────────┘
 *
 * What counts in the end is the transcript: a settling reply stays in sight only until it has been loaded,
 * and a retrying one as long as its messages wait there.
 */
import type { EntryView } from "../api/views.ts";
import type { ReplyEvent } from "../live/feed-event.ts";

export interface LiveTool {
  readonly index: number;
  readonly name: string;
  readonly state: "started" | "finished" | "failed";
}

export interface LiveReply {
  readonly turnId: string;
  readonly attempt: number;
  readonly seqs: readonly number[];
  readonly text: string;
  readonly tools: readonly LiveTool[];
  /** Whether it has asked something, which the transcript shows before the reply. */
  readonly hasAsked: boolean;
  readonly state: "writing" | "retrying" | "settling";
}

export type LiveReplies = readonly LiveReply[];

export function applyReply(replies: LiveReplies, event: ReplyEvent): LiveReplies {
  const { turnId } = event;
  if (event.name === "reply:start") {
    const { attempt, seqs } = event;
    const others = replies.filter((reply) => reply.turnId !== turnId);
    return [...others, { turnId, attempt, seqs, text: "", tools: [], hasAsked: false, state: "writing" }];
  }
  return replies.map((reply) => (reply.turnId === turnId ? withPart(reply, event) : reply));
}

function withPart(reply: LiveReply, event: Exclude<ReplyEvent, { name: "reply:start" }>): LiveReply {
  switch (event.name) {
    case "reply:text":
      return { ...reply, text: reply.text + event.text };
    case "reply:tool": {
      const { index, tool, state } = event;
      const others = reply.tools.filter((other) => other.index !== index);
      return { ...reply, tools: [...others, { index, name: tool, state }].toSorted((a, b) => a.index - b.index) };
    }
    case "reply:question":
    case "reply:answer":
      return { ...reply, hasAsked: true };
    case "reply:end":
      return { ...reply, state: event.outcome === "retrying" ? "retrying" : "settling" };
  }
}

/** After a connection was lost: what still runs is started again on the new one. */
export function settleAll(replies: LiveReplies): LiveReplies {
  return replies.map((reply) => (reply.state === "settling" ? reply : { ...reply, state: "settling" }));
}

/** Without what the transcript has overtaken. `asked` are the replies when it was asked for. */
export function dropSettled(
  replies: LiveReplies,
  asked: LiveReplies,
  entries: readonly Pick<EntryView, "seq" | "state">[],
): LiveReplies {
  const open = new Set(entries.filter(({ state }) => state === "waiting" || state === "running").map(({ seq }) => seq));
  const isOver = (reply: LiveReply): boolean =>
    reply.state === "settling" || (reply.state === "retrying" && !reply.seqs.some((seq) => open.has(seq)));
  const left = replies.filter((reply) => !(asked.includes(reply) && isOver(reply)));
  return left.length === replies.length ? replies : left;
}

/** Without what the transcript holds already, so that nothing is shown twice. */
export function unstoredReplies(
  replies: LiveReplies,
  entries: readonly Pick<EntryView, "role" | "turn">[],
): LiveReplies {
  const turnsOf = (...roles: readonly EntryView["role"][]): ReadonlySet<string | null> =>
    new Set(entries.filter(({ role }) => roles.includes(role)).map(({ turn }) => turn));
  const [answered, noted] = [turnsOf("assistant"), turnsOf("assistant", "notice")];
  return replies.filter(({ turnId, hasAsked }) => !(hasAsked ? answered : noted).has(turnId));
}
