import assert from "node:assert/strict";
import { DEFAULT_BUSY } from "../../core/busy-policy.ts";
import type { Turn } from "../../core/turn.ts";
import type { Store } from "../../store/store.ts";
import { messageOf, sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { answer, busy, claim, claimNext, HOUR, LEASE_MS, resultOf, say, textsOf, transcriptOf } from "./steps.ts";

/** Claims what is to be done next, with an hour as the age from which on messages have a turn of their own. */
async function claimAged(store: Store): Promise<Turn> {
  const turn = await store.claimTurn({ node: "node-a", leaseMs: LEASE_MS, maxMessages: 10, maxAgeMs: HOUR });
  assert.ok(turn !== null, "there must be a turn to claim");
  return turn;
}

/** Which of the messages that wait become one turn: I21. */
export function grouping(contract: Contract): void {
  const queue = contract.given(busy({ mode: "queue" }));

  queue.states("I21 queue: each message is a turn of its own, in order", async ({ store }) => {
    for (const text of ["one", "two", "three"]) await say(store, text);
    const turns: string[][] = [];
    for (let n = 0; n < 3; n++) turns.push(textsOf((await answer(store, "yes")).messages));
    assert.deepEqual(turns, [["one"], ["two"], ["three"]]);
    assert.equal(await claimNext(store), null);
  });

  queue.states("I21 queue: a retry answers its one message, whatever has come since", async ({ store, clock }) => {
    await say(store, "one");
    const { lease } = await claim(store);
    await say(store, "two");
    clock.advance(LEASE_MS);
    const again = await claim(store, "node-b");
    assert.deepEqual([again.lease.turnId, again.attempt], [lease.turnId, 2]);
    assert.deepEqual(textsOf(again.messages), ["one"]);
  });

  const mixed = contract.given({
    busy: {
      default: DEFAULT_BUSY,
      rules: [
        { chatType: "group", policy: { ...DEFAULT_BUSY, mode: "queue" } },
        { platform: "other", policy: { ...DEFAULT_BUSY, maxWaiting: 1 } },
      ],
    },
  });
  mixed.states("I21 the policy is that of the platform and the chat type", async ({ store, clock }) => {
    const group = { source: sourceOf({ chatType: "group", chat: "room" }) };
    for (const text of ["one", "two"]) await say(store, text, group);
    clock.advance(1);
    for (const text of ["three", "four"]) await say(store, text);
    assert.deepEqual(textsOf((await claim(store)).messages), ["one"]);
    assert.deepEqual(textsOf((await claim(store)).messages), ["three", "four"]);
    const other = { source: sourceOf({ platform: "other" }) };
    await say(store, "five", other);
    assert.equal((await store.accept(messageOf("six", other))).outcome, "full");
  });

  contract.states(
    "I21 too old messages have a turn of their own, before the younger ones",
    async ({ store, clock }) => {
      const now = clock.now();
      await say(store, "old", { sentAt: now - 2 * HOUR });
      await say(store, "old, too", { sentAt: now - HOUR - 1 });
      await say(store, "young", { sentAt: now - HOUR });
      await say(store, "younger");
      const old = await claimAged(store);
      assert.deepEqual(textsOf(old.messages), ["old", "old, too"]);
      await store.commitTurn(old.lease, resultOf("shall I?"));
      assert.deepEqual(textsOf((await claimAged(store)).messages), ["young", "younger"]);
    },
  );

  contract.states(
    "I21 no message goes before one that was accepted earlier, however old it is",
    async ({ store, clock }) => {
      const sent = [clock.now(), clock.now() - 2 * HOUR, clock.now()];
      for (const [index, sentAt] of sent.entries()) await say(store, `message ${index + 1}`, { sentAt });
      for (const text of ["message 1", "message 2", "message 3"]) {
        const turn = await claimAged(store);
        assert.deepEqual(textsOf(turn.messages), [text]);
        await store.commitTurn(turn.lease, resultOf("yes"));
      }
    },
  );

  contract.states(
    "I21 a retry answers exactly its messages, though some have become too old",
    async ({ store, clock }) => {
      await say(store, "older", { sentAt: clock.now() - HOUR });
      await say(store, "younger");
      await claimAged(store);
      clock.advance(LEASE_MS);
      assert.deepEqual(textsOf((await claimAged(store)).messages), ["older", "younger"]);
    },
  );

  contract.states(
    "I21 when it was sent is kept; a time that has not come yet counts as now",
    async ({ store, clock }) => {
      const now = clock.now();
      const { session } = await say(store, "said before", { sentAt: now - 5 });
      await say(store, "said tomorrow", { sentAt: now + 24 * HOUR });
      await say(store, "nobody says when");
      const times = (await transcriptOf(store, session.id)).map(({ sentAt, createdAt }) => [sentAt, createdAt]);
      assert.deepEqual(times, [
        [now - 5, now],
        [now, now],
        [now, now],
      ]);
      const { messages } = await claim(store);
      assert.deepEqual(
        messages.map(({ sentAt }) => sentAt),
        [now - 5, now, now],
      );
    },
  );

  contract.states("I12 a redelivery with another time is the same message", async ({ store, clock }) => {
    const { session, seq } = await say(store, "hello", { eventId: "e1", sentAt: clock.now() });
    assert.deepEqual(await store.accept(messageOf("hello", { eventId: "e1", sentAt: clock.now() - 1 })), {
      outcome: "duplicate",
      sessionId: session.id,
      seq,
    });
  });
}
