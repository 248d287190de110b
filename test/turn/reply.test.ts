import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ParlorError } from "../../src/core/errors.ts";
import type { ReplyState } from "../../src/store/reader.ts";
import { HANG } from "../../src/testing/fake-agent.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { createLive } from "../../src/turn/live.ts";
import { awaitReply } from "../../src/turn/reply.ts";
import { settle } from "./eventually.ts";
import { setUpTurns, type TurnSetup } from "./turn-setup.ts";

const depsOf = ({ store, live, clock }: TurnSetup) => ({ reader: store.reader, live, clock });

describe("awaitReply", () => {
  it("resolves with the answer as soon as the turn has ended, without any time passing", async () => {
    await using rig = await setUpTurns();
    rig.runner.start();
    const { session, seq } = await rig.say("hi");
    const reply = await awaitReply(depsOf(rig), session.id, seq, { timeoutMs: 30_000 });
    assert.equal(reply?.state, "answered");
    assert.deepEqual(
      reply?.entries.map(({ text }) => text),
      ["ok"],
    );
  });

  it("resolves at once for a message that was answered before", async () => {
    await using rig = await setUpTurns();
    rig.runner.start();
    const { session, seq } = await rig.say("hi");
    await awaitReply(depsOf(rig), session.id, seq, { timeoutMs: 30_000 });
    assert.equal((await awaitReply(depsOf(rig), session.id, seq, { timeoutMs: 0 }))?.state, "answered");
  });

  it("waits for the message's own turn, not for the one that runs now", async () => {
    await using rig = await setUpTurns();
    const gate = Promise.withResolvers<void>();
    rig.agent.next([{ wait: gate.promise }, "one"], ["two"]);
    rig.runner.start();
    const { session } = await rig.say("1");
    await rig.agent.started(1);
    const second = await rig.say("2");
    const reply = awaitReply(depsOf(rig), session.id, second.seq, { timeoutMs: 30_000 });
    gate.resolve();
    assert.deepEqual(
      (await reply)?.entries.map(({ text }) => text),
      ["two"],
    );
  });

  for (const [what, act, state] of [
    ["cancelled", (rig: TurnSetup, id: string) => rig.runner.cancel({ sessionId: id }), "cancelled"],
    ["erased", (rig: TurnSetup, id: string) => rig.store.erase(id), "erased"],
  ] as const) {
    it(`notices within a second that a message was ${what} without a turn`, async () => {
      await using rig = await setUpTurns();
      const { session, seq } = await rig.say("hi");
      const reply = awaitReply(depsOf(rig), session.id, seq, { timeoutMs: 30_000 });
      await settle();
      await act(rig, session.id);
      rig.clock.advance(1_000);
      assert.equal((await reply)?.state, state);
    });
  }

  it("is null when it takes longer than it may", async () => {
    await using rig = await setUpTurns();
    rig.agent.next([HANG]);
    rig.runner.start();
    const { session, seq } = await rig.say("hi");
    let reply: ReplyState | null | "waiting" = "waiting";
    void awaitReply(depsOf(rig), session.id, seq, { timeoutMs: 2_500 }).then((found) => (reply = found));
    for (const ms of [1_000, 1_000, 499]) {
      await settle();
      rig.clock.advance(ms);
    }
    await settle();
    assert.equal(reply, "waiting");
    rig.clock.advance(1);
    await settle();
    assert.equal(reply, null);
  });

  it("ends with the reason of its signal", async () => {
    await using rig = await setUpTurns();
    const { session, seq } = await rig.say("hi");
    const gone = new AbortController();
    const reply = awaitReply(depsOf(rig), session.id, seq, { timeoutMs: 30_000, signal: gone.signal });
    await settle();
    gone.abort(new Error("the client has left"));
    await assert.rejects(reply, /the client has left/);
  });

  it("goes on waiting while the store cannot be read, and throws what waiting cannot mend", async () => {
    const clock = createManualClock(0);
    const live = createLive({ onFault: () => assert.fail() });
    const answered: ReplyState = { state: "answered", entries: [], usage: null, endReason: null };
    const results = [new ParlorError("STORE_UNAVAILABLE", "busy", { retryable: true }), answered, new Error("a bug")];
    const read = (): Promise<ReplyState> => {
      const next = results.shift();
      assert.ok(next !== undefined);
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    };
    const deps = { reader: { reply: read }, live, clock };
    const reply = awaitReply(deps, "ses_1", 1, { timeoutMs: 5_000 });
    await settle();
    clock.advance(1_000);
    assert.equal(await reply, answered);
    await assert.rejects(awaitReply(deps, "ses_1", 1, { timeoutMs: 5_000 }), /a bug/);
  });
});
