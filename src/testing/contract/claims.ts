import assert from "node:assert/strict";
import { sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { answer, claim, claimNext, LEASE_MS, MINUTE, resultOf, say, SECOND, transcriptOf } from "./steps.ts";

/** From waiting messages to a turn: I21, I22. Leases that run out are in `leases.ts`. */
export function claims(contract: Contract): void {
  contract.states("I21 claim makes the turn: of the messages that wait, oldest first", async ({ store, clock }) => {
    assert.equal(await claimNext(store), null);
    const { session } = await say(store, "one");
    await say(store, "two", { attachments: [{ url: "https://files.test/a.png", mediaType: "image/png" }] });
    clock.advance(SECOND);
    const turn = await claim(store);
    assert.equal(turn.lease.sessionId, session.id);
    assert.equal(turn.session.id, session.id);
    assert.deepEqual([turn.attempt, turn.first, turn.startedAt], [1, true, clock.now()]);
    assert.deepEqual(
      turn.messages.map(({ seq, text, state, turnId }) => [seq, text, state, turnId]),
      [
        [1, "one", "running", turn.lease.turnId],
        [2, "two", "running", turn.lease.turnId],
      ],
    );
    assert.deepEqual(turn.messages[1]?.attachments, [{ url: "https://files.test/a.png", mediaType: "image/png" }]);
    assert.deepEqual(await transcriptOf(store, session.id), turn.messages);
  });

  contract.states("I21 claim freezes the messages: later ones wait for the next turn", async ({ store }) => {
    const { session } = await say(store, "one");
    const turn = await claim(store);
    await say(store, "two");
    assert.equal(await claimNext(store), null);
    await store.commitTurn(turn.lease, resultOf("to one"));
    const next = await claim(store);
    assert.deepEqual(
      next.messages.map(({ text }) => text),
      ["two"],
    );
    assert.equal(next.first, false);
    assert.equal(next.lease.sessionId, session.id);
    assert.notEqual(next.lease.turnId, turn.lease.turnId);
  });

  contract.states("I21 claim freezes the messages: a retry reuses exactly that set", async ({ store, clock }) => {
    await say(store, "one");
    await say(store, "two");
    const first = await claim(store);
    await say(store, "three");
    const retryAt = clock.now() + MINUTE;
    assert.equal(await store.failTurn(first.lease, { reason: "busy", retryAt, notice: "", pieces: [] }), "retrying");
    clock.advanceTo(retryAt - 1);
    assert.equal(await claimNext(store), null);
    clock.advanceTo(retryAt);
    const second = await claim(store, "node-b");
    assert.equal(second.lease.turnId, first.lease.turnId);
    assert.deepEqual(
      second.messages,
      first.messages.map((entry) => ({ ...entry, reason: "busy" })),
    );
    assert.deepEqual([second.attempt, second.first, second.startedAt], [2, true, first.startedAt]);
    assert.ok(second.lease.fence > first.lease.fence);
    await store.commitTurn(second.lease, resultOf("to one and two"));
    const third = await claim(store);
    assert.deepEqual(
      third.messages.map(({ text }) => text),
      ["three"],
    );
  });

  contract.states(
    "I21 claim: a turn takes no more messages than asked for, and the rest follows",
    async ({ store }) => {
      for (const text of ["one", "two", "three"]) await say(store, text);
      const first = await claim(store, "node-a", 2);
      await store.commitTurn(first.lease, resultOf("first"));
      const second = await claim(store, "node-a", 2);
      assert.deepEqual(
        [first, second].map(({ messages }) => messages.map(({ text }) => text)),
        [["one", "two"], ["three"]],
      );
    },
  );

  contract.states("I21 claim: the session that has waited longest is next", async ({ store, clock }) => {
    const waiting = [];
    for (const user of ["ada", "bob", "cyd"]) {
      waiting.push((await say(store, "hello", { source: sourceOf({ user }) })).session.id);
      clock.advance(SECOND);
    }
    await say(store, "and another thing", { source: sourceOf({ user: "ada" }) });
    const taken = [];
    for (let n = 0; n < 3; n++) taken.push((await claim(store)).lease.sessionId);
    assert.deepEqual(taken, waiting);
  });

  contract.states("I22 one turn at a time per session, and sessions side by side", async ({ store }) => {
    await say(store, "hello");
    await say(store, "hello", { source: sourceOf({ user: "bob" }) });
    const first = await claim(store, "node-a");
    const second = await claim(store, "node-b");
    assert.notEqual(first.lease.sessionId, second.lease.sessionId);
    await say(store, "more");
    assert.equal(await claimNext(store, "node-c"), null);
    await store.commitTurn(first.lease, resultOf("hi"));
    assert.equal((await claim(store, "node-c")).lease.sessionId, first.lease.sessionId);
    assert.equal((await store.reader.stats()).turns.running, 2);
  });

  contract.states("I22 fence: each claim of a session is above all before", async ({ store }) => {
    let last = -Infinity;
    for (let n = 0; n < 4; n++) {
      await say(store, `message ${n}`);
      const { lease } = await answer(store, "hi");
      assert.ok(lease.fence > last);
      last = lease.fence;
    }
  });

  contract.states("I22 a turn that was answered is over for its holder", async ({ store }) => {
    const { session } = await say(store, "hello");
    const { lease } = await answer(store, "hi");
    assert.equal(await store.renewLease(lease, LEASE_MS), "lost");
    assert.deepEqual(await store.openDelivery(lease), { outcome: "lost" });
    await store.commitTurn(lease, { ...resultOf("hi again"), usage: { model: "m", inputTokens: 1, outputTokens: 1 } });
    assert.equal((await transcriptOf(store, session.id)).length, 2);
    assert.equal((await store.reader.stats()).inputTokens, 0);
  });

  contract.states("I22 a lease of another turn or session opens nothing", async ({ store }) => {
    await say(store, "hello");
    const { lease } = await claim(store);
    for (const forged of [
      { ...lease, fence: lease.fence + 1 },
      { ...lease, fence: lease.fence - 1 },
      { ...lease, turnId: "trn_00000000000000000000000000" },
    ]) {
      assert.equal(await store.renewLease(forged, LEASE_MS), "lost");
      assert.deepEqual(await store.commitTurn(forged, resultOf("forged")), { outcome: "lost" });
    }
    assert.equal((await store.commitTurn(lease, resultOf("hi"))).outcome, "committed");
  });
}
