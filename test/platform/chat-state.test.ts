import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createChatState } from "../../src/platform/chat-state.ts";

describe("the state of adapters", () => {
  it("never holds more than its limit: what was written longest ago makes room", async () => {
    const state = createChatState({ limit: 3 });
    for (const key of ["a", "b", "c", "a", "d"]) await state.set(key, key);
    const kept = await Promise.all(["a", "b", "c", "d"].map((key) => state.get(key)));
    assert.deepEqual(kept, ["a", null, "c", "d"]);
  });

  it("forgets what has had its time", async () => {
    let now = 0;
    const state = createChatState({ now: () => now });
    assert.equal(await state.setIfNotExists("claim", true, 1_000), true);
    assert.equal(await state.setIfNotExists("claim", true, 1_000), false);
    now = 1_000;
    assert.equal(await state.setIfNotExists("claim", true, 1_000), true);
  });

  it("gives a lock to one at a time, and back to nobody but its holder", async () => {
    const state = createChatState();
    const lock = await state.acquireLock("thread", 1_000);
    assert.ok(lock !== null);
    assert.equal(await state.acquireLock("thread", 1_000), null);
    await state.releaseLock({ ...lock, token: "another" });
    assert.equal(await state.extendLock({ ...lock, token: "another" }, 1_000), false);
    assert.equal(await state.acquireLock("thread", 1_000), null);
    assert.equal(await state.extendLock(lock, 1_000), true);
    await state.releaseLock(lock);
    assert.ok((await state.acquireLock("thread", 1_000)) !== null);
  });

  it("keeps lists and queues no longer than asked", async () => {
    const state = createChatState();
    for (const number of [1, 2, 3]) await state.appendToList("list", number, { maxLength: 2 });
    assert.deepEqual(await state.getList("list"), [2, 3]);
    const entry = (enqueuedAt: number) => ({ enqueuedAt }) as Parameters<typeof state.enqueue>[1];
    await state.enqueue("thread", entry(1), 2);
    await state.enqueue("thread", entry(2), 2);
    assert.equal(await state.enqueue("thread", entry(3), 2), 2);
    assert.deepEqual(await state.dequeue("thread"), entry(2));
    assert.equal(await state.queueDepth("thread"), 1);
  });
});
