import assert from "node:assert/strict";
import { messageOf, sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import {
  answer,
  claim,
  claimNext,
  drainEvents,
  LEASE_MS,
  resultOf,
  sentResultOf,
  say,
  stored,
  typesOf,
} from "./steps.ts";

/** What is erased stays erased: I3, I17. */
export function deletion(contract: Contract): void {
  contract.states(
    "I3 an id never changes meaning: stored, erased and never stored are three answers",
    async ({ store, clock }) => {
      const { session } = await say(store, "hello");
      assert.equal((await store.reader.get(session.id)).outcome, "found");
      assert.equal((await store.erase(session.id)).outcome, "erased");
      assert.deepEqual(await store.reader.get(session.id), { outcome: "gone", erasedAt: clock.now() });
      assert.deepEqual(await store.erase(session.id), { outcome: "gone" });
      for (const unknown of ["ses_00000000000000000000000000", "", "'; --", session.id.toUpperCase()]) {
        assert.deepEqual(await store.reader.get(unknown), { outcome: "missing" });
        assert.deepEqual(await store.erase(unknown), { outcome: "missing" });
        const ref = { sessionId: unknown };
        assert.deepEqual(await store.reset(ref), { outcome: "missing" });
        assert.deepEqual(await store.update(ref, { title: "x" }), { outcome: "missing" });
        assert.deepEqual(await store.cancelTurn(ref), { outcome: "missing" });
        assert.equal(await store.reader.reply(unknown, 1), null);
      }
    },
  );

  contract.states("I3 an id never changes meaning: epochs never repeat, whatever is erased", async ({ store }) => {
    const ids = new Set<string>();
    for (const epoch of [1, 2, 3]) {
      const draft = await store.getOrCreate(sourceOf());
      const { session } = await say(store, "hello");
      assert.deepEqual([draft.epoch, session.epoch, session.id], [epoch, epoch, draft.id]);
      ids.add(session.id);
      await store.erase(session.id);
    }
    assert.equal(ids.size, 3);
    await say(store, "hello");
    await store.reset({ source: sourceOf() });
    const fifth = await say(store, "hello");
    assert.equal(fifth.session.epoch, 5);
    for (const id of ids) assert.equal((await store.reader.get(id)).outcome, "gone");
  });

  contract.states(
    "I3 an id never changes meaning: erasing an ended life leaves the live one alone",
    async ({ store }) => {
      const first = await say(store, "hello");
      await store.reset({ source: sourceOf() });
      const second = await say(store, "hello again");
      assert.equal((await store.erase(first.session.id)).outcome, "erased");
      assert.deepEqual(await stored(store, second.session.id), second.session);
      assert.equal((await say(store, "more")).session.id, second.session.id);
    },
  );

  contract.states("I17 deletion is final: nothing of what was said can be read", async ({ store }) => {
    const { session } = await say(store, "my secret garden");
    await answer(store, "a secret answer", true);
    await store.update({ sessionId: session.id }, { title: "A secret title" });
    const outcome = await store.erase(session.id);
    assert.equal(outcome.outcome, "erased");
    assert.equal(await store.reader.reply(session.id, 1), null);
    assert.deepEqual((await store.reader.search({ text: "secret" })).items, []);
    assert.deepEqual((await store.reader.list()).items, []);
    assert.deepEqual(await store.takeDeliveries({ node: "node-a", leaseMs: LEASE_MS, limit: 10 }), []);
    const { sessions, entries } = await store.reader.stats();
    assert.deepEqual([sessions, entries], [0, 0]);
  });

  contract.states("I17 deletion is final: it says how many messages it took", async ({ store }) => {
    const { session } = await say(store, "one");
    await say(store, "two");
    await say(store, "elsewhere", { source: sourceOf({ user: "bob" }) });
    const outcome = await store.erase(session.id);
    assert.ok(outcome.outcome === "erased");
    assert.equal(outcome.messages, 2);
    assert.equal((await store.reader.stats()).entries, 1);
  });

  contract.states("I17 deletion is final: a redelivery brings nothing back", async ({ store, clock }) => {
    const message = messageOf("my secret");
    const accepted = await store.accept(message);
    assert.ok(accepted.outcome === "accepted");
    await store.erase(accepted.session.id);
    assert.deepEqual(await store.accept(message), { outcome: "gone" });
    clock.advance(1000);
    const next = await say(store, "something new");
    assert.equal(next.session.epoch, 2);
    assert.deepEqual(await store.accept(message), { outcome: "gone" });
    assert.deepEqual(await store.overhear(message), { outcome: "gone" });
    assert.equal((await store.reader.stats()).entries, 1);
  });

  contract.states("I17 deletion is final: what comes late gets `gone`", async ({ store }) => {
    const { session } = await say(store, "hello");
    const { lease } = await claim(store);
    await store.erase(session.id);
    const ref = { sessionId: session.id };
    assert.deepEqual(await store.update(ref, { title: "late" }), { outcome: "gone" });
    assert.deepEqual(await store.reset(ref), { outcome: "gone" });
    assert.deepEqual(await store.cancelTurn(ref), { outcome: "gone" });
    assert.equal(await store.renewLease(lease, LEASE_MS), "lost");
    assert.deepEqual(await store.openDelivery(lease), { outcome: "lost" });
    const usage = { model: "m", inputTokens: 5, outputTokens: 5 };
    const late = { ...sentResultOf("late"), usage };
    assert.deepEqual(await store.commitTurn(lease, late), { outcome: "lost" });
    assert.equal(await claimNext(store), null);
    const { sessions, inputTokens } = await store.reader.stats();
    assert.deepEqual([sessions, inputTokens], [0, 0]);
  });

  contract.states("I17 deletion is final: a reply that is being sent can still be settled", async ({ store }) => {
    const { session } = await say(store, "hello");
    await answer(store, "hi", true);
    const [taken] = await store.takeDeliveries({ node: "node-a", leaseMs: LEASE_MS, limit: 1 });
    assert.ok(taken !== undefined);
    await store.erase(session.id);
    const settled = await store.settleDelivery(taken, { state: "sent", remoteId: "r1" });
    assert.ok(settled === "settled" || settled === "lost");
    const { deliveries } = await store.reader.stats();
    assert.deepEqual([deliveries.pending, deliveries.sending], [0, 0]);
  });

  contract.states(
    "I17 deletion is final: replies that stood behind an erased one are still delivered",
    async ({ store }) => {
      const { session } = await say(store, "hello");
      await answer(store, "hi", true);
      await store.addDelivery({ destination: sourceOf(), text: "from a command", key: null });
      await store.erase(session.id);
      const taken = await store.takeDeliveries({ node: "node-a", leaseMs: LEASE_MS, limit: 10 });
      assert.deepEqual(
        taken.map(({ text }) => text),
        ["from a command"],
      );
    },
  );

  contract.states("I17 deletion is final: the tokens that were spent stay counted", async ({ store }) => {
    const { session } = await say(store, "hello");
    const { lease } = await claim(store);
    await store.commitTurn(lease, { ...resultOf("hi"), usage: { model: "m", inputTokens: 7, outputTokens: 3 } });
    await store.erase(session.id);
    const { inputTokens, outputTokens } = await store.reader.stats();
    assert.deepEqual([inputTokens, outputTokens], [7, 3]);
  });

  contract.states(
    "I19 lifecycle: erasing a live session ends its turn, its life and then itself",
    async ({ store }) => {
      await store.watchEvents();
      const { session } = await say(store, "hello");
      await claim(store);
      await store.erase(session.id);
      await store.erase(session.id);
      const events = await drainEvents(store);
      const types = ["session:start", "turn:start", "turn:end", "session:end", "session:erase"];
      assert.deepEqual(typesOf(events, session.id), types);
      assert.equal(events.find((event) => event.type === "session:end")?.reason, "erase");
    },
  );

  contract.states("I19 lifecycle: erasing an ended session does not end it again", async ({ store }) => {
    await store.watchEvents();
    const { session } = await say(store, "hello");
    await store.reset({ source: sourceOf() });
    await store.erase(session.id);
    const types = typesOf(await drainEvents(store), session.id);
    assert.deepEqual(types, ["session:start", "session:end", "session:erase"]);
  });
}
