import assert from "node:assert/strict";
import { hostname } from "node:os";
import { describe, it } from "node:test";
import { ParlorError } from "../../src/core/errors.ts";
import { createNodeName } from "../../src/gateway/node-name.ts";
import { createSoleDuty, type SoleDuty } from "../../src/gateway/sole-duty.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import type { LeaseStore } from "../../src/store/lease-store.ts";
import type { Store } from "../../src/store/store.ts";
import { createManualClock, type ManualClock } from "../../src/testing/manual-clock.ts";
import { eventually, settle } from "../turn/eventually.ts";

const LEASE_MS = 30_000;
const NAME = "telegram:1";

interface Rig extends AsyncDisposable {
  readonly store: Store;
  readonly clock: ManualClock;
  /** What has happened, in order. */
  readonly log: readonly string[];
  duty(label: string, overrides?: Partial<LeaseStore>): SoleDuty;
}

async function setUp(): Promise<Rig> {
  const clock = createManualClock(Date.UTC(2026, 2, 2));
  const store = await openSqliteStore({ path: ":memory:", clock });
  const log: string[] = [];
  const duties: SoleDuty[] = [];
  return {
    store,
    clock,
    log,
    duty: (label, overrides = {}) => {
      const duty = createSoleDuty({
        store: { ...store, ...overrides },
        name: NAME,
        node: createNodeName(),
        leaseMs: LEASE_MS,
        clock,
        begin: () => log.push(`${label} begins`),
        end: (why) => Promise.resolve(void log.push(`${label} ends: ${why}`)),
        onStandby: () => log.push(`${label} stands by`),
        onTaken: () => log.push(`${label} takes over`),
        onLost: () => log.push(`${label} has lost it`),
        onFault: () => log.push(`${label} fails`),
      });
      duties.push(duty);
      return duty;
    },
    [Symbol.asyncDispose]: async () => {
      const stopped = Promise.all(duties.map((duty) => duty.stop()));
      clock.advance(LEASE_MS);
      await stopped;
      await store[Symbol.asyncDispose]();
    },
  };
}

/** Time passes in steps that a look and a renewal fit into. */
async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 1_000) {
    clock.advance(Math.min(1_000, left));
    await settle();
  }
}

describe("what only one gateway may do", () => {
  it("I31 is done by one, while the other one stands by, for as long as it lives", async () => {
    await using rig = await setUp();
    rig.duty("one").start();
    await eventually(() => rig.log.length === 1);
    rig.duty("two").start();
    await pass(rig.clock, 3 * LEASE_MS);
    assert.deepEqual(rig.log, ["one begins", "two stands by"]);
  });

  it("I31 is taken over when the first one stops, which gives its lease back", async () => {
    await using rig = await setUp();
    const one = rig.duty("one");
    one.start();
    await eventually(() => rig.log.length === 1);
    rig.duty("two").start();
    await eventually(() => rig.log.length === 2);
    await one.stop();
    await pass(rig.clock, 1_000);
    assert.deepEqual(rig.log.slice(2), ["one ends: stopped", "two takes over", "two begins"]);
  });

  it("I31 is taken over at once from a process that is known to be dead", async () => {
    await using rig = await setUp();
    // No process has this id.
    const dead = `${hostname()}/${2 ** 30}/node_dead`;
    await rig.store.acquireLease({ name: NAME, holder: dead, leaseMs: LEASE_MS });
    rig.duty("two").start();
    await eventually(() => rig.log.includes("two begins"));
    assert.deepEqual(rig.log, ["two stands by", "two takes over", "two begins"]);
  });

  it("I31 is taken over from a silent process of another machine when its lease has run out", async () => {
    await using rig = await setUp();
    await rig.store.acquireLease({ name: NAME, holder: "elsewhere/1/node_silent", leaseMs: LEASE_MS });
    rig.duty("two").start();
    await pass(rig.clock, LEASE_MS - 1_000);
    assert.deepEqual(rig.log, ["two stands by"]);
    await pass(rig.clock, 2_000);
    assert.deepEqual(rig.log.slice(1), ["two takes over", "two begins"]);
  });

  it("I31 ends when the store says that another process has it, and is asked for again", async () => {
    await using rig = await setUp();
    rig.duty("one").start();
    await eventually(() => rig.log.length === 1);
    const [node = ""] = await rig.store.leaseholders();
    await rig.store.releaseNode(node);
    const other = await rig.store.acquireLease({ name: NAME, holder: "elsewhere/1/node_x", leaseMs: LEASE_MS });
    assert.equal(other.outcome, "acquired");
    await pass(rig.clock, LEASE_MS / 3 + 1_000);
    assert.deepEqual(rig.log.slice(1), ["one has lost it", "one ends: ousted", "one stands by"]);
    await pass(rig.clock, LEASE_MS);
    assert.deepEqual(rig.log.slice(4), ["one takes over", "one begins"]);
  });

  it("I31 ends before its lease does when the store cannot be written", async () => {
    await using rig = await setUp();
    const broken = (): Promise<never> =>
      Promise.reject(new ParlorError("STORE_UNAVAILABLE", "It is gone.", { retryable: true }));
    rig.duty("one", { renewNamedLease: broken }).start();
    await eventually(() => rig.log.length === 1);
    await pass(rig.clock, LEASE_MS - 2_000);
    assert.ok(rig.log.includes("one ends: ousted"), "its own clock says so");
  });

  it("I31 is asked for again when the store could not be reached at first", async () => {
    await using rig = await setUp();
    let failures = 2;
    const acquireLease: LeaseStore["acquireLease"] = (request) =>
      failures-- > 0
        ? Promise.reject(new ParlorError("STORE_UNAVAILABLE", "It is gone.", { retryable: true }))
        : rig.store.acquireLease(request);
    rig.duty("one", { acquireLease }).start();
    await pass(rig.clock, 3_000);
    assert.deepEqual(rig.log, ["one fails", "one fails", "one begins"]);
  });
});
