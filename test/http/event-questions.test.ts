import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { LivePart } from "../../src/turn/live.ts";
import { openApp } from "./app-setup.ts";
import { begin, names, say, step } from "./event-rig.ts";
import { openEvents } from "./event-stream.ts";

const QUESTION = { id: "qst_1", text: "Sure?", choices: [{ id: "a", label: "A" }], expiresAt: 2 };

describe("a question in the live events (I32)", () => {
  test("is told to all, to who joins while it is open, and to nobody after it was answered", async () => {
    await using under = await openApp();
    await using early = await openEvents(under);
    await using quiet = await openEvents(under, "?replies=off");
    await say(under, "hello");
    const { turnId, sessionId, hear } = await begin(under);
    const publish = (part: LivePart): void => under.live.publish(sessionId, part);
    hear("Hm. ");
    publish({ type: "question", turnId, question: QUESTION });
    await step(under);
    await using late = await openEvents(under);
    await step(under);
    assert.deepEqual(names(late).slice(0, 4), ["open", "reply:start", "reply:text", "reply:question"]);
    publish({ type: "answer", turnId, questionId: "qst_1", choice: "a" });
    await step(under);
    await using later = await openEvents(under);
    await step(under);
    assert.deepEqual(names(later), ["open", "reply:start", "reply:text"]);
    for (const { events } of [early, late]) {
      const told = events.filter(({ event }) => event === "reply:question" || event === "reply:answer");
      assert.deepEqual(
        told.map(({ data }) => data),
        [
          { sessionId, turnId, question: QUESTION },
          { sessionId, turnId, questionId: "qst_1", choice: "a" },
        ],
      );
    }
    assert.ok(!names(quiet).some((name) => name.startsWith("reply:")));
  });

  test("is told to who joins before anything was said", async () => {
    await using under = await openApp();
    await using _early = await openEvents(under);
    await say(under, "hello");
    const { turnId, sessionId } = await begin(under);
    under.live.publish(sessionId, { type: "question", turnId, question: QUESTION });
    await step(under);
    await using late = await openEvents(under);
    await step(under);
    assert.deepEqual(names(late), ["open", "reply:start", "reply:question"]);
  });
});
