import assert from "node:assert/strict";
import fc from "fast-check";
import type { Store } from "../../store/store.ts";
import type { ResultEntry } from "../../store/turn-store.ts";
import { sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { claim, LEASE_MS, say } from "./steps.ts";

interface Sent {
  readonly id: string;
  readonly seq: number | null;
  readonly text: string;
}

/** Takes and settles deliveries, one at a time, until none is due. */
async function sendAll(store: Store): Promise<Sent[]> {
  const sent: Sent[] = [];
  for (;;) {
    const [taken, ...more] = await store.takeDeliveries({ node: "node-a", leaseMs: LEASE_MS, limit: 10 });
    assert.deepEqual(more, [], "pieces for one place must be due one after the other");
    if (taken === undefined) return sent;
    sent.push({ id: taken.id, seq: taken.seq, text: taken.text });
    await store.settleDelivery(taken, { state: "sent", remoteId: null });
  }
}

const textsOf = (sent: readonly Sent[]): string[] => sent.map(({ text }) => text);

const NOTICE: ResultEntry = { role: "notice", text: "anew", pieces: ["anew"] };
const LONG: ResultEntry = { role: "assistant", text: "one two three", pieces: ["one ", "two ", "three"] };

const someEntries: fc.Arbitrary<readonly ResultEntry[]> = fc.array(
  fc.record({
    role: fc.constantFrom("assistant" as const, "notice" as const),
    text: fc.string({ minLength: 1, maxLength: 4 }),
    pieces: fc.array(fc.string({ minLength: 1, maxLength: 4 }), { maxLength: 4 }),
  }),
  { maxLength: 4 },
);

/** The parts in which a long reply is sent: I23, I25. */
export function pieces(contract: Contract): void {
  contract.states("I25 pieces: each is a delivery of its own, in order, of one entry", async ({ store }) => {
    const { session } = await say(store, "hello");
    const { lease } = await claim(store);
    const outcome = await store.commitTurn(lease, { entries: [NOTICE, LONG] });
    assert.ok(outcome.outcome === "committed");
    assert.deepEqual(
      outcome.entries.map(({ seq, text }) => [seq, text]),
      [
        [2, "anew"],
        [3, "one two three"],
      ],
    );
    const sent = await sendAll(store);
    assert.deepEqual(
      sent.map(({ seq, text }) => [seq, text]),
      [
        [2, "anew"],
        [3, "one "],
        [3, "two "],
        [3, "three"],
      ],
    );
    assert.equal(new Set(sent.map(({ id }) => id)).size, 4, "each piece must have its own idempotency key");
    const reply = await store.reader.reply(session.id, 1);
    assert.deepEqual(reply?.entries, outcome.entries);
  });

  contract.states("I25 pieces: an entry without any is stored and not sent", async ({ store }) => {
    await say(store, "hello");
    const { lease } = await claim(store);
    await store.commitTurn(lease, { entries: [{ ...NOTICE, pieces: [] }, LONG] });
    assert.deepEqual(textsOf(await sendAll(store)), LONG.pieces);
  });

  contract.states(
    "I23 pieces: what was streamed is the first of its entry, and the rest follows it",
    async ({ store }) => {
      await say(store, "hello");
      const { lease } = await claim(store);
      const opened = await store.openDelivery(lease);
      assert.ok(opened.outcome === "opened");
      await store.commitTurn(lease, { entries: [NOTICE, LONG] });
      const sent = await sendAll(store);
      assert.deepEqual(textsOf(sent), ["one ", "two ", "three", "anew"]);
      assert.equal(sent[0]?.id, opened.delivery.id);
    },
  );

  contract.states("I23 pieces: what was streamed of an entry that is not sent is given up", async ({ store }) => {
    await say(store, "hello");
    const { lease } = await claim(store);
    await store.openDelivery(lease);
    await store.commitTurn(lease, { entries: [{ ...LONG, pieces: [] }] });
    assert.deepEqual(await sendAll(store), []);
    const { deliveries } = await store.reader.stats();
    assert.deepEqual([deliveries.open, deliveries.dropped], [0, 1]);
  });

  contract.states("I25 pieces: one that fails does not keep the next ones back", async ({ store }) => {
    await say(store, "hello");
    const { lease } = await claim(store);
    await store.commitTurn(lease, { entries: [LONG] });
    const [first] = await store.takeDeliveries({ node: "node-a", leaseMs: LEASE_MS, limit: 10 });
    assert.ok(first !== undefined);
    await store.settleDelivery(first, { state: "failed", error: "refused" });
    assert.deepEqual(textsOf(await sendAll(store)), ["two ", "three"]);
  });

  contract.states("I17 pieces: erasing a session takes back those that were not sent", async ({ store }) => {
    const { session } = await say(store, "hello");
    const { lease } = await claim(store);
    await store.commitTurn(lease, { entries: [LONG] });
    await store.erase(session.id);
    assert.deepEqual(await sendAll(store), []);
  });

  contract.states("I25 pieces: no entry of any result comes apart, streamed or not", async ({ store }) => {
    let person = 0;
    const keepsOrder = fc.asyncProperty(someEntries, fc.boolean(), async (entries, isStreamed) => {
      person += 1;
      await say(store, "hello", { source: sourceOf({ user: `person-${person}` }) });
      const { lease } = await claim(store);
      if (isStreamed) await store.openDelivery(lease);
      await store.commitTurn(lease, { entries });
      const sending = entries.filter(({ pieces: parts }) => parts.length > 0);
      const first = sending.find(({ role }) => role === "assistant") ?? sending[0];
      const expected = isStreamed ? [first, ...sending.filter((entry) => entry !== first)] : sending;
      const texts = expected.flatMap((entry) => entry?.pieces ?? []);
      assert.deepEqual(textsOf(await sendAll(store)), texts);
    });
    await fc.assert(keepsOrder, { numRuns: 20 });
  });
}
