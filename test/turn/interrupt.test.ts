import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HANG } from "../../src/testing/fake-agent.ts";
import { messageOf } from "../../src/testing/sources.ts";
import type { LivePart } from "../../src/turn/live.ts";
import { eventually, settle } from "./eventually.ts";
import { asked, begin, replacing, setUpInterrupting } from "./interrupt-setup.ts";
import { setUpTurns } from "./turn-setup.ts";

describe("a newer message in a session whose turn may be interrupted", () => {
  it("ends the run at once; what was said is kept, and everything is answered together", async () => {
    await using rig = await setUpInterrupting();
    rig.agent.next(["Half an ans", HANG], ["To both."]);
    rig.runner.start();
    const { session } = await rig.say("one");
    const run = await rig.agent.started(1);
    const heard: LivePart[] = [];
    rig.live.listen(session.id, (part) => heard.push(part));
    await eventually(() => heard.some(({ type }) => type === "text"));
    await rig.say("two");
    assert.equal(await run.ended, "aborted");
    await eventually(() => rig.outcomes().length === 2);
    assert.deepEqual(rig.outcomes(), ["interrupted", "done"]);
    assert.deepEqual(asked(rig.agent.runs[1]), ["user: one", "assistant: Half an ans", "user: two"]);
    assert.deepEqual(rig.agent.runs[1]?.turn.transcript, []);
    assert.deepEqual(await rig.transcript(session.id), [
      "user: one",
      "user: two",
      "assistant: Half an ans",
      "assistant: To both.",
    ]);
    assert.deepEqual(await rig.states(session.id), ["answered", "answered"]);
    const ends = heard.flatMap((part) => (part.type === "end" ? [part.outcome] : []));
    assert.deepEqual(ends, ["interrupted", "done"]);
    assert.deepEqual(rig.telemetry.of("faulted"), [], "which is no fault");
  });

  it("leaves a transcript in which later turns find everything in its order", async () => {
    await using rig = await setUpInterrupting();
    rig.agent.next(["Half an ans", HANG], ["To both."]);
    await begin(rig);
    await rig.say("two");
    await eventually(() => rig.outcomes().length === 2);
    await rig.say("three");
    await eventually(() => rig.outcomes().length === 3);
    assert.deepEqual(
      rig.agent.runs[2]?.turn.transcript.map(({ role, text }) => `${role}: ${text}`),
      ["user: one", "assistant: Half an ans", "user: two", "assistant: To both."],
    );
  });

  it("has what was said delivered, before the answer to everything", async () => {
    await using rig = await setUpInterrupting({ delivers: true });
    rig.agent.next(["Half an ans", HANG], ["To both."]);
    await begin(rig);
    await rig.say("two");
    await eventually(() => rig.outcomes().length === 2);
    const sent: string[] = [];
    for (let piece = 0; piece < 2; piece += 1) {
      const [delivery] = await rig.store.takeDeliveries({ node: "node-1", leaseMs: 1_000, limit: 5 });
      assert.ok(delivery !== undefined);
      sent.push(delivery.text);
      await rig.store.settleDelivery(delivery, { state: "sent", remoteId: null });
    }
    assert.deepEqual(sent, ["Half an ans", "To both."]);
  });

  it("leaves no entry when nothing readable had been said", async () => {
    await using rig = await setUpInterrupting();
    rig.agent.next([" \n", { type: "reasoning" }, HANG], ["To both."]);
    const { session } = await begin(rig);
    await rig.say("two");
    await eventually(() => rig.outcomes().length === 2);
    assert.deepEqual(await rig.transcript(session.id), ["user: one", "user: two", "assistant: To both."]);
  });

  it("can come again before that is answered", async () => {
    await using rig = await setUpInterrupting();
    rig.agent.next(["First ", HANG], ["Second ", HANG], ["Third."]);
    rig.runner.start();
    const { session } = await rig.say("one");
    for (const [number, text] of [
      [1, "two"],
      [2, "three"],
    ] as const) {
      await rig.agent.started(number);
      await settle();
      await rig.say(text);
    }
    await eventually(() => rig.outcomes().length === 3);
    assert.deepEqual(rig.outcomes(), ["interrupted", "interrupted", "done"]);
    assert.deepEqual(asked(rig.agent.runs[2]), [
      "user: one",
      "assistant: First ",
      "user: two",
      "assistant: Second ",
      "user: three",
    ]);
    assert.deepEqual(await rig.states(session.id), ["answered", "answered", "answered"]);
  });

  it("twice at once interrupts once", async () => {
    await using rig = await setUpInterrupting();
    rig.agent.next(["First ", HANG]);
    await begin(rig);
    await Promise.all([rig.say("two"), rig.say("three")]);
    await eventually(() => rig.outcomes().includes("done"));
    await settle();
    assert.equal(rig.outcomes().filter((outcome) => outcome === "done").length, 1);
    assert.deepEqual(asked(rig.agent.runs.at(-1)).filter((line) => line.startsWith("user")).length, 3);
    assert.deepEqual((await rig.store.reader.stats()).messages.answered, 3);
  });

  it("is answered when nobody has written for the debounce, with what was interrupted", async () => {
    await using rig = await setUpInterrupting({}, { debounceMs: 2_000 });
    rig.agent.next(["First ", HANG]);
    rig.runner.start();
    await rig.say("one");
    await settle();
    rig.clock.advance(2_000);
    await rig.agent.started(1);
    await settle();
    await rig.say("two");
    await eventually(() => rig.outcomes()[0] === "interrupted");
    rig.clock.advance(1_500);
    await rig.say("three");
    rig.clock.advance(1_500);
    await settle();
    assert.equal(rig.agent.runs.length, 1, "somebody wrote a moment ago");
    rig.clock.advance(500);
    await settle();
    rig.clock.advance(1_000);
    await eventually(() => rig.outcomes().length === 2);
    assert.deepEqual(asked(rig.agent.runs[1]), ["user: one", "assistant: First ", "user: two", "user: three"]);
  });

  it("is noticed at the next renewal when another node has accepted it", async () => {
    await using rig = await setUpInterrupting();
    rig.agent.next(["First ", HANG]);
    rig.runner.start();
    await rig.say("one");
    const run = await rig.agent.started(1);
    await rig.store.accept(messageOf("two"));
    await settle();
    assert.equal(run.signal.aborted, false);
    rig.clock.advance(10_000);
    assert.equal(await run.ended, "aborted");
    await eventually(() => rig.outcomes().length === 2);
    assert.deepEqual(rig.outcomes(), ["interrupted", "done"]);
  });

  it("is shown to no agent when what it was said to was taken back", async () => {
    await using rig = await setUpInterrupting();
    rig.agent.next(["Half", HANG], [HANG]);
    const { session } = await begin(rig);
    await rig.say("two");
    await rig.agent.started(2);
    await rig.runner.cancel({ sessionId: session.id });
    await rig.say("three");
    await eventually(() => rig.outcomes().length === 3);
    assert.deepEqual(rig.agent.runs[2]?.turn.transcript, []);
  });
});

