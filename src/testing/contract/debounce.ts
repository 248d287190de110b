import assert from "node:assert/strict";
import { sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { answer, busy, claim, claimNext, LEASE_MS, MINUTE, resultOf, say, SECOND, textsOf } from "./steps.ts";

const HERE = { source: sourceOf() };

/** What waits until nobody writes any more: I15, I21, I26. */
export function debounce(contract: Contract): void {
  const patient = contract.given(busy({ debounceMs: 2 * SECOND }));

  patient.states("I21 debounce: a turn begins when nobody has written for so long", async ({ store, clock }) => {
    await say(store, "one");
    clock.advance(2 * SECOND - 1);
    assert.equal(await claimNext(store), null);
    await say(store, "two");
    assert.equal((await store.reader.nextDue()).turn, clock.now() + 2 * SECOND);
    clock.advance(2 * SECOND - 1);
    assert.equal(await claimNext(store), null);
    clock.advance(1);
    assert.deepEqual(textsOf((await claim(store)).messages), ["one", "two"]);
  });

  patient.states("I21 debounce: nobody holds it up for more than ten times its length", async ({ store, clock }) => {
    const startedAt = clock.now();
    for (let n = 0; n < 14; n++) {
      clock.advanceTo(startedAt + n * 1.5 * SECOND);
      await say(store, `message ${n}`);
    }
    assert.equal((await store.reader.nextDue()).turn, startedAt + 20 * SECOND);
    assert.equal(await claimNext(store), null);
    clock.advanceTo(startedAt + 20 * SECOND);
    assert.equal((await claim(store, "node-a", 20)).messages.length, 14);
  });

  patient.states(
    "I21 debounce: a session that is due keeps its place, whoever goes on writing",
    async ({ store, clock }) => {
      await say(store, "one");
      clock.advance(SECOND);
      await say(store, "hello", { source: sourceOf({ user: "bob" }) });
      // Nobody has time for either.
      for (let n = 0; n < 30; n++) {
        clock.advance(SECOND);
        await say(store, `and ${n}`);
      }
      assert.equal((await claim(store)).messages[0]?.text, "one");
    },
  );

  patient.states("I21 debounce: another session is not put off by it", async ({ store, clock }) => {
    await say(store, "one");
    clock.advance(SECOND);
    await say(store, "hello", { source: sourceOf({ user: "bob" }) });
    clock.advance(SECOND);
    assert.deepEqual(textsOf((await claim(store)).messages), ["one"]);
    assert.equal(await claimNext(store), null);
  });

  patient.states("I21 debounce: it counts for what came while a turn ran, too", async ({ store, clock }) => {
    await say(store, "one");
    clock.advance(2 * SECOND);
    const { lease } = await claim(store);
    clock.advance(10 * SECOND);
    await say(store, "two");
    clock.advance(SECOND);
    await store.commitTurn(lease, resultOf("to one"));
    assert.equal((await store.reader.nextDue()).turn, clock.now() + SECOND);
    assert.equal(await claimNext(store), null);
    clock.advance(SECOND);
    assert.deepEqual(textsOf((await claim(store)).messages), ["two"]);
  });

  patient.states("I21 debounce: what has waited long enough is due when the turn ends", async ({ store, clock }) => {
    await say(store, "one");
    clock.advance(2 * SECOND);
    const { lease } = await claim(store);
    await say(store, "two");
    clock.advance(2 * SECOND);
    await store.commitTurn(lease, resultOf("to one"));
    assert.deepEqual(textsOf((await claim(store)).messages), ["two"]);
  });

  patient.states("I21 debounce: it does not move the end of a lease or of a back-off", async ({ store, clock }) => {
    await say(store, "one");
    clock.advance(2 * SECOND);
    const { lease } = await claim(store);
    await say(store, "two");
    assert.equal((await store.reader.nextDue()).turn, clock.now() + LEASE_MS);
    const retryAt = clock.now() + MINUTE;
    await store.failTurn(lease, { reason: "busy", retryAt, notice: "", pieces: [] });
    await say(store, "three");
    assert.equal((await store.reader.nextDue()).turn, retryAt);
    clock.advanceTo(retryAt);
    assert.deepEqual(textsOf((await claim(store)).messages), ["one"]);
    await store.releaseNode("node-a");
    assert.deepEqual(textsOf((await claim(store)).messages), ["one"]);
  });

  patient.states("I21 debounce: what is asked for by hand does not wait for it", async ({ store, clock }) => {
    await say(store, "one");
    clock.advance(2 * SECOND);
    const { lease } = await claim(store);
    await store.failTurn(lease, { reason: "x", retryAt: null, notice: "sorry", pieces: [] });
    await say(store, "two");
    await store.retryTurn(lease.turnId);
    await answer(store, "to one, after all");
    assert.equal((await store.reader.nextDue()).turn, clock.now() + 2 * SECOND);
  });

  patient.states("I26 cancel: the debounce is over with what waited", async ({ store, clock }) => {
    await say(store, "one");
    await store.cancelTurn(HERE);
    assert.equal((await store.reader.nextDue()).turn, null);
    clock.advance(SECOND);
    await say(store, "two");
    assert.equal((await store.reader.nextDue()).turn, clock.now() + 2 * SECOND);
    clock.advance(2 * SECOND);
    assert.deepEqual(textsOf((await claim(store)).messages), ["two"]);
  });

  patient.states("I21 debounce: sweeping does not cut it short", async ({ store, clock }) => {
    await say(store, "one");
    await store.sweep();
    assert.equal((await store.reader.nextDue()).turn, clock.now() + 2 * SECOND);
  });

  contract
    .given({ ...busy({ debounceMs: MINUTE }), reset: { default: { mode: "idle", idleMs: SECOND } } })
    .states(
      "I15 auto-reset: a life in which a message waits for the end of its debounce goes on",
      async ({ store, clock }) => {
        const { session } = await say(store, "one");
        clock.advance(30 * SECOND);
        assert.equal((await say(store, "two")).session.id, session.id);
      },
    );

  if (!contract.durable) return;
  patient.states(
    "I21 debounce: it survives a restart, and a restart begins no new one",
    async ({ store, clock, reopen }) => {
      await say(store, "one");
      clock.advance(SECOND);
      const again = await reopen();
      assert.equal((await again.reader.nextDue()).turn, clock.now() + SECOND);
      clock.advance(SECOND);
      assert.deepEqual(textsOf((await claim(again)).messages), ["one"]);
    },
  );
}
