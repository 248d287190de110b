import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SendOutcome } from "../../src/platform/platform.ts";
import type { Store } from "../../src/store/store.ts";
import { HANG } from "../../src/testing/fake-agent.ts";
import { sourceOf } from "../../src/testing/sources.ts";
import { eventually, settle } from "./eventually.ts";
import { INTERVAL_MS, setUpStreaming, told } from "./streaming-setup.ts";

const SECOND = 1_000;
const FAIL = { fail: new Error("nobody foresaw this") };

/** The post that is on its way until it is answered. */
function held(): { readonly outcome: Promise<SendOutcome>; answer(outcome: SendOutcome): void } {
  const { promise, resolve } = Promise.withResolvers<SendOutcome>();
  return { outcome: promise, answer: resolve };
}

describe("a reply that is shown while it is written", () => {
  it("is posted after its first words and edited at the platform's pace, and ends as one whole message", async () => {
    await using rig = await setUpStreaming();
    const agent = told("The first words", " and more.", " Even more.", " Done.");
    rig.agent.next(agent.script);
    const { session } = await rig.say("hello");
    await rig.pass(SECOND - 50);
    assert.deepEqual(rig.seen(), []);
    await rig.pass(100);
    assert.deepEqual(rig.seen(), ["The first"]);
    agent.next();
    await settle();
    agent.next();
    await rig.pass(INTERVAL_MS - 100);
    assert.deepEqual(rig.platform.streamed, ["The first"], "no edit is made before its time");
    await rig.pass(100);
    assert.deepEqual(rig.platform.streamed, ["The first", "The first words and more. Even more."]);
    agent.next();
    await eventually(() => rig.outcomes()[0] === "done");
    await rig.deliver();
    assert.deepEqual(rig.seen(), ["The first words and more. Even more. Done."]);
    assert.deepEqual(await rig.transcript(session.id), [
      "user: hello",
      "assistant: The first words and more. Even more. Done.",
    ]);
    assert.equal(rig.platform.sent[0]?.remoteId, "remote-1");
  });

  it("is posted sooner once it has a sentence, and never as a whole", async () => {
    await using rig = await setUpStreaming();
    rig.agent.next(["Yes. No.", HANG]);
    await rig.say("hello");
    await rig.pass(300);
    assert.deepEqual(rig.seen(), ["Yes."]);
  });

  it("leaves nothing to the store, and nothing on the platform, when it is short", async () => {
    await using rig = await setUpStreaming();
    await rig.say("hello");
    await eventually(() => rig.outcomes()[0] === "done");
    await rig.deliver();
    assert.deepEqual([rig.seen(), rig.platform.streamed], [["ok"], []]);
  });

  it("does not hold up the agent, and its end, where the platform is slow", async () => {
    await using rig = await setUpStreaming();
    const slow = held();
    rig.platform.nextStreamed(slow.outcome);
    const agent = told("Some words. And ", "more words. ", "And the end.");
    rig.agent.next(agent.script);
    const { session } = await rig.say("hello");
    await rig.pass(300);
    agent.next();
    agent.next();
    await eventually(() => rig.outcomes()[0] === "done");
    assert.equal(rig.platform.streamed.length, 1, "one call at a time");
    assert.deepEqual((await rig.transcript(session.id)).length, 2);
    rig.outbox.start();
    await rig.pass(SECOND);
    assert.deepEqual(rig.platform.sent, [], "until its message is known, nothing is sent");
    rig.platform.show("remote-9", "Some words.");
    slow.answer({ outcome: "sent", remoteId: "remote-9" });
    await rig.deliver();
    assert.deepEqual(rig.seen(), ["Some words. And more words. And the end."]);
  });

  it("is sent in full as a new message when nobody learns what became of its first post", async () => {
    await using rig = await setUpStreaming();
    rig.platform.nextStreamed({ outcome: "ambiguous", error: "no answer" });
    const agent = told("Some words. And ", "the end.");
    rig.agent.next(agent.script);
    await rig.say("hello");
    await rig.pass(3 * SECOND);
    agent.next();
    await eventually(() => rig.outcomes()[0] === "done");
    await rig.deliver();
    assert.deepEqual(rig.platform.streamed, ["Some words."]);
    assert.deepEqual(rig.seen(), ["Some words. And the end."]);
  });

  it("gives up a post that is never answered, and is sent in full", async () => {
    await using rig = await setUpStreaming();
    rig.platform.nextStreamed(held().outcome);
    const agent = told("Some words. And ", "the end.");
    rig.agent.next(agent.script);
    await rig.say("hello");
    await rig.pass(300);
    agent.next();
    await eventually(() => rig.outcomes()[0] === "done");
    rig.outbox.start();
    await rig.pass(4 * SECOND);
    assert.deepEqual(rig.seen(), []);
    await rig.deliver();
    assert.deepEqual(rig.seen(), ["Some words. And the end."]);
  });

  it("skips edits while the platform asks for a rest, and loses nothing of the text", async () => {
    await using rig = await setUpStreaming();
    rig.platform.nextStreamed(
      { outcome: "sent", remoteId: "remote-1" },
      { outcome: "retry", error: "too many", retryAfterMs: 20_000 },
    );
    rig.platform.show("remote-1", "One.");
    const agent = told("One. Two. ", "Three. ", "Four. ", "Five.");
    rig.agent.next(agent.script);
    await rig.say("hello");
    await rig.pass(2 * SECOND);
    agent.next();
    await rig.pass(15 * SECOND);
    assert.equal(rig.platform.streamed.length, 2);
    agent.next();
    await rig.pass(6 * SECOND);
    assert.deepEqual(rig.platform.streamed.slice(2), ["One. Two. Three. Four. "]);
    agent.next();
    await eventually(() => rig.outcomes()[0] === "done");
    await rig.deliver();
    assert.deepEqual(rig.seen(), ["One. Two. Three. Four. Five."]);
  });

  it("goes on in the same message after an attempt that failed", async () => {
    await using rig = await setUpStreaming();
    const first = told("An answer. That ", FAIL);
    rig.agent.next(first.script, ["Another answer. That holds.", { wait: Promise.resolve() }]);
    await rig.say("hello");
    await rig.pass(300);
    assert.deepEqual(rig.seen(), ["An answer."]);
    first.next();
    await eventually(() => rig.outcomes()[0] === "retrying");
    await rig.pass(SECOND);
    await eventually(() => rig.outcomes()[1] === "done");
    await rig.deliver();
    assert.deepEqual(rig.seen(), ["Another answer. That holds."]);
  });

  it("edits the same message on the next attempt, once that has first words", async () => {
    await using rig = await setUpStreaming();
    const second = told("Again. And ", "on.");
    rig.agent.next(["An answer. That ", HANG], second.script);
    await rig.say("hello");
    await rig.pass(300);
    // The lease is lost: another claim takes the turn up.
    await rig.store.releaseNode("node-1");
    rig.runner.wake();
    await rig.agent.started(2);
    await rig.pass(300);
    assert.deepEqual(rig.seen(), ["Again. And "]);
    second.next();
    await eventually(() => rig.outcomes().includes("done"));
    await rig.deliver();
    assert.deepEqual(rig.seen(), ["Again. And on."]);
  });

  it("is not posted before what is still to be sent to the same place", async () => {
    await using rig = await setUpStreaming();
    await rig.store.addDelivery({ destination: sourceOf({ user: "ada" }), text: "from a command", key: null });
    const agent = told("One. Two.", " Three.");
    rig.agent.next(agent.script);
    await rig.say("hello");
    await rig.pass(3 * SECOND);
    assert.deepEqual(rig.seen(), []);
    rig.outbox.start();
    await rig.pass(3 * SECOND);
    assert.deepEqual(rig.seen(), ["from a command", "One. Two."]);
    agent.next();
    await eventually(() => rig.outcomes()[0] === "done");
    await rig.deliver();
    assert.deepEqual(rig.seen(), ["from a command", "One. Two. Three."]);
  });

  it("is never posted as a whole message, however much has been said", async () => {
    await using rig = await setUpStreaming({ platformOptions: { maxLength: 20 } });
    rig.platform.nextStreamed({ outcome: "ambiguous", error: "no answer" });
    rig.agent.next(["One two three four. Five six seven eight. Nine.", HANG]);
    await rig.say("hello");
    await rig.pass(2 * SECOND);
    assert.deepEqual(rig.platform.streamed, ["One two three"]);
  });

  it("is not posted again by an attempt that does not know whether it was posted", async () => {
    await using rig = await setUpStreaming();
    const second = told("Again. And ", "on.");
    rig.agent.next(second.script);
    const { session } = await rig.say("hello");
    await rig.agent.started(1);
    const { lease } = await leaseOf(rig.store, session.id);
    await rig.store.openDelivery(lease);
    await rig.pass(2 * SECOND);
    second.next();
    await eventually(() => rig.outcomes()[0] === "done");
    await rig.deliver();
    assert.deepEqual(rig.platform.streamed, []);
    assert.deepEqual(rig.seen(), ["Again. And on."]);
  });

  for (const [found, streamed] of [
    [{ outcome: "sent", remoteId: "remote-7" }, true],
    [{ outcome: "absent" }, true],
    [{ outcome: "unknown" }, false],
  ] as const) {
    it(`asks a platform that can be asked whether it was posted: ${found.outcome}`, async () => {
      await using rig = await setUpStreaming({ platformOptions: { canBeAsked: true } });
      rig.platform.show("remote-7", "An earlier one");
      rig.platform.nextAnswer(found);
      const agent = told("Again. And ", "on.");
      rig.agent.next(agent.script);
      const { session } = await rig.say("hello");
      await rig.agent.started(1);
      await rig.store.openDelivery((await leaseOf(rig.store, session.id)).lease);
      await rig.pass(2 * SECOND);
      assert.equal(rig.platform.streamed.length > 0, streamed);
      agent.next();
      await eventually(() => rig.outcomes()[0] === "done");
      await rig.deliver();
      const whole = "Again. And on.";
      assert.deepEqual(rig.seen(), found.outcome === "sent" ? [whole] : ["An earlier one", whole]);
    });
  }
});

/** The lease of the turn that runs in a session; there must be one. */
async function leaseOf(store: Store, sessionId: string) {
  const { items } = await store.reader.turns({ sessionId });
  const turnId = items[0]?.id ?? assert.fail("a turn must run");
  for (let fence = 1; fence < 10; fence += 1) {
    const lease = { turnId, sessionId, fence };
    if ((await store.renewLease(lease, 30_000)) !== "lost") return { lease };
  }
  throw new Error("no lease was found");
}
