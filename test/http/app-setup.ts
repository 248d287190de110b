import assert from "node:assert/strict";
import type { Agent } from "../../src/agent/agent.ts";
import { DEFAULT_BUSY } from "../../src/core/busy-policy.ts";
import { createCommands } from "../../src/command/commands.ts";
import { createApp } from "../../src/http/app.ts";
import type { App, AppOptions } from "../../src/http/app.ts";
import { createEventFeed } from "../../src/http/event-feed.ts";
import type { EventFeed, EventFeedOptions } from "../../src/http/event-feed.ts";
import type { GatewayPorts } from "../../src/http/gateway-ports.ts";
import type { Bindings } from "../../src/http/peer.ts";
import { createInbox } from "../../src/inbox/inbox.ts";
import { verifyWebhook } from "../../src/lib/webhook-signature.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import type { Store } from "../../src/store/store.ts";
import { createFakeAgent } from "../../src/testing/fake-agent.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import type { ManualClock } from "../../src/testing/manual-clock.ts";
import { createLive } from "../../src/turn/live.ts";
import type { Live } from "../../src/turn/live.ts";
import { awaitReply } from "../../src/turn/reply.ts";
import type { Body } from "./body.ts";

export const START_MS = 1_790_000_000_000;

/** The secret of the one signed hook, `crm`. */
export const HOOK_SECRET: string = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;

export interface Answered<T = Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface AppUnderTest extends AsyncDisposable {
  readonly app: App;
  readonly store: Store;
  readonly live: Live;
  readonly events: EventFeed;
  readonly clock: ManualClock;
  readonly faults: readonly unknown[];
  /** How many reads of a draft were counted. */
  readonly avoided: ReadonlySet<string>;
  call<T = Body>(method: string, path: string, init?: CallInit): Promise<Answered<T>>;
  fetch(method: string, path: string, init?: CallInit): Promise<Response>;
  /** Answers whatever waits longest, as a turn would. */
  answer(text: string, pieces?: readonly string[]): Promise<void>;
}

export interface CallInit {
  /** Sent as JSON; a string or bytes as they are. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly bindings?: Bindings;
}

export interface AppSetup extends Partial<AppOptions> {
  readonly feed?: Partial<EventFeedOptions>;
  /** Who answers calls without a session. Default: a fake agent that says `ok`. */
  readonly agent?: Agent;
  /** How many messages may wait in a session. Default: 100. */
  readonly maxSessionWaiting?: number;
  readonly ports?: (ports: GatewayPorts) => Partial<GatewayPorts>;
}

/** An app on a store in memory, with the real inbox, commands and live parts, and no agent. */
export async function openApp(setup: AppSetup = {}): Promise<AppUnderTest> {
  const { ports: change, feed, agent = createFakeAgent(), maxSessionWaiting: maxWaiting = 100, ...options } = setup;
  const clock = createManualClock(START_MS);
  const busy = { default: { ...DEFAULT_BUSY, maxWaiting } };
  const store = await openSqliteStore({ path: ":memory:", clock, busy });
  const faults: unknown[] = [];
  const avoided = new Set<string>();
  const live = createLive({ onFault: (error) => void faults.push(error) });
  const events = createEventFeed({
    reader: store.reader,
    live,
    clock,
    closing: options.closing ?? new AbortController().signal,
    onFault: (error) => void faults.push(error),
    ...feed,
  });
  const inbox = createInbox({
    store,
    commands: createCommands({ store, cancel: store.cancelTurn, retry: store.retryTurn }),
    telemetry: {
      inbound: () => {},
      emptySessionAvoided: (key) => void avoided.add(key),
      isCountedAvoided: (key) => avoided.has(key),
      sessionOpened: () => {},
    },
    onAccepted: (sessionId, seq) => events.accepted(sessionId, seq),
  });
  const ports: GatewayPorts = {
    agents: [agent],
    agentFor: () => agent,
    receive: (event) => inbox.receive(event),
    look: (source) => inbox.look(source),
    sessions: store,
    reader: store.reader,
    awaitReply: (sessionId, seq, wait) => awaitReply({ reader: store.reader, live, clock }, sessionId, seq, wait),
    listen: (sessionId, listener) => live.listen(sessionId, listener),
    verifyHook: (hook, headers, rawBody) =>
      hook === "crm" && verifyWebhook(HOOK_SECRET, headers, rawBody, clock.now()).outcome === "verified",
    events,
    counts: () => ({
      received: { signal: 0, duplicate: 0, rejected: 0, command: 0, failed: 0, accepted: 0 },
      emptySessionsAvoided: avoided.size,
    }),
    metrics: () => Promise.resolve("parlor_up 1\n"),
    isReady: () => Promise.resolve(true),
    onFault: (error) => void faults.push(error),
  };
  const app = createApp({ ...ports, ...change?.(ports) }, { version: "1.2.3", clock, ...options });

  const send = async (method: string, path: string, init: CallInit = {}): Promise<Response> => {
    const { body, headers, signal, bindings } = init;
    const isRaw = body === undefined || typeof body === "string" || body instanceof Uint8Array;
    const request = new Request(`http://localhost${path}`, {
      method,
      headers: { ...(isRaw ? {} : { "content-type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: isRaw ? (body as string) : JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    return app.fetch(request, bindings);
  };

  return {
    app,
    store,
    live,
    events,
    clock,
    faults,
    avoided,
    fetch: send,
    call: async <T>(method: string, path: string, init?: CallInit) => {
      const response = await send(method, path, init);
      const text = await response.text();
      const isJson = /json/.test(response.headers.get("content-type") ?? "");
      return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as T };
    },
    answer: async (text, pieces = [text]) => {
      const turn = await store.claimTurn({ node: "n", leaseMs: 60_000, maxMessages: 10, maxAgeMs: 0 });
      assert.ok(turn !== null);
      const { turnId, sessionId } = turn.lease;
      live.publish(sessionId, { type: "start", turnId, attempt: 1, seqs: turn.messages.map(({ seq }) => seq) });
      for (const piece of pieces) live.publish(sessionId, { type: "text", turnId, text: piece });
      await store.commitTurn(turn.lease, { entries: [{ role: "assistant", text, pieces: [] }] });
      live.publish(sessionId, { type: "end", turnId, outcome: "done" });
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

/** Asserts that the answer is this problem. */
export function assertProblem({ status, headers, body }: Answered, expected: number, name: string): void {
  assert.deepEqual([status, body.type], [expected, `urn:parlor:problem:${name}`]);
  assert.equal(headers.get("content-type"), "application/problem+json");
  assert.equal(body.status, expected);
}