describe("where the policies are known to the runner", () => {
  it("a rule decides, by where the session was opened", async () => {
    const policy = { debounceMs: 0, maxWaiting: 100 } as const;
    const busy = {
      default: { ...policy, mode: "collect" },
      rules: [{ platform: "test", policy: { ...policy, mode: "interrupt" } }],
    } as const;
    await using rig = await setUpTurns({ store: { busy }, busy });
    rig.agent.next(["Half", HANG]);
    rig.runner.start();
    await rig.say("one");
    await rig.agent.started(1);
    await rig.say("two");
    await eventually(() => rig.outcomes().length === 2);
    assert.deepEqual(rig.outcomes(), ["interrupted", "done"]);
  });

  it("a message that may not interrupt waits, and the store is not asked about it", async () => {
    const busy = { default: { mode: "collect", debounceMs: 0, maxWaiting: 100 } } as const;
    let renewals = 0;
    const counting = replacing("renewLease", (renew) => (lease, leaseMs) => {
      renewals += 1;
      return renew(lease, leaseMs);
    });
    await using rig = await setUpTurns({ store: { busy }, busy, wrap: counting });
    const gate = Promise.withResolvers<void>();
    rig.agent.next([{ wait: gate.promise }, "To one."]);
    rig.runner.start();
    await rig.say("one");
    await rig.agent.started(1);
    await rig.say("two");
    await settle();
    assert.equal(renewals, 0);
    gate.resolve();
    await eventually(() => rig.outcomes().length === 2);
    assert.deepEqual(rig.outcomes(), ["done", "done"]);
  });
});
