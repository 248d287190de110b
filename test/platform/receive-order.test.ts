import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createReceiveOrder } from "../../src/platform/receive-order.ts";

interface Step {
  readonly prepared: PromiseWithResolvers<string>;
  readonly result: Promise<void>;
}

function setUp(receive: (name: string) => Promise<void> = async () => {}) {
  const order = createReceiveOrder();
  const received: string[] = [];
  const begin = (lane: string): Step => {
    const prepared = Promise.withResolvers<string>();
    const result = order.run(
      lane,
      () => prepared.promise,
      async (name) => {
        await receive(name);
        received.push(name);
      },
    );
    result.catch(() => {});
    return { prepared, result };
  };
  return { begin, received };
}

describe("the order of receiving", () => {
  it("is that in which events came, however long each takes to be read", async () => {
    const { begin, received } = setUp();
    const [first, second, third] = [begin("a"), begin("a"), begin("a")];
    third.prepared.resolve("third");
    second.prepared.resolve("second");
    first.prepared.resolve("first");
    await Promise.all([first.result, second.result, third.result]);
    assert.deepEqual(received, ["first", "second", "third"]);
  });

  it("holds nobody up in another lane", async () => {
    const { begin, received } = setUp();
    const slow = begin("a");
    const fast = begin("b");
    fast.prepared.resolve("fast");
    await fast.result;
    assert.deepEqual(received, ["fast"]);
    slow.prepared.resolve("slow");
    await slow.result;
  });

  it("lets nothing pass what was not received, until all behind it was turned away", async () => {
    let isFull = true;
    const { begin, received } = setUp(() =>
      isFull ? Promise.reject(new Error("the disk is full")) : Promise.resolve(),
    );
    const [first, second] = [begin("a"), begin("a")];
    second.prepared.resolve("second");
    first.prepared.resolve("first");
    await assert.rejects(first.result, /disk is full/);
    await assert.rejects(second.result, { code: "STORE_UNAVAILABLE", retryable: true });
    isFull = false;
    const again = [begin("a"), begin("a")] as const;
    again[0].prepared.resolve("first");
    again[1].prepared.resolve("second");
    await Promise.all([again[0].result, again[1].result]);
    assert.deepEqual(received, ["first", "second"]);
  });

  it("turns away what cannot be read, and what is behind it", async () => {
    const { begin, received } = setUp();
    const [first, second] = [begin("a"), begin("a")];
    first.prepared.reject(new Error("nobody answers who it was"));
    second.prepared.resolve("second");
    await assert.rejects(first.result, /who it was/);
    await assert.rejects(second.result, { code: "STORE_UNAVAILABLE" });
    assert.deepEqual(received, []);
  });
});
