/**
 * The whole, put together: read it as a table of contents.
 *
 *     created ──start──▶ running ──stop──▶ draining ──▶ stopped
 *
 * Start: the store, the rooms of a message's way, the port, then the loops; what a dead process of this
 * machine has left half done is taken up at once. Stop: nothing new is taken, what runs may end within
 * the drain time, the rest is handed back, the store is closed last.
 */
import { createAccess } from "../access/access.ts";
import { OWN_PLATFORMS } from "../access/own-platforms.ts";
import type { Agent } from "../agent/agent.ts";
import { createCommands } from "../command/commands.ts";
import type { Config } from "../config/config.ts";
import { isLoopback } from "../config/loopback.ts";
import { ParlorError } from "../core/errors.ts";
import type { InboundEvent } from "../core/event.ts";
import { createHooks } from "../hook/hooks.ts";
import { type App, createApp } from "../http/app.ts";
import { createEventFeed } from "../http/event-feed.ts";
import { BUILT_PAGE } from "../http/page-files.ts";
import { openServer } from "../http/server.ts";
import { createInbox } from "../inbox/inbox.ts";
import type { InboxOutcome } from "../inbox/inbox.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import { createOutbox } from "../outbox/outbox.ts";
import type { Store } from "../store/store.ts";
import { createTelemetry, type MeasuredTelemetry } from "../telemetry/create-telemetry.ts";
import { type Log, createLog } from "../telemetry/log.ts";
import { createLive } from "../turn/live.ts";
import type { Drained } from "../telemetry/telemetry.ts";
import { createTurnRunner } from "../turn/turn-runner.ts";
import { type Agents, createAgents } from "./agents.ts";
import { createAgent } from "./create-agent.ts";
import { drain } from "./drain.ts";
import { createHttpPorts } from "./http-ports.ts";
import { createNodeName } from "./node-name.ts";
import { openStore } from "./open-store.ts";
import { traced } from "./traced-receive.ts";
import { createPlatformFiles, type PlatformFiles } from "./platform-files.ts";
import { createPlatforms } from "./platforms.ts";
import { createSessionVerbs } from "./session-verbs.ts";
import { createSweeper } from "./sweeper.ts";
import { takeOver } from "./take-over.ts";
import { TRANSCRIPT_LIMIT } from "./turn-defaults.ts";
import { VERSION } from "./version.ts";
import { createWebhooks } from "./webhooks.ts";

/** How replies are sent. */
const OUTBOX = { leaseMs: 30_000, concurrency: 16, maxAttempts: 10, backoff: { firstMs: 1_000, maxMs: 300_000 } };
/** What a gateway leaves that never ran. */
const NOTHING_LEFT: Drained = { finishedTurns: 0, leftTurns: [], doubtfulDeliveries: [], waiting: null };

export interface GatewayOptions {
  /** Default: the store of the configuration, opened at the start and closed at the end. */
  readonly store?: Store;
  /** Default: lines of JSON on the standard error stream. */
  readonly log?: Log;
  readonly clock?: Clock;
  /** The folder of the built page; null: none is served. Default: the page of the package. */
  readonly page?: URL | string | null;
}

export interface Started {
  /** Where it listens. */
  readonly url: string;
  /** For people: the chat platforms it is on, such as `telegram @parlor_bot`. */
  readonly platforms: readonly string[];
}

export interface Gateway extends AsyncDisposable {
  /** Who answers where no route says otherwise. */
  readonly agent: Agent;
  /**
   * Opens the store, listens and begins to take turns.
   *
   * @throws ParlorError `START_FAILED` when the port cannot be had or a platform does not know its token, or
   * what the store throws; nothing stays open then.
   */
  start(): Promise<Started>;
  /** Hands over an event as a platform does. Only between start and stop. */
  receive(event: InboundEvent): Promise<InboxOutcome>;
  /** Answers a request without the port. Only between start and stop. */
  fetch(request: Request): Promise<Response>;
  /** Drains and closes, and says what it has left. Later calls wait for the first. */
  stop(): Promise<Drained>;
}

/** What there is before the start. */
interface Made {
  readonly config: Config;
  readonly agents: Agents;
  readonly files: PlatformFiles;
  readonly log: Log;
  readonly clock: Clock;
  readonly telemetry: MeasuredTelemetry;
}

interface Running extends Started {
  readonly app: App;
  readonly receive: (event: InboundEvent) => Promise<InboxOutcome>;
  readonly stop: () => Promise<Drained>;
}

export function createGateway(config: Config, options: GatewayOptions = {}): Gateway {
  const log = options.log ?? createLog({ level: config.logLevel });
  const clock = options.clock ?? systemClock;
  const telemetry = createTelemetry({ log, clock });
  const files = createPlatformFiles();
  const agents = createAgents(config, {
    create: (agent) => createAgent(agent, log, { mcp: config.mcp, fetchFromPlatform: files.fetch }),
    clock,
    onFault: (error) => telemetry.faulted({ where: "agent", error }),
  });
  let starting: Promise<Running> | undefined;
  let stopping: Promise<Drained> | undefined;

  const running = (): Promise<Running> => {
    if (starting === undefined || stopping !== undefined) {
      return Promise.reject(
        new ParlorError("STORE_UNAVAILABLE", "The gateway is not running; call start() first.", { retryable: true }),
      );
    }
    return starting;
  };
  const stop = async (): Promise<Drained> => {
    const started = starting === undefined ? undefined : await starting.catch(() => undefined);
    if (started !== undefined) return await started.stop();
    await agents.close();
    return NOTHING_LEFT;
  };

  return {
    agent: agents.default,
    start: async () => {
      if (starting === undefined && stopping !== undefined) {
        throw new ParlorError("START_FAILED", "The gateway was stopped before it was started; create another one.");
      }
      starting ??= run({ config, agents, files, log, clock, telemetry }, options);
      const { url, platforms } = await starting;
      return { url, platforms };
    },
    receive: async (event) => (await running()).receive(event),
    fetch: async (request) => (await running()).app.fetch(request),
    stop: () => (stopping ??= stop()),
    [Symbol.asyncDispose]: async () => void (await (stopping ??= stop())),
  };
}

