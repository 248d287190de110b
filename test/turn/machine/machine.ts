/**
 * Several nodes over one store, an agent that does as it is told, and what can happen to them. A referee
 * looks at every answer of the store and at every run.
 */
import assert from "node:assert/strict";
import { setImmediate as nextTick } from "node:timers/promises";
import { AgentError } from "../../../src/agent/agent.ts";
import type { Source } from "../../../src/core/source.ts";
import type { Entry } from "../../../src/core/transcript.ts";
import type { Lease, Turn } from "../../../src/core/turn.ts";
import type { Store } from "../../../src/store/store.ts";
import { callStore, type StoreCall } from "../../../src/testing/forwarding-store.ts";
import type { ManualClock } from "../../../src/testing/manual-clock.ts";
import { messageOf, sourceOf } from "../../../src/testing/sources.ts";
import { OPTIONS } from "../turn-setup.ts";
import type { ControlledRun } from "./controlled-agent.ts";
import { type Halted, MachineNode, UNAVAILABLE } from "./machine-node.ts";
import { Referee } from "./referee.ts";
import { LEASE_MS, MAX_AGE_MS, MAX_ATTEMPTS, MAX_MESSAGES, MAX_WAITING, MODES, PEOPLE } from "./scene.ts";
import type { TransitionCounter } from "./transitions.ts";

const NODES = 2;
/** After so many steps of a lease in which every agent answers at once, what still waits was lost. */
const PATIENCE = 200;

export type Ending = "finish" | "retry" | "refuse" | "quota";

export interface MachineOptions {
  readonly store: Store;
  readonly clock: ManualClock;
  readonly transitions: TransitionCounter;
  /** Makes the people of this machine others than those of the machines before it. */
  readonly name: string;
  /** How many turns run at once on a node. */
  readonly concurrency: number;
}

export class Machine {
  readonly #store: Store;
  readonly #clock: ManualClock;
  readonly #transitions: TransitionCounter;
  readonly #name: string;
  readonly #concurrency: number;
  readonly #nodes: MachineNode[] = [];
  readonly #referee = new Referee();
  #messages = 0;
  #inFlight = 0;
  #started = 0;

  constructor({ store, clock, transitions, name, concurrency }: MachineOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#transitions = transitions;
    this.#name = name;
    this.#concurrency = concurrency;
    for (let node = 0; node < NODES; node += 1) this.#startNode();
  }

  /** Two people for each mode. */
  sourceOf(person: number): Source {
    const platform = MODES[person % MODES.length] ?? "collect";
    return sourceOf({ platform, user: `${this.#name} ${Math.floor(person / MODES.length)}` });
  }

