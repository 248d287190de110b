import type { Agent } from "../agent/agent.ts";
import type { InboundEvent } from "../core/event.ts";
import type { Session } from "../core/session.ts";
import type { Source } from "../core/source.ts";
import type { InboxOutcome } from "../inbox/inbox.ts";
import type { ReplyState, StoreReader } from "../store/reader.ts";
import type { QuestionStore } from "../store/question-store.ts";
import type { SessionStore } from "../store/store.ts";
import type { TelemetryCounts } from "../telemetry/create-telemetry.ts";
import type { LivePart } from "../turn/live.ts";
import type { EventFeed } from "./event-feed.ts";

/** What the HTTP interface needs from the rest of the gateway. */
export interface GatewayPorts {
  /** Who answers; the first one where nobody else is named. */
  readonly agents: readonly Agent[];
  /** Who answers a session of this source. */
  agentFor(source: Source): Agent;
  /** See `Inbox.receive`. */
  receive(event: InboundEvent): Promise<InboxOutcome>;
  /** See `Inbox.look`. */
  look(source: Source): Promise<Session>;
  readonly sessions: Pick<SessionStore, "reset" | "update" | "erase"> & Pick<QuestionStore, "answerQuestion">;
  readonly reader: Pick<
    StoreReader,
    | "get"
    | "list"
    | "glance"
    | "transcript"
    | "received"
    | "reply"
    | "search"
    | "stats"
    | "entryDeliveries"
    | "question"
    | "openQuestion"
  >;
  /** Null when there is no final answer within `timeoutMs`; rejects when the signal is aborted. */
  awaitReply(
    sessionId: string,
    seq: number,
    wait: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<ReplyState | null>;
  /** Calls the listener with what the session's turns say; the returned function ends that. */
  listen(sessionId: string, listener: (part: LivePart) => void): () => void;
  readonly events: Pick<EventFeed, "open">;
  /** Whether there is a hook of this name whose secret signed these headers and this body. */
  verifyHook(hook: string, headers: Pick<Headers, "get">, rawBody: string): boolean;
  /** The metrics in the Prometheus text format. */
  metrics(): Promise<string>;
  /** What this process has counted since its start. */
  counts(): TelemetryCounts;
  /** Whether the store answers. That the disk is full shows at the next message alone. */
  isReady(): Promise<boolean>;
  /** A fault that no caller can be told the cause of. */
  onFault(error: unknown): void;
}
