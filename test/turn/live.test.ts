import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLive, type LivePart } from "../../src/turn/live.ts";
import { eventually } from "./eventually.ts";
import { setUpTurns } from "./turn-setup.ts";

const start: LivePart = { type: "start", turnId: "trn_1", attempt: 1, seqs: [1] };
const text = (said: string): LivePart => ({ type: "text", turnId: "trn_1", text: said });
const end: LivePart = { type: "end", turnId: "trn_1", outcome: "done" };

function setUp() {
  const faults: unknown[] = [];
  const live = createLive({ onFault: (error) => faults.push(error) });
  const heard: LivePart[] = [];
  return { live, faults, heard, listener: (part: LivePart) => void heard.push(part) };
}

describe("live", () => {
  it("tells everyone who listens to a session what its turn says, and nobody else", () => {
    const { live, heard, listener } = setUp();
    const other: LivePart[] = [];
    live.listen("ses_1", listener);
    live.listen("ses_1", listener);
    live.listen("ses_2", (part) => other.push(part));
    for (const part of [start, text("Hel"), text("lo"), end]) live.publish("ses_1", part);
    assert.deepEqual(
      heard,
      [start, text("Hel"), text("lo"), end].flatMap((part) => [part, part]),
    );
    assert.deepEqual(other, []);
  });

  it("tells who joins in mid-turn what has been said so far", () => {
    const { live, heard, listener } = setUp();
    for (const part of [start, text("Hel"), text("lo")]) live.publish("ses_1", part);
    live.listen("ses_1", listener);
    live.publish("ses_1", text("!"));
    assert.deepEqual(heard, [start, text("Hello"), text("!")]);
  });

  it("tells who joins of the question that is open, and of none that was answered or given up", () => {
    const { live, heard, listener } = setUp();
    const question = { id: "qst_1", text: "Sure?", choices: [{ id: "a", label: "A" }], expiresAt: 2 };
    const asks: LivePart = { type: "question", turnId: "trn_1", question };
    for (const part of [start, text("Hm. "), asks]) live.publish("ses_1", part);
    live.listen("ses_1", listener);
    assert.deepEqual(heard.splice(0), [start, text("Hm. "), asks]);
    live.publish("ses_1", { type: "answer", turnId: "trn_1", questionId: "qst_1", choice: "a" });
    heard.splice(0);
    live.listen("ses_1", listener);
    assert.deepEqual(heard.splice(0), [start, text("Hm. ")]);
    for (const part of [asks, { ...start, attempt: 2 }]) live.publish("ses_1", part);
    heard.splice(0);
    live.listen("ses_1", listener);
    assert.deepEqual(heard, [{ ...start, attempt: 2 }]);
  });

  it("forgets what an earlier attempt has said", () => {
    const { live, heard, listener } = setUp();
    for (const part of [start, text("Hel"), { ...start, attempt: 2 }]) live.publish("ses_1", part);
    live.listen("ses_1", listener);
    assert.deepEqual(heard, [{ ...start, attempt: 2 }]);
  });

  it("has nothing to tell after the end", () => {
    const { live, heard, listener } = setUp();
    for (const part of [start, text("Hello"), end]) live.publish("ses_1", part);
    live.listen("ses_1", listener);
    assert.deepEqual(heard, []);
  });

  it("stops telling whoever has stopped listening", () => {
    const { live, heard, listener } = setUp();
    const stop = live.listen("ses_1", listener);
    live.publish("ses_1", start);
    stop();
    live.publish("ses_1", end);
    assert.deepEqual(heard, [start]);
  });

  it("reports a listener that throws and tells it nothing more, without disturbing the others", () => {
    const { live, heard, faults, listener } = setUp();
    const fault = new Error("the client is gone");
    live.listen("ses_1", () => {
      throw fault;
    });
    live.listen("ses_1", listener);
    for (const part of [start, end]) live.publish("ses_1", part);
    assert.deepEqual(heard, [start, end]);
    assert.deepEqual(faults, [fault]);
  });

  it("tells a part once to whoever begins to listen because of it", () => {
    const { live, heard, listener } = setUp();
    live.listen("ses_1", (part) => {
      if (part.type === "start") live.listen("ses_1", listener);
    });
    live.publish("ses_1", start);
    assert.deepEqual(heard, [start]);
  });

  it("tells an observer what every running turn has said so far, and then everything", () => {
    const { live } = setUp();
    for (const part of [start, text("Hel"), text("lo")]) live.publish("ses_1", part);
    live.publish("ses_2", start);
    live.publish("ses_2", end);
    const heard: [string, LivePart][] = [];
    const stop = live.listenAll((sessionId, part) => void heard.push([sessionId, part]));
    live.publish("ses_1", text("!"));
    live.publish("ses_3", start);
    stop();
    live.publish("ses_3", end);
    assert.deepEqual(heard, [
      ["ses_1", start],
      ["ses_1", text("Hello")],
      ["ses_1", text("!")],
      ["ses_3", start],
    ]);
  });

  it("reports an observer that throws, at once or later, and tells it nothing more", () => {
    const { live, heard, faults, listener } = setUp();
    const fault = new Error("the client is gone");
    for (const part of [start, text("Hel")]) live.publish("ses_1", part);
    live.listenAll(() => {
      throw fault;
    });
    live.listenAll((_, part) => {
      if (part.type === "end") throw fault;
    });
    live.listenAll((_, part) => listener(part));
    for (const part of [end, start]) live.publish("ses_1", part);
    assert.deepEqual(heard, [start, text("Hel"), end, start]);
    assert.deepEqual(faults, [fault, fault]);
  });

  it("passes on what the agent does while it does it, and how its attempt ended", async () => {
    await using rig = await setUpTurns();
    const gate = Promise.withResolvers<void>();
    const call = { type: "tool", index: 0, name: "search", state: "started" } as const;
    rig.agent.next(["Let me see. ", call, { type: "reasoning" }, { wait: gate.promise }, "Done."]);
    const { session } = await rig.say("hi");
    const heard: LivePart[] = [];
    rig.live.listen(session.id, (part) => heard.push(part));
    rig.runner.start();
    await eventually(() => heard.length === 3);
    const turnId = rig.agent.runs[0]?.turn.turnId ?? "";
    gate.resolve();
    await eventually(() => heard.length === 5);
    assert.deepEqual(heard, [
      { type: "start", turnId, attempt: 1, seqs: [1] },
      { type: "text", turnId, text: "Let me see. " },
      { ...call, turnId },
      { type: "text", turnId, text: "Done." },
      { type: "end", turnId, outcome: "done" },
    ]);
  });

  it("says that a turn has ended only once that is stored", async () => {
    await using rig = await setUpTurns();
    const { session } = await rig.say("hi");
    const ended = Promise.withResolvers<unknown>();
    rig.live.listen(session.id, (part) => {
      if (part.type === "end") ended.resolve(rig.store.reader.reply(session.id, 1).then((reply) => reply?.state));
    });
    rig.runner.start();
    assert.equal(await ended.promise, "answered");
  });
});
