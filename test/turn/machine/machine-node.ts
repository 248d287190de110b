/**
 * One process of the machine, as far as a test can be several: a turn runner whose store and clock can be
 * taken away.
 *
 *     up ──freeze──▶ frozen ──thaw──▶ up       SIGSTOP: nothing moves, the time passes
 *     up ──cut──▶ cut off ──thaw──▶ up         the store does not answer; its agents go on
 *     up ──break──▶ failing ──thaw──▶ up       every other call of the store throws, done or not
 *     up, frozen, cut off, failing ──kill──▶ dead       SIGKILL: also between a commit and its answer
 *     up ──drain──▶ stopped                    SIGTERM
 */
import { ParlorError } from "../../../src/core/errors.ts";
import type { Clock } from "../../../src/lib/clock.ts";
import type { Store } from "../../../src/store/store.ts";
import { forwardingStore, type StoreCall } from "../../../src/testing/forwarding-store.ts";
import { createLive } from "../../../src/turn/live.ts";
import { createTurnRunner, type TurnOptions, type TurnRunner } from "../../../src/turn/turn-runner.ts";
import { createRecordingTelemetry } from "../recording-telemetry.ts";
import { type ControlledRun, createControlledAgent } from "./controlled-agent.ts";

export interface NodeDeps {
  readonly name: string;
  readonly clock: Clock;
  readonly options: TurnOptions;
  /** Makes a call of the store. */
  readonly call: (call: StoreCall) => Promise<unknown>;
  readonly onStart: (run: ControlledRun) => void;
  readonly onFault: (error: unknown) => void;
}

export type Halted = "frozen" | "cut off" | "failing";

/** What a store that fails throws. */
export const UNAVAILABLE: ParlorError = new ParlorError("STORE_UNAVAILABLE", "The disk is full.", { retryable: true });

const NEVER = new Promise<never>(() => {});

export class MachineNode {
  readonly name: string;
  readonly runner: TurnRunner;
  readonly store: Store;
  readonly runs: ControlledRun[] = [];
  state: "up" | Halted | "dead" | "stopped" = "up";
  #failing = 0;
  #thawed = Promise.withResolvers<void>();
  /** Timers that fell due while it was frozen. */
  readonly #overdue: (() => void)[] = [];

  constructor({ name, clock, options, call, onStart, onFault }: NodeDeps) {
    this.name = name;
    this.store = forwardingStore(
      async (asked) => {
        await this.#passage();
        const turn = this.state === "failing" ? (this.#failing += 1) % 4 : 0;
        if (turn === 1) throw UNAVAILABLE;
        const answer = await call(asked);
        await this.#passage();
        if (turn === 3) throw UNAVAILABLE;
        return answer;
      },
      () => Promise.resolve(),
    );
    const own: Clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      timer: (delayMs, run) => clock.timer(delayMs, () => this.#ring(run)),
    };
    const agent = createControlledAgent((run) => {
      this.runs.push(run);
      onStart(run);
    });
    const telemetry = {
      ...createRecordingTelemetry(),
      faulted: ({ error }: { readonly error: unknown }) => onFault(error),
    };
    this.runner = createTurnRunner({
      store: this.store,
      agentFor: () => agent,
      live: createLive({ onFault }),
      telemetry,
      clock: own,
      node: name,
      pieces: () => [],
      options,
    });
    this.runner.start();
  }

  /** The runs that can still be told something. */
  get active(): readonly ControlledRun[] {
    return ["up", "cut off", "failing"].includes(this.state) ? this.runs.filter(({ isOver }) => !isOver) : [];
  }

  /** Takes the store away, and with `frozen` everything else too. */
  halt(state: Halted): void {
    if (this.state !== "up") return;
    this.state = state;
    this.#thawed = Promise.withResolvers();
  }

  thaw(): void {
    if (this.state === "up" || this.state === "dead" || this.state === "stopped") return;
    this.state = "up";
    this.#thawed.resolve();
    for (const run of this.#overdue.splice(0)) run();
  }

  kill(): void {
    this.state = "dead";
  }

  #ring(run: () => void): void {
    if (this.state === "frozen") this.#overdue.push(run);
    else if (this.state !== "dead") run();
  }

  async #passage(): Promise<void> {
    while (this.state === "frozen" || this.state === "cut off") await this.#thawed.promise;
    if (this.state === "dead") await NEVER;
  }
}
