import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventually, settle } from "../turn/eventually.ts";
import { NEVER, setUpOutbox } from "./outbox-setup.ts";

describe("an outbox that sends for several accounts", () => {
  it("does not let an account, all of whose destinations are slow, hold up another one", async () => {
    await using rig = await setUpOutbox({ options: { concurrency: 2 } });
    for (const chat of ["a", "b", "c", "d"]) await rig.add(`slow ${chat}`, chat, [NEVER], { account: "bot-1" });
    rig.outbox.start();
    await eventually(() => rig.sent.length === 2);
    for (const text of ["1", "2", "3"]) await rig.add(text, "a", [], { account: "bot-2" });
    await eventually(() => rig.settled().length === 3);
    rig.clock.advance(1_000);
    await settle();
    assert.deepEqual(rig.texts(), ["slow a", "slow b", "1", "2", "3"]);
  });

  it("looks for what falls due elsewhere while an account is busy, and leaves the store alone until then", async () => {
    await using rig = await setUpOutbox({ options: { concurrency: 1 } });
    await rig.add("slow", "a", [NEVER], { account: "bot-1" });
    await rig.add("behind it", "b", [], { account: "bot-1" });
    await rig.add("again", "a", [{ outcome: "retry", error: "busy" }], { account: "bot-2" });
    rig.outbox.start();
    await eventually(() => rig.settled()[0] === "pending 1");
    await settle();
    const taken = rig.takes();
    rig.clock.advance(400);
    await settle();
    assert.equal(rig.takes(), taken, "what waits for the busy account is not asked for");
    rig.clock.advance(600);
    await eventually(() => rig.settled()[1] === "sent 2");
    assert.deepEqual(rig.texts(), ["slow", "again", "again"]);
  });
});