async function run({ config, agents, files, log, clock, telemetry }: Made, options: GatewayOptions): Promise<Running> {
  const resources = new AsyncDisposableStack();
  try {
    const node = createNodeName();
    const store = options.store ?? resources.use(await openStore(config, clock));
    const webhooks = createWebhooks(config, clock);
    const faulted = (where: string) => (error: unknown) => telemetry.faulted({ where, error });
    resources.defer(agents.close);

    const live = createLive({ onFault: faulted("live") });
    const hooks = createHooks({
      events: store,
      reader: store.reader,
      handlers: config.hooks,
      clock,
      onSettled: telemetry.hookSettled,
      onFault: faulted("hook"),
    });
    const platforms = await createPlatforms({
      config,
      webhook: webhooks.platform,
      store,
      receive: (event) => receive(event),
      live,
      clock,
      node,
      onFault: (where, error) => telemetry.faulted({ where, error }),
      onAdded: () => outbox.wake(),
      onStandby: (duty) => log.info(duty, "standing by: another gateway takes the messages of this platform"),
      onLost: telemetry.leaseLost,
      onTaken: (duty) => log.info(duty, "taking the messages of this platform, which another gateway took before"),
    });
    files.connect(platforms);
    const closing = new AbortController();
    const events = createEventFeed({
      reader: store.reader,
      live,
      clock,
      closing: closing.signal,
      onFault: faulted("events"),
    });
    const changed = (): void => {
      hooks.wake();
      events.wake();
    };
    const outbox = createOutbox({ store, platforms: platforms.senders, telemetry, clock, node, options: OUTBOX });
    const turns = createTurnRunner({
      store,
      agentFor: agents.agentFor,
      live,
      telemetry,
      clock,
      node,
      pieces: platforms.pieces,
      streaming: platforms.streaming,
      options: { ...config.turn, transcriptLimit: TRANSCRIPT_LIMIT, hasRetryCommand: true },
      // A store that was handed over has policies of its own.
      ...(options.store === undefined ? { busy: config.busy } : {}),
      onCommitted: () => {
        outbox.wake();
        changed();
      },
    });
    const sessions = createSessionVerbs({ store, turns, telemetry, onChanged: changed });
    const inbox = createInbox({
      store,
      commands: createCommands({ store: { ...store, ...sessions }, cancel: sessions.cancel, retry: sessions.retry }),
      questions: { answerQuestion: sessions.answerQuestion, reader: store.reader },
      access: createAccess({ store, clock, options: { ...config.access, open: OWN_PLATFORMS } }),
      telemetry,
      scope: config.scope,
      onAccepted: (sessionId, seq) => {
        turns.newer(sessionId);
        hooks.wake();
        events.accepted(sessionId, seq);
      },
    });
    const receive = traced(inbox.receive, telemetry);
    const sweeper = createSweeper({ store, clock, onFault: faulted("sweep") });

    const { host, port, drainMs, allowedHosts, bodyLimitBytes, requestTimeoutMs } = config.server;
    const app = createApp(
      createHttpPorts({
        agents,
        store,
        inbox: { ...inbox, receive },
        sessions,
        live,
        events,
        telemetry,
        webhooks,
        clock,
      }),
      {
        version: VERSION,
        token: config.token?.reveal() ?? null,
        // Elsewhere than on loopback the token guards, and a load balancer may call this machine anything.
        hosts: isLoopback(host) || allowedHosts.length > 0 ? [host, ...allowedHosts] : null,
        demoHook: isLoopback(host),
        maxBodyBytes: bodyLimitBytes,
        closing: closing.signal,
        clock,
        page: options.page === undefined ? BUILT_PAGE : options.page,
      },
    );

    await takeOver(store);
    // Before the port: what the first message makes true is told to hooks, too.
    resources.defer(() => hooks.stop({ drainMs: 0 }));
    await hooks.start();
    const server = resources.use(await openServer(app, { host, port, requestTimeoutMs, onFault: faulted("http") }));
    turns.start();
    outbox.start();
    sweeper.start();
    platforms.start();
    telemetry.started({ node, agents: agents.all.map(({ name }) => name) });

    const parts = { server, platforms, turns, hooks, outbox, sweeper, closing, resources, reader: store.reader, clock };
    const stop = async (): Promise<Drained> => {
      const drained = await drain({ ...parts, onFault: faulted("stop") }, drainMs);
      telemetry.stopped(drained);
      return drained;
    };
    return { url: server.url, platforms: platforms.labels, app, receive, stop };
  } catch (error) {
    await resources.disposeAsync();
    // Where there was no store yet.
    await agents.close();
    throw error;
  }
}
