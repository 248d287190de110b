import { describe, it } from "node:test";
import fc from "fast-check";
import assert from "node:assert/strict";
import { openSqliteStore } from "../../../src/sqlite.ts";
import type { Store } from "../../../src/store/store.ts";
import { createManualClock, type ManualClock } from "../../../src/testing/manual-clock.ts";
import { type Ending, Machine } from "./machine.ts";
import type { Halted } from "./machine-node.ts";
import { BUSY, LEASE_MS, MAX_AGE_MS, MODES, PEOPLE } from "./scene.ts";
import { createTransitionCounter, EXPECTED_TRANSITIONS } from "./transitions.ts";

const RUNS = 10_000;
const MOVES_AT_MOST = 20;
/** A store serves so many runs: each brings people of its own. */
const RUNS_OF_A_STORE = 250;

type Move = (machine: Machine) => Promise<void> | void;

/** A move with a name, for the report of a run that fails. */
function move<Args extends readonly unknown[]>(
  name: string,
  args: fc.Arbitrary<Args>,
  play: (machine: Machine, ...given: Args) => Promise<void> | void,
): fc.Arbitrary<{ readonly play: Move; readonly toString: () => string }> {
  return args.map((given) => ({
    play: (machine) => play(machine, ...given),
    toString: () => `${name}(${given.map(String).join(", ")})`,
    [fc.toStringMethod]: () => `${name}(${given.map(String).join(", ")})`,
  }));
}

/** Mostly one of three, so that much happens in one session. */
const person = fc.oneof(
  { arbitrary: fc.nat({ max: MODES.length - 1 }), weight: 4 },
  { arbitrary: fc.nat({ max: PEOPLE - 1 }), weight: 1 },
);
const node = fc.nat({ max: 1 });
const hears = fc.option(node, { freq: 5 });
const age = fc.constantFrom(0, 0, 0, 0, 2 * MAX_AGE_MS);
const ending = fc.constantFrom<Ending | null>(null, "finish", "finish", "finish", "retry", "refuse", "quota");
const rests = fc.boolean();
const halted = fc.constantFrom<Halted>("frozen", "cut off", "failing");
const span = fc.constantFrom(100, 1_000, 3_000, LEASE_MS / 3, LEASE_MS, 2 * LEASE_MS, 2 * MAX_AGE_MS);

const says = move("say", fc.tuple(person, hears, age), (machine, ...args) => machine.say(...args));
const acts = move("act", fc.tuple(fc.nat({ max: 5 }), ending, rests), (machine, ...args) => machine.act(...args));
const waits = move("wait", fc.tuple(span), (machine, ms) => machine.wait(ms));

/** So few that some have to wait, or enough for all. */
const concurrencies = fc.constantFrom(1, 4);

/** What happens most is drawn most often. */
const moves = fc.array(
  fc.oneof(
    { arbitrary: says, weight: 8 },
    { arbitrary: acts, weight: 8 },
    { arbitrary: waits, weight: 4 },
    { arbitrary: move("cancel", fc.tuple(person, node), (machine, ...args) => machine.cancel(...args)), weight: 1 },
    { arbitrary: move("reset", fc.tuple(person, node), (machine, ...args) => machine.reset(...args)), weight: 1 },
    { arbitrary: move("retryDead", fc.tuple(person), (machine, who) => machine.retryDead(who)), weight: 2 },
    { arbitrary: move("halt", fc.tuple(node, halted), (machine, ...args) => machine.halt(...args)), weight: 2 },
    { arbitrary: move("thaw", fc.tuple(), (machine) => machine.thaw()), weight: 1 },
    { arbitrary: move("kill", fc.tuple(node, fc.boolean()), (machine, ...args) => machine.kill(...args)), weight: 1 },
    {
      arbitrary: move("drain", fc.tuple(node, fc.constantFrom(0, 5_000)), (machine, ...args) => machine.drain(...args)),
      weight: 1,
    },
  ),
  { maxLength: MOVES_AT_MOST, size: "max" },
);

void describe("the turn machine", () => {
  void it(`loses, doubles and reorders nothing in ${RUNS.toLocaleString("en")} random runs on two nodes`, async (test) => {
    const transitions = createTransitionCounter();
    let played = 0;
    let shared: { readonly store: Store; readonly clock: ManualClock } | null = null;

    const letGo = async (): Promise<void> => {
      await shared?.store[Symbol.asyncDispose]();
      shared = null;
      transitions.forget();
    };

    const run = fc.asyncProperty(moves, concurrencies, async (drawn, concurrency) => {
      if (played % RUNS_OF_A_STORE === 0) await letGo();
      played += 1;
      shared ??= await open();
      const machine = new Machine({ ...shared, transitions, name: `person-${played}`, concurrency });
      try {
        for (const { play } of drawn) await play(machine);
        await machine.end();
      } catch (error) {
        // What it has left half done is no other run's.
        played += RUNS_OF_A_STORE - (played % RUNS_OF_A_STORE);
        throw error;
      } finally {
        await machine.close();
      }
    });

    await fc.assert(run, { numRuns: RUNS });
    await letGo();
    const lines = [...transitions.counts]
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([name, count]) => `${name}: ${count}`);
    test.diagnostic(["how often each transition was seen:", ...lines].join("\n  "));
    const missing = EXPECTED_TRANSITIONS.filter((name) => !transitions.counts.has(name));
    assert.deepEqual(missing, [], "every transition must have been seen");
  });
});

async function open(): Promise<{ readonly store: Store; readonly clock: ManualClock }> {
  const clock = createManualClock(Date.UTC(2026, 0, 5, 12));
  return { store: await openSqliteStore({ path: ":memory:", clock, busy: BUSY }), clock };
}
