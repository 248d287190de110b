import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { AgentPart } from "../../src/agent/agent.ts";
import { createEchoAgent } from "../../src/agent/echo.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { agentTurn, partsOf, textOf } from "./agent-turn.ts";
import { NO_PORTS } from "../../src/agent/no-ports.ts";

test("the echo agent repeats what was said, word by word, and finishes", async () => {
  assert.deepEqual(await partsOf(createEchoAgent(), agentTurn("how are  you")), [
    { type: "text", text: "how " },
    { type: "text", text: "are  " },
    { type: "text", text: "you" },
    { type: "finish", reason: "done" },
  ]);
});

test("several messages are repeated on lines of their own", async () => {
  assert.equal(textOf(await partsOf(createEchoAgent(), agentTurn("one", "two"))), "one\ntwo");
});

test("an attachment without a text is repeated by its name, or its address", async () => {
  const attachments = [{ url: "https://files.test/1", name: "cat.png" }, { url: "https://files.test/2" }];
  const parts = await partsOf(createEchoAgent(), agentTurn({ attachments }));
  assert.equal(textOf(parts), "cat.png\nhttps://files.test/2");
});

test("whatever is said comes back character for character", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => {
      assert.equal(textOf(await partsOf(createEchoAgent(), agentTurn(text))), text);
    }),
  );
});

test("with a pace, each word waits for its time", async () => {
  const clock = createManualClock(0);
  const run = createEchoAgent({ delayMs: 1_000, clock }).run(
    agentTurn("one two"),
    new AbortController().signal,
    NO_PORTS,
  );
  const parts = run[Symbol.asyncIterator]();
  assert.deepEqual((await parts.next()).value, { type: "text", text: "one " });
  let second: AgentPart | null = null;
  const next = parts.next().then(({ value }) => (second = value as AgentPart));
  clock.advance(999);
  await new Promise(setImmediate);
  assert.equal(second, null);
  clock.advance(1);
  await next;
  assert.deepEqual(second, { type: "text", text: "two" });
});

test("an abort in the middle of a pause ends the run at once, with the signal's reason", async () => {
  const controller = new AbortController();
  const clock = createManualClock(0);
  const run = createEchoAgent({ delayMs: 1_000, clock }).run(agentTurn("one two"), controller.signal, NO_PORTS);
  const parts = run[Symbol.asyncIterator]();
  await parts.next();
  const next = parts.next();
  const reason = new Error("stop");
  controller.abort(reason);
  await assert.rejects(next, reason);
  assert.deepEqual(await parts.next(), { done: true, value: undefined });
});

test("a run that is aborted before it begins says nothing", async () => {
  const reason = new Error("stop");
  await assert.rejects(partsOf(createEchoAgent(), agentTurn("one"), AbortSignal.abort(reason)), reason);
});

test("an abort between two words without a pace is honoured before the next word", async () => {
  const controller = new AbortController();
  const said: AgentPart[] = [];
  await assert.rejects(async () => {
    for await (const part of createEchoAgent().run(agentTurn("one two three"), controller.signal, NO_PORTS)) {
      said.push(part);
      controller.abort(new Error("stop"));
    }
  }, /stop/);
  assert.equal(said.length, 1);
});
