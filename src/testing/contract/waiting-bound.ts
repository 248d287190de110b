import assert from "node:assert/strict";
import { messageOf, sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { answer, busy, claim, resultOf, say, stored, transcriptOf } from "./steps.ts";

const HERE = { source: sourceOf() };

/** How many messages wait in a session: I6, I12, I26, I27. */
export function waitingBound(contract: Contract): void {
  const two = contract.given(busy({ maxWaiting: 2 }));

  two.states(
    "I27 waiting: one message more than may wait is refused, and nothing of it is stored",
    async ({ store, clock }) => {
      const { session } = await say(store, "one");
      await say(store, "two");
      const before = await store.reader.stats();
      clock.advance(1);
      const refused = await store.accept(messageOf("three", { eventId: "e3" }));
      assert.deepEqual(refused, { outcome: "full", sessionId: session.id, waiting: 2 });
      assert.deepEqual({ ...(await store.reader.stats()), bytes: 0 }, { ...before, bytes: 0 });
      assert.equal((await transcriptOf(store, session.id)).length, 2);
      assert.deepEqual(await stored(store, session.id), { ...session, lastSeq: 2 });
      assert.equal(await store.reader.received(messageOf("three", { eventId: "e3" })), null);
    },
  );

  two.states(
    "I12 receipts: what was refused is judged anew, and what was accepted is a duplicate",
    async ({ store }) => {
      const { session } = await say(store, "one", { eventId: "e1" });
      await say(store, "two");
      const third = messageOf("three", { eventId: "e3" });
      assert.equal((await store.accept(third)).outcome, "full");
      assert.deepEqual(await store.accept(messageOf("one", { eventId: "e1" })), {
        outcome: "duplicate",
        sessionId: session.id,
        seq: 1,
      });
      await answer(store, "to both");
      const accepted = await store.accept(third);
      assert.ok(accepted.outcome === "accepted");
      assert.equal((await store.accept(third)).outcome, "duplicate");
    },
  );

  two.states("I27 waiting: only what waits counts, whatever stands between", async ({ store }) => {
    const { session } = await say(store, "one");
    const { lease } = await claim(store);
    await say(store, "two");
    for (let n = 0; n < 5; n++) await store.overhear(messageOf("in passing"));
    await say(store, "three");
    const full = { outcome: "full", sessionId: session.id, waiting: 2 };
    assert.deepEqual(await store.accept(messageOf("four")), full);
    await store.commitTurn(lease, resultOf("to one"));
    assert.deepEqual(await store.accept(messageOf("four")), full);
    const cancelled = await store.cancelTurn(HERE);
    assert.ok(cancelled.outcome === "cancelled");
    assert.equal(cancelled.messages, 2);
    for (let n = 0; n < 5; n++) await store.overhear(messageOf("in passing"));
    await say(store, "four");
    await say(store, "five");
    assert.deepEqual(await store.accept(messageOf("six")), full);
    await say(store, "hello", { source: sourceOf({ user: "bob" }) });
  });

  contract
    .given(busy({ maxWaiting: 1 }))
    .states("I6 waiting: what would open a session is never refused", async ({ store, clock }) => {
      const first = await say(store, "one");
      assert.equal(first.opened, true);
      assert.equal((await store.accept(messageOf("two"))).outcome, "full");
      await store.reset(HERE);
      clock.advance(1);
      assert.equal((await say(store, "two")).opened, true);
      assert.equal((await store.reader.stats()).sessions, 2);
    });

  contract
    .given(busy({ maxWaiting: 7 }))
    .states("I27 waiting: of many that come at once as many are accepted as may wait", async ({ store }) => {
      const said = await Promise.all(Array.from({ length: 20 }, (_, n) => store.accept(messageOf(`message ${n}`))));
      const accepted = said.filter(({ outcome }) => outcome === "accepted");
      assert.deepEqual([accepted.length, said.length - accepted.length], [7, 13]);
      assert.equal((await store.reader.stats()).messages.waiting, 7);
      assert.ok(said.every((outcome) => outcome.outcome !== "full" || outcome.waiting === 7));
    });
}
