/**
 * The end of a running gateway. At once nothing new is taken; what runs may end within the drain time, and the rest
 * is handed back. The drain time is one for all; those who wait for a reply get a little more, to hear of it.
 */
import type { Hooks } from "../hook/hooks.ts";
import type { HttpServer } from "../http/server.ts";
import type { Clock } from "../lib/clock.ts";
import { keepAlive } from "../lib/keep-alive.ts";
import type { Loop } from "../lib/loop.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { StoreReader } from "../store/reader.ts";
import type { Drained } from "../telemetry/telemetry.ts";
import type { TurnRunner } from "../turn/turn-runner.ts";
import type { Platforms } from "./platforms.ts";

export interface DrainDeps {
  readonly server: HttpServer;
  readonly platforms: Pick<Platforms, "stop">;
  readonly turns: Pick<TurnRunner, "stop">;
  readonly hooks: Pick<Hooks, "stop">;
  readonly outbox: Pick<Outbox, "stop">;
  readonly sweeper: Pick<Loop, "stop">;
  /** Ends the streams of those who listen. */
  readonly closing: AbortController;
  /** Disposed of last; the store may be one of them. */
  readonly resources: AsyncDisposable;
  readonly reader: Pick<StoreReader, "backlog">;
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
}

/** How long, after the drain time, those who wait for a reply have to hear that it will come later. */
const LAST_ANSWERS_MS = 3_000;

/** Ends everything and says what is left. */
export async function drain(deps: DrainDeps, drainMs: number): Promise<Drained> {
  const { server, platforms, turns, hooks, outbox, sweeper, closing, resources, reader, clock, onFault } = deps;
  // With the port closed nothing else would: timers here do not keep a process alive.
  using _alive = keepAlive();
  const endsAt = clock.monotonic() + drainMs;
  const closed = server.close(drainMs + LAST_ANSWERS_MS);
  const quiet = platforms.stop();
  const { finished, left: leftTurns } = await turns.stop({ drainMs });
  closing.abort();
  const left = { drainMs: Math.max(0, endsAt - clock.monotonic()) };
  const ends = [hooks.stop(left), sweeper.stop(), closed, quiet];
  const [doubtfulDeliveries] = await Promise.all([outbox.stop(left), ...ends]);
  const waiting = await whatWaits(reader).catch(onFault);
  await resources[Symbol.asyncDispose]();
  return { finishedTurns: finished, leftTurns, doubtfulDeliveries, waiting: waiting ?? null };
}

async function whatWaits(reader: DrainDeps["reader"]): Promise<Drained["waiting"]> {
  const { waiting, deliveries, events } = await reader.backlog();
  return { messages: waiting, deliveries, events };
}
