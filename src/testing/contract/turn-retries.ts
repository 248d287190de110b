import assert from "node:assert/strict";
import { groupByTurn } from "../../core/transcript.ts";
import type { Turn } from "../../core/turn.ts";
import type { Store } from "../../store/store.ts";
import { sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { answer, claim, claimNext, HOUR, LEASE_MS, resultOf, say, transcriptOf } from "./steps.ts";

const HERE = { source: sourceOf() };

/** Someone says it, and its turn is given up. */
async function die(store: Store, ...texts: readonly string[]): Promise<Turn> {
  for (const text of texts) await say(store, text);
  const turn = await claim(store);
  assert.equal(await giveUp(store, turn), "dead");
  return turn;
}

function giveUp(store: Store, { lease }: Turn): Promise<"retrying" | "dead" | "lost"> {
  return store.failTurn(lease, { reason: "broken", retryAt: null, notice: "sorry", pieces: [] });
}

async function retry(store: Store, { lease }: Turn): Promise<string> {
  const retried = await store.retryTurn(lease.turnId);
  assert.ok(retried.outcome === "retried", `a dead turn must be retried; was ${retried.outcome}`);
  return retried.turnId;
}

/** Dead turns that are answered again by hand: I19, I21, I22, I26. */
export function turnRetries(contract: Contract): void {
  contract.states("I21 retry: a new turn answers exactly the messages of the dead one", async ({ store, clock }) => {
    const dead = await die(store, "one", "two");
    await say(store, "three");
    clock.advance(HOUR);
    const outcome = await store.retryTurn(dead.lease.turnId);
    assert.ok(outcome.outcome === "retried", outcome.outcome);
    assert.equal(outcome.messages, 2);
    assert.notEqual(outcome.turnId, dead.lease.turnId);
    const turn = await claim(store);
    assert.equal(turn.lease.turnId, outcome.turnId);
    assert.deepEqual(
      turn.messages.map(({ seq, text, state }) => [seq, text, state]),
      [
        [1, "one", "running"],
        [2, "two", "running"],
      ],
    );
    assert.deepEqual([turn.attempt, turn.first, turn.byHand, turn.startedAt], [1, false, true, clock.now()]);
    assert.ok(turn.lease.fence > dead.lease.fence);
    await store.commitTurn(turn.lease, resultOf("to one and two"));
    const next = await answer(store, "to three");
    assert.deepEqual([next.messages.map(({ text }) => text), next.byHand], [["three"], false]);
  });

  contract.states("I26 retry: its messages are answered, and the answer stands behind them", async ({ store }) => {
    const dead = await die(store, "one");
    await say(store, "two");
    await answer(store, "to two");
    await retry(store, dead);
    const { lease } = await answer(store, "to one");
    const entries = await transcriptOf(store, lease.sessionId);
    assert.deepEqual(
      entries.map(({ seq, state }) => [seq, state]),
      [
        [1, "answered"],
        [2, "said"],
        [3, "answered"],
        [4, "said"],
        [5, "said"],
      ],
    );
    assert.deepEqual(
      groupByTurn(entries).map(({ text }) => text),
      ["one", "to one", "sorry", "two", "to two"],
    );
    const reply = await store.reader.reply(lease.sessionId, 1);
    assert.deepEqual(
      reply?.entries.map(({ text }) => text),
      ["to one"],
    );
    assert.equal((await store.reader.stats()).turns.dead, 1);
  });

  contract.states("I21 retry: asked for twice, also at once, there is one", async ({ store }) => {
    const { lease } = await die(store, "one");
    const asked = await Promise.all([1, 2, 3].map(() => store.retryTurn(lease.turnId)));
    assert.deepEqual(asked.map(({ outcome }) => outcome).toSorted(), ["duplicate", "duplicate", "retried"]);
    assert.equal(new Set(asked.map((it) => ("turnId" in it ? it.turnId : ""))).size, 1);
    await answer(store, "to one");
    assert.equal(await claimNext(store), null);
    assert.equal((await store.retryTurn(lease.turnId)).outcome, "duplicate");
    assert.equal(await claimNext(store), null);
  });

  contract.states("I21 retry: one that dies too can be retried, with the same messages", async ({ store }) => {
    const dead = await die(store, "one");
    await retry(store, dead);
    const again = await claim(store);
    assert.equal(await giveUp(store, again), "dead");
    assert.equal((await store.retryTurn(dead.lease.turnId)).outcome, "duplicate");
    const third = await retry(store, again);
    const turn = await answer(store, "at last");
    assert.deepEqual([turn.lease.turnId, turn.messages.map(({ text }) => text)], [third, ["one"]]);
  });

  contract.states(
    "I22 retry: not while another turn of the session runs, or is between attempts",
    async ({ store, clock }) => {
      const dead = await die(store, "one");
      await say(store, "two");
      const { lease } = await claim(store);
      const busy = { outcome: "busy", turnId: lease.turnId };
      assert.deepEqual(await store.retryTurn(dead.lease.turnId), busy);
      await store.failTurn(lease, { reason: "x", retryAt: clock.now() + HOUR, notice: "", pieces: [] });
      assert.deepEqual(await store.retryTurn(dead.lease.turnId), busy);
      await store.cancelTurn(HERE);
      await retry(store, dead);
    },
  );

  contract.states("I20 retry: a command that comes again does not retry another turn", async ({ store }) => {
    const [older, newer] = [await die(store, "one"), await die(store, "two")];
    const command = { source: sourceOf(), eventId: "retry-1" };
    assert.equal((await store.retryTurn(newer.lease.turnId, command)).outcome, "retried");
    const again = { outcome: "duplicate", turnId: null };
    assert.deepEqual(await store.retryTurn(older.lease.turnId, command), again);
    await answer(store, "to two");
    assert.deepEqual(await store.retryTurn(older.lease.turnId, command), again);
    assert.equal(await claimNext(store), null);
    const retriedBy = async ({ lease }: Turn) => (await store.reader.turn(lease.turnId))?.retriedBy ?? null;
    assert.notEqual(await retriedBy(newer), null);
    assert.equal(await retriedBy(older), null);
  });

  contract.states("I20 retry: of a conversation it is the last dead turn, for one command once", async ({ store }) => {
    const [older, newer] = [await die(store, "one"), await die(store, "two")];
    const command = { source: sourceOf(), eventId: "retry-1" };
    const last = await store.retryTurn(HERE, command);
    assert.equal(last.outcome, "retried");
    assert.equal((await answer(store, "to two")).messages[0]?.text, "two");
    assert.deepEqual(await store.retryTurn(HERE, command), { outcome: "duplicate", turnId: null });
    assert.equal((await store.retryTurn(HERE)).outcome, "retried");
    await answer(store, "to one");
    assert.deepEqual(await store.retryTurn(HERE), { outcome: "missing" });
    assert.deepEqual(await store.retryTurn(HERE, command), { outcome: "duplicate", turnId: null });
    for (const { lease } of [older, newer]) assert.equal((await store.retryTurn(lease.turnId)).outcome, "duplicate");
  });

  contract.states("I20 retry: a command that came while another turn ran does not act later", async ({ store }) => {
    const dead = await die(store, "one");
    await say(store, "two");
    const { lease } = await claim(store);
    const command = { source: sourceOf(), eventId: "retry-1" };
    assert.deepEqual(await store.retryTurn(dead.lease.turnId, command), { outcome: "busy", turnId: lease.turnId });
    await store.commitTurn(lease, resultOf("to two"));
    assert.deepEqual(await store.retryTurn(dead.lease.turnId, command), { outcome: "duplicate", turnId: null });
    assert.equal(await claimNext(store), null);
  });

  contract.states("I22 retry: nobody can be late for it", async ({ store, clock }) => {
    const dead = await die(store, "one");
    await retry(store, dead);
    assert.deepEqual(await store.commitTurn(dead.lease, resultOf("late")), { outcome: "lost" });
    const stale = await claim(store, "node-a");
    clock.advance(LEASE_MS);
    const { lease, attempt } = await claim(store, "node-b");
    assert.equal(attempt, 2);
    assert.deepEqual(await store.commitTurn(stale.lease, resultOf("late")), { outcome: "lost" });
    assert.equal((await store.commitTurn(lease, resultOf("fresh"))).outcome, "committed");
  });

  contract.states("I14 retry: not in a life that is over", async ({ store }) => {
    const dead = await die(store, "one");
    await store.reset(HERE);
    assert.deepEqual(await store.retryTurn(dead.lease.turnId), { outcome: "ended", sessionId: dead.lease.sessionId });
    assert.equal(await claimNext(store), null);
  });

  contract.states("I17 retry: nothing that was erased comes back", async ({ store }) => {
    const { lease } = await die(store, "one");
    await store.erase(lease.sessionId);
    assert.deepEqual(await store.retryTurn(lease.turnId), { outcome: "missing" });
    assert.deepEqual(await store.retryTurn("trn_none"), { outcome: "missing" });
    assert.equal(await store.reader.turn(lease.turnId), null);
  });

  contract.states("I21 retry: only of a turn that is dead", async ({ store }) => {
    await say(store, "one");
    const { lease } = await claim(store);
    assert.deepEqual(await store.retryTurn(lease.turnId), { outcome: "unfit", state: "running" });
    await store.commitTurn(lease, resultOf("to one"));
    assert.deepEqual(await store.retryTurn(lease.turnId), { outcome: "unfit", state: "done" });
    await say(store, "two");
    const second = await claim(store);
    await store.cancelTurn(HERE);
    assert.deepEqual(await store.retryTurn(second.lease.turnId), { outcome: "unfit", state: "cancelled" });
  });

  contract.states("I26 retry: what was asked for by hand can be cancelled", async ({ store }) => {
    const dead = await die(store, "one");
    const turnId = await retry(store, dead);
    await say(store, "two");
    assert.deepEqual(await store.cancelTurn({ turnId }), {
      outcome: "cancelled",
      turnId,
      messages: 2,
      answering: 1,
      waiting: 1,
    });
    assert.equal(await claimNext(store), null);
  });

  contract.states("I26 cancel: by the id of a turn, no later one is met", async ({ store }) => {
    await say(store, "one");
    const { lease } = await answer(store, "to one");
    await say(store, "two");
    const running = await claim(store);
    assert.deepEqual(await store.cancelTurn({ turnId: lease.turnId }), { outcome: "idle" });
    assert.deepEqual(await store.cancelTurn({ turnId: "trn_none" }), { outcome: "missing" });
    assert.equal((await store.commitTurn(running.lease, resultOf("to two"))).outcome, "committed");
  });

  contract.states("I24 retry: it is due at once, also in another process", async ({ store, clock }) => {
    const dead = await die(store, "one");
    assert.equal((await store.reader.nextDue()).turn, null);
    await retry(store, dead);
    assert.equal((await store.reader.nextDue()).turn, clock.now());
  });
}
