import assert from "node:assert/strict";
import { messageOf, sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { answer, claimNext, DAY, drainEvents, HOUR, say, transcriptOf } from "./steps.ts";

/** Once is once: I12. */
export function receipts(contract: Contract): void {
  contract.states("I12 receipts: a duplicate returns where the message went and starts nothing", async ({ store }) => {
    await store.watchEvents();
    const message = messageOf("hello");
    const first = await store.accept(message);
    assert.ok(first.outcome === "accepted");
    await answer(store, "hi");
    await drainEvents(store);
    const before = await store.reader.stats();
    const duplicate = { outcome: "duplicate", sessionId: first.session.id, seq: 1 };
    assert.deepEqual(await store.accept(message), duplicate);
    assert.deepEqual(await store.accept(message), duplicate);
    assert.equal(await claimNext(store), null);
    assert.deepEqual(await drainEvents(store), []);
    assert.deepEqual(await store.reader.stats(), before);
  });

  contract.states(
    "I12 receipts: a duplicate points to the life it belongs to, not to the one that goes on",
    async ({ store }) => {
      const message = messageOf("hello");
      const first = await store.accept(message);
      assert.ok(first.outcome === "accepted");
      await store.reset({ source: sourceOf() });
      assert.deepEqual(await store.accept(message), { outcome: "duplicate", sessionId: first.session.id, seq: 1 });
      assert.equal((await store.getOrCreate(sourceOf())).persisted, false);
    },
  );

  contract.states(
    "I12 receipts: the same id with another body is a conflict, and stores nothing",
    async ({ store }) => {
      const { session } = await say(store, "hello", { eventId: "e1" });
      assert.deepEqual(await store.accept(messageOf("goodbye", { eventId: "e1" })), { outcome: "conflict" });
      const attachments = [{ url: "https://files.test/a.png" }];
      assert.deepEqual(await store.accept(messageOf("hello", { eventId: "e1", attachments })), { outcome: "conflict" });
      assert.equal((await transcriptOf(store, session.id)).length, 1);
    },
  );

  contract.states(
    "I12 receipts: what was sent together is one body, and another one under the same ids is a conflict",
    async ({ store }) => {
      const hello = messageOf("hello", { eventId: "e1" });
      await say(store, "hello", { eventId: "e1", batch: "hello and goodbye" });
      const again = await store.accept({ ...hello, batch: "hello and goodbye" });
      assert.equal(again.outcome, "duplicate");
      assert.deepEqual(await store.accept({ ...hello, batch: "hello alone" }), { outcome: "conflict" });
      assert.deepEqual(await store.accept(hello), { outcome: "conflict" });
    },
  );

  contract.states("I12 receipts: whether a message was received before can be asked", async ({ store }) => {
    const message = messageOf("hello", { eventId: "e1" });
    assert.equal(await store.reader.received(message), null);
    assert.equal((await store.getOrCreate(sourceOf())).persisted, false);
    const { session, seq } = await say(store, "hello", { eventId: "e1" });
    const before = { outcome: "duplicate", sessionId: session.id, seq };
    assert.deepEqual(await store.reader.received(message), before);
    assert.deepEqual(await store.reader.received({ ...message, text: "goodbye" }), { outcome: "conflict" });
    assert.equal(await store.reader.received({ ...message, eventId: null }), null);
    await store.erase(session.id);
    assert.deepEqual(await store.reader.received(message), { outcome: "gone" });
  });

  contract.states("I12 receipts: without an id every delivery counts as new", async ({ store }) => {
    const message = messageOf("hello", { eventId: null });
    for (const seq of [1, 2, 3]) {
      const accepted = await store.accept(message);
      assert.ok(accepted.outcome === "accepted");
      assert.equal(accepted.seq, seq);
    }
  });

  contract.states("I12 receipts: an id is unique in its chat only", async ({ store }) => {
    const place = { platform: "test", account: "one", chatType: "group", chat: "lobby", user: "ada" } as const;
    const sources = [
      sourceOf(place),
      sourceOf({ ...place, chat: "kitchen" }),
      sourceOf({ ...place, account: "two" }),
      sourceOf({ ...place, platform: "other" }),
      sourceOf({ ...place, platform: "test:one", account: "lobby" }),
    ];
    for (const source of sources) {
      assert.equal((await store.accept(messageOf("hello", { source, eventId: "e1" }))).outcome, "accepted");
    }
    for (const source of sources) {
      assert.equal((await store.accept(messageOf("hello", { source, eventId: "e1" }))).outcome, "duplicate");
    }
  });

  contract.states("I12 receipts: ids keep every character", async ({ store }) => {
    for (const eventId of ["a", "A", "a ", "á", "a\u0301", "1", "01", "1.0", "x'; --"]) {
      assert.equal((await store.accept(messageOf("hello", { eventId }))).outcome, "accepted", JSON.stringify(eventId));
    }
  });

  contract.states("I12 receipts: overheard words are kept once, too", async ({ store }) => {
    await say(store, "to you");
    const message = messageOf("by the way");
    assert.equal((await store.overhear(message)).outcome, "overheard");
    assert.equal((await store.overhear(message)).outcome, "duplicate");
  });

  contract.states(
    "I12 receipts: the addressed copy of overheard words is accepted, whichever comes first",
    async ({ store }) => {
      await say(store, "to you");
      const mention = messageOf("@agent and to you");
      assert.equal((await store.overhear(mention)).outcome, "overheard");
      assert.equal((await store.accept(mention)).outcome, "accepted");
      const other = messageOf("@agent once more");
      assert.equal((await store.accept(other)).outcome, "accepted");
      assert.equal((await store.overhear(other)).outcome, "duplicate");
    },
  );

  const oneDay = contract.given({ receiptRetentionMs: DAY });

  oneDay.states("I12 receipts: they are kept for their retention, and then forgotten", async ({ store, clock }) => {
    const message = messageOf("hello");
    await store.accept(message);
    clock.advance(DAY - HOUR);
    await store.sweep();
    assert.equal((await store.accept(message)).outcome, "duplicate");
    clock.advance(2 * HOUR);
    await store.sweep();
    assert.equal((await store.accept(message)).outcome, "accepted");
  });

  contract.states("I12 receipts: by default they are kept for a week", async ({ store, clock }) => {
    const message = messageOf("hello");
    await store.accept(message);
    clock.advance(7 * DAY - HOUR);
    await store.sweep();
    assert.equal((await store.accept(message)).outcome, "duplicate");
  });
}
