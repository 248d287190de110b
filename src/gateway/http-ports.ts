import type { EventFeed } from "../http/event-feed.ts";
import type { GatewayPorts } from "../http/gateway-ports.ts";
import type { Inbox } from "../inbox/inbox.ts";
import type { Clock } from "../lib/clock.ts";
import type { Store } from "../store/store.ts";
import type { MeasuredTelemetry } from "../telemetry/create-telemetry.ts";
import type { Live } from "../turn/live.ts";
import { awaitReply } from "../turn/reply.ts";
import type { Agents } from "./agents.ts";
import type { SessionVerbs } from "./session-verbs.ts";
import type { Webhooks } from "./webhooks.ts";

export interface HttpRooms {
  readonly agents: Agents;
  readonly store: Store;
  readonly inbox: Inbox;
  readonly sessions: SessionVerbs;
  readonly live: Live;
  readonly events: EventFeed;
  readonly telemetry: MeasuredTelemetry;
  readonly webhooks: Webhooks;
  readonly clock: Clock;
}

/** What the HTTP interface is given of the other rooms. */
export function createHttpPorts({
  agents,
  store,
  inbox,
  sessions,
  live,
  events,
  telemetry,
  webhooks,
  clock,
}: HttpRooms): GatewayPorts {
  const { reader } = store;
  return {
    agents: agents.all,
    agentFor: agents.agentFor,
    receive: inbox.receive,
    look: inbox.look,
    sessions,
    reader,
    awaitReply: (sessionId, seq, wait) => awaitReply({ reader, live, clock }, sessionId, seq, wait),
    listen: live.listen,
    events,
    verifyHook: webhooks.verifyHook,
    metrics: () => telemetry.metrics(() => reader.backlog()),
    counts: telemetry.counts,
    isReady: () =>
      reader.nextDue().then(
        () => true,
        () => false,
      ),
    onFault: (error) => telemetry.faulted({ where: "http", error }),
  };
}
