import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ParlorError } from "../../src/core/errors.ts";
import type { Store } from "../../src/store/store.ts";
import { HANG } from "../../src/testing/fake-agent.ts";
import { eventually } from "./eventually.ts";
import { INTERVAL_MS, setUpStreaming, told } from "./streaming-setup.ts";

const SECOND = 1_000;
const FAIL = { fail: new Error("nobody foresaw this") };

describe("a reply that was shown while it was written", () => {
  it("ends as the notice when its turn is given up", async () => {
    await using rig = await setUpStreaming({ options: { maxAttempts: 1 } });
    const agent = told("An answer. That ", FAIL);
    rig.agent.next(agent.script);
    await rig.say("hello");
    await rig.pass(300);
    agent.next();
    await eventually(() => rig.outcomes()[0] === "dead");
    await rig.deliver();
    assert.equal(rig.seen().length, 1);
    assert.match(rig.seen()[0] ?? "", /^Sorry/);
  });

  it("stays as it is, marked, when its turn is cancelled", async () => {
    await using rig = await setUpStreaming();
    rig.agent.next(["An answer. That ", HANG]);
    const { session } = await rig.say("hello");
    await rig.pass(300);
    // Something else has just been sent there.
    rig.platform.nextStreamed({ outcome: "later", waitMs: 1_000 });
    await rig.runner.cancel({ sessionId: session.id });
    await rig.pass(4 * INTERVAL_MS);
    assert.deepEqual(rig.seen(), ["An answer.\n\n(stopped)"]);
    const { deliveries } = await rig.store.reader.stats();
    assert.deepEqual([deliveries.open, deliveries.pending], [0, 0]);
  });

  it("is one message up to the platform's limit, and what follows goes out with the commit", async () => {
    await using rig = await setUpStreaming({ platformOptions: { maxLength: 40 } });
    const agent = told("The first sentence. The second one. ", "The third sentence. The fourth one. ", "The end.");
    rig.agent.next(agent.script);
    await rig.say("hello");
    await rig.pass(2 * SECOND);
    agent.next();
    await rig.pass(2 * INTERVAL_MS);
    assert.equal(rig.seen().length, 1);
    agent.next();
    await eventually(() => rig.outcomes()[0] === "done");
    await rig.deliver();
    assert.equal(
      rig.seen().join(" "),
      "The first sentence. The second one. The third sentence. The fourth one. The end.",
    );
    assert.ok(rig.seen().every((text) => text.length <= 40));
  });

  it("is posted anew, as a whole, when its message was deleted", async () => {
    await using rig = await setUpStreaming();
    const agent = told("An answer. That ", "holds.");
    rig.agent.next(agent.script);
    await rig.say("hello");
    await rig.pass(300);
    rig.platform.remove("remote-1");
    await rig.pass(2 * INTERVAL_MS);
    agent.next();
    await eventually(() => rig.outcomes()[0] === "done");
    await rig.deliver();
    assert.deepEqual(rig.seen(), ["An answer. That holds."]);
  });

  it("stops as soon as the store says that another has the turn", async () => {
    await using rig = await setUpStreaming({
      wrap: (store) => ({ ...store, recordPost: () => Promise.resolve("lost" as const) }),
    });
    const agent = told("An answer. That ", "holds.");
    rig.agent.next(agent.script);
    await rig.say("hello");
    await rig.pass(300);
    await eventually(() => rig.outcomes()[0] === "lost");
    assert.equal(rig.platform.streamed.length, 1);
  });

  it("writes down the id of its message as soon as the store can be written", async () => {
    let faults = 3;
    await using rig = await setUpStreaming({
      wrap: (store) => ({
        ...store,
        recordPost: (...post: Parameters<Store["recordPost"]>) => {
          if ((faults -= 1) < 0) return store.recordPost(...post);
          return Promise.reject(new ParlorError("STORE_UNAVAILABLE", "The disk is full.", { retryable: true }));
        },
      }),
    });
    const agent = told("An answer. That ", "holds.");
    rig.agent.next(agent.script);
    await rig.say("hello");
    await rig.pass(2 * SECOND);
    agent.next();
    await eventually(() => rig.outcomes()[0] === "done");
    await rig.deliver();
    assert.deepEqual(rig.seen(), ["An answer. That holds."]);
  });
});
