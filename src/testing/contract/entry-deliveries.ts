import assert from "node:assert/strict";
import type { Contract } from "./contract.ts";
import { answer, claim, LEASE_MS, say } from "./steps.ts";

const TAKE = { node: "node-a", leaseMs: LEASE_MS, limit: 10 };

/** What of each entry was sent, as which message of its platform: I25. */
export function entryDeliveries(contract: Contract): void {
  contract.states("I25 receipts: each piece of an entry leads to the platform's message", async ({ store }) => {
    const { session } = await say(store, "hello");
    const { lease } = await claim(store);
    const long = { role: "assistant" as const, text: "one two", pieces: ["one", "two"] };
    await store.commitTurn(lease, { entries: [{ role: "notice", text: "anew", pieces: [] }, long] });
    const [first] = await store.takeDeliveries(TAKE);
    assert.ok(first !== undefined);
    await store.settleDelivery(first, { state: "sent", remoteId: "remote-1" });
    const [second] = await store.takeDeliveries(TAKE);
    assert.ok(second !== undefined);
    await store.settleDelivery(second, { state: "failed", error: "no such chat" });
    const found = await store.reader.entryDeliveries(session.id, [1, 2, 3, 4]);
    assert.deepEqual(Array.from(found), [
      [
        3,
        [
          { id: first.id, piece: 1, state: "sent", attempt: 1, remoteId: "remote-1", error: null },
          { id: second.id, piece: 2, state: "failed", attempt: 1, remoteId: null, error: "no such chat" },
        ],
      ],
    ]);
  });

  contract.states("I25 receipts: only those that are asked for are found", async ({ store }) => {
    const { session } = await say(store, "one");
    await answer(store, "to one", true);
    await say(store, "two");
    await answer(store, "to two", true);
    const found = await store.reader.entryDeliveries(session.id, [4]);
    assert.deepEqual(Array.from(found.keys()), [4]);
    assert.equal((await store.reader.entryDeliveries(session.id, [])).size, 0);
    assert.equal((await store.reader.entryDeliveries("ses_none", [2])).size, 0);
  });

  contract.states("I17 receipts: of an erased session none is left", async ({ store }) => {
    const { session } = await say(store, "one");
    await answer(store, "to one", true);
    await store.erase(session.id);
    assert.equal((await store.reader.entryDeliveries(session.id, [1, 2])).size, 0);
  });
}