  /** Somebody speaks; `node`: who hears it. Another process may have: then nobody here does. */
  async say(person: number, node: number | null, ageMs: number): Promise<void> {
    const source = this.sourceOf(person);
    const waiting = (await this.#entriesOf(source)).filter(({ state }) => state === "waiting").length;
    const sentAt = this.#clock.now() - ageMs;
    const outcome = await this.#call({
      verb: "accept",
      args: [{ ...messageOf(`said ${(this.#messages += 1)}`, { source }), sentAt }],
    });
    const { outcome: result, ...accepted } = outcome as Awaited<ReturnType<Store["accept"]>>;
    assert.equal(result, waiting >= MAX_WAITING ? "full" : "accepted");
    if (!("session" in accepted)) return;
    this.#referee.said(accepted.session.id, accepted.seq);
    if (node === null) return;
    this.#up(node)?.runner.newer(accepted.session.id);
    await this.settle();
  }

  /** A run of the agent says something, and may end. `rests`: nothing else happens before all of it has come about. */
  async act(run: number, ending: Ending | null, rests: boolean): Promise<void> {
    const active = this.#active();
    const acting = active[run % Math.max(1, active.length)];
    if (acting === undefined) return;
    acting.say(`${acting.turn.turnId}/${acting.turn.attempt}: ${acting.text.length} `);
    if (ending === "finish") acting.finish();
    if (ending === "retry") acting.fail(new AgentError("It is down.", { retryable: true }));
    if (ending === "refuse") acting.fail(new AgentError("It refuses.", { retryable: false }));
    if (ending === "quota") acting.fail(new AgentError("Too many.", { retryable: true, retryAfterMs: 45_000 }));
    if (rests) await this.settle();
    // As far as the store, and no further.
    else await Promise.resolve();
  }

  async wait(ms: number): Promise<void> {
    // In steps, as time passes: what a timer sets off is over before the next one is due.
    const takenBack = this.#active().filter((run) => this.#referee.isTakenBack(run));
    const endsAt = this.#clock.now() + ms;
    const stepMs = Math.max(500, ms / 40);
    while (this.#clock.now() < endsAt) {
      this.#clock.advance(Math.min(stepMs, endsAt - this.#clock.now()));
      await this.settle();
    }
    if (ms >= LEASE_MS)
      assert.ok(
        takenBack.every(({ isOver }) => isOver),
        "a run that was taken back ends with its lease",
      );
  }

  async cancel(person: number, node: number): Promise<void> {
    const source = this.sourceOf(person);
    const outcome = await this.#up(node)?.runner.cancel({ source });
    if (outcome?.outcome === "cancelled") this.#referee.takenBack(await this.#entriesOf(source), outcome.messages);
    await this.settle();
  }

  async reset(person: number, node: number): Promise<void> {
    const source = this.sourceOf(person);
    const outcome = (await this.#call({ verb: "reset", args: [{ source }] })) as Awaited<ReturnType<Store["reset"]>>;
    if (outcome.outcome === "reset") {
      const { id } = outcome.ended;
      await this.#transitions.look(this.#store, id);
      const entries = (await this.#store.reader.transcript(id, { limit: 200 })).items;
      this.#referee.takenBack(entries, outcome.cancelled);
      this.#up(node)?.runner.abandon(id);
    }
    await this.settle();
  }

  /** Has the newest dead turn of a conversation answered after all. */
  async retryDead(person: number): Promise<void> {
    await this.#call({ verb: "retryTurn", args: [{ source: this.sourceOf(person) }] });
    for (const node of this.#nodes) if (node.state === "up") node.runner.wake();
    await this.settle();
  }

  halt(node: number, state: Halted): void {
    this.#up(node)?.halt(state);
  }

  async thaw(): Promise<void> {
    for (const node of this.#nodes) node.thaw();
    await this.settle();
  }

  /** Ends a node without a word and starts another; `isKnown`: which notices at once whose leases nobody holds. */
  async kill(node: number, isKnown: boolean): Promise<void> {
    const killed = this.#running()[node % NODES];
    if (killed === undefined) return;
    killed.kill();
    if (isKnown) await this.#call({ verb: "releaseNode", args: [killed.name] });
    this.#startNode();
    await this.settle();
  }

  async drain(node: number, drainMs: number): Promise<void> {
    const drained = this.#up(node);
    if (drained === undefined) return;
    let isStopped = false;
    const stopping = drained.runner.stop({ drainMs }).then(() => (isStopped = true));
    for (let step = 0; !isStopped && step < PATIENCE; step += 1) {
      await this.settle();
      if (!isStopped) this.#clock.advance(500);
    }
    assert.ok(isStopped, "a node that is drained must stop");
    await stopping;
    drained.state = "stopped";
    this.#startNode();
    await this.settle();
  }

  /** Lets everything come to its end, with agents that answer at once, and looks at what was made of it. */
  async end(): Promise<void> {
    await this.thaw();
    for (let step = 0; step < PATIENCE && (await this.#isBusy()); step += 1) {
      await this.#answerAll();
      if (await this.#isBusy()) await this.wait(1_000 * 2 ** Math.min(step, 6));
    }
    await this.#answerAll();
    this.#referee.throwViolation();
    assert.ok(!(await this.#isBusy()), "in the end nothing may wait or run");
    for (const sessionId of this.#referee.sessions) await this.#referee.assertSession(this.#store.reader, sessionId);
  }

  /** Lets go of the nodes. */
  async close(): Promise<void> {
    for (const node of this.#nodes) node.kill();
    await this.settle();
  }

  /** Lets everything go on that needs no time to pass. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 4; quiet = this.#inFlight > 0 ? 0 : quiet + 1) await nextTick();
    this.#referee.check(() => this.#referee.assertOneRunEach(this.#active()));
    this.#referee.throwViolation();
  }

  #startNode(): void {
    this.#started += 1;
    const node = new MachineNode({
      name: `${this.#name}-${this.#started}`,
      clock: this.#clock,
      options: {
        ...OPTIONS,
        concurrency: this.#concurrency,
        leaseMs: LEASE_MS,
        maxAttempts: MAX_ATTEMPTS,
        maxAgeMs: MAX_AGE_MS,
        maxMessages: MAX_MESSAGES,
      },
      call: (call) => this.#call(call),
      onStart: (run) => this.#referee.check(() => this.#referee.started(run)),
      onFault: (error) => {
        this.#referee.check(() => {
          if (!(error instanceof AgentError) && error !== UNAVAILABLE) throw error;
        });
      },
    });
    this.#nodes.push(node);
  }

  async #call(call: StoreCall): Promise<unknown> {
    this.#inFlight += 1;
    try {
      const answer = await callStore(this.#store, call);
      await this.#seen(call, answer);
      return answer;
    } finally {
      this.#inFlight -= 1;
    }
  }

  async #seen({ verb, args }: StoreCall, answer: unknown): Promise<void> {
    if (verb === "claimTurn" && answer !== null) {
      const turn = answer as Turn;
      this.#referee.check(() => this.#referee.claimed(turn, this.#clock.now()));
      await this.#transitions.look(this.#store, turn.session.id);
    } else if (verb === "accept") {
      const { session } = answer as { readonly session?: { readonly id: string } };
      if (session !== undefined) await this.#transitions.look(this.#store, session.id);
    } else if (verb === "commitTurn" || verb === "failTurn" || verb === "interruptTurn") {
      const lease = args[0] as Lease;
      this.#referee.check(() => this.#referee.ended(lease, answer));
      await this.#transitions.look(this.#store, lease.sessionId);
    } else if (verb === "cancelTurn" || verb === "retryTurn") {
      for (const id of this.#referee.sessions) await this.#transitions.look(this.#store, id);
    }
  }

  async #answerAll(): Promise<void> {
    for (let round = 0; round < PATIENCE; round += 1) {
      const active = this.#active();
      if (active.length === 0) return;
      for (const run of active) {
        run.say("at last");
        run.finish();
      }
      await this.settle();
    }
  }

  async #isBusy(): Promise<boolean> {
    for (let person = 0; person < PEOPLE; person += 1) {
      if ((await this.#unanswered(this.sourceOf(person))).length > 0) return true;
    }
    return false;
  }

  async #entriesOf(source: Source): Promise<readonly Entry[]> {
    const { id, persisted } = await this.#store.getOrCreate(source);
    return persisted ? (await this.#store.reader.transcript(id, { limit: 200 })).items : [];
  }

  async #unanswered(source: Source): Promise<readonly Entry[]> {
    return (await this.#entriesOf(source)).filter(({ state }) => state === "waiting" || state === "running");
  }

  #active(): readonly ControlledRun[] {
    return this.#nodes.flatMap((node) => node.active);
  }

  #running(): readonly MachineNode[] {
    return this.#nodes.filter(({ state }) => state !== "dead" && state !== "stopped");
  }

  #up(node: number): MachineNode | undefined {
    const up = this.#nodes.filter(({ state }) => state === "up");
    return up[node % Math.max(1, up.length)];
  }
}
