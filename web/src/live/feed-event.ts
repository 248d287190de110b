/** What `GET /api/events` sends. */
import type { SessionView } from "../api/views.ts";

export interface LifecycleEvent {
  readonly name: "session:start" | "session:update" | "session:end" | "session:erase" | "turn:start" | "turn:end";
  readonly sessionId: string;
  /** As it is stored now; null when it was erased. */
  readonly session: SessionView | null;
}

export type ReplyEvent =
  | {
      readonly name: "reply:start";
      readonly sessionId: string;
      readonly turnId: string;
      readonly attempt: number;
      readonly seqs: readonly number[];
    }
  | { readonly name: "reply:text"; readonly sessionId: string; readonly turnId: string; readonly text: string }
  | {
      readonly name: "reply:tool";
      readonly sessionId: string;
      readonly turnId: string;
      readonly index: number;
      /** What the tool is called: `name` is the event's own. */
      readonly tool: string;
      readonly state: "started" | "finished" | "failed";
    }
  | { readonly name: "reply:question" | "reply:answer"; readonly sessionId: string; readonly turnId: string }
  | { readonly name: "reply:end"; readonly sessionId: string; readonly turnId: string; readonly outcome: string };

export type FeedEvent =
  /** From here on nothing is missed. What is shown may be older, so it is loaded again. */
  | { readonly name: "open" | "gap" }
  | { readonly name: "message:accept"; readonly sessionId: string; readonly seq: number }
  | LifecycleEvent
  | ReplyEvent;

/** The names that are listened to; `cut` is the connection's own affair. */
export const FEED_NAMES: readonly FeedEvent["name"][] = [
  "open",
  "gap",
  "message:accept",
  "session:start",
  "session:update",
  "session:end",
  "session:erase",
  "turn:start",
  "turn:end",
  "reply:start",
  "reply:text",
  "reply:tool",
  "reply:question",
  "reply:answer",
  "reply:end",
];

/** An event of the stream from its name and its data. */
export function feedEvent(name: FeedEvent["name"], data: string): FeedEvent {
  const fields = JSON.parse(data) as Record<string, unknown>;
  const tool = name === "reply:tool" ? { tool: fields["name"] } : {};
  return { ...fields, ...tool, name } as FeedEvent;
}
