import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { START_MS, assertProblem, openApp } from "./app-setup.ts";
import type { SessionBody } from "./body.ts";
import { begin, names, say, shownReplies, step, storedIds } from "./event-rig.ts";
import { openEvents } from "./event-stream.ts";

const CHAT = "?chat=tea&from=ada";

describe("GET /api/events", () => {
  test("tells what happens, from the first message to the stored reply", async () => {
    await using under = await openApp();
    await using stream = await openEvents(under);
    const session = await say(under, "hello");
    await step(under);
    const stored = await under.call<SessionBody>("GET", `/api/sessions/${session}`);
    await under.answer("Hello, Ada.", ["Hello, ", "Ada."]);
    await step(under);
    assert.deepEqual(names(stream), [
      "open",
      "session:start",
      "message:accept",
      "turn:start",
      "turn:end",
      "reply:start",
      "reply:text",
      "reply:end",
    ]);
    const [open, start, accept, turnStart, , replyStart, text, end] = stream.events;
    assert.deepEqual([open?.id, open?.data], [0, { id: 0 }]);
    const { session: view, ...facts } = start?.data ?? {};
    assert.deepEqual([start?.id, view], [1, stored.body]);
    assert.deepEqual(facts, { id: 1, type: "session:start", sessionId: session, at: START_MS, epoch: 1, reset: null });
    assert.deepEqual(accept?.data, { sessionId: session, seq: 1 });
    const turnId = turnStart?.data["turnId"];
    assert.deepEqual(replyStart?.data, { sessionId: session, turnId, attempt: 1, seqs: [1] });
    assert.deepEqual(text?.data, { sessionId: session, turnId, text: "Hello, Ada." });
    assert.deepEqual(end?.data, { sessionId: session, turnId, outcome: "done" });
  });

  test("tells of titles, resets and erasures, of an erased session by its id alone", async () => {
    await using under = await openApp();
    await using stream = await openEvents(under);
    const session = await say(under, "hello");
    await under.call("PATCH", `/api/sessions/${session}`, { body: { title: "Tea" } });
    await under.call("POST", `/api/sessions/${session}/reset`);
    await step(under);
    await under.call("DELETE", `/api/sessions/${session}`);
    await step(under);
    assert.deepEqual(
      stream.named("session:update", "session:end", "session:erase").map(({ data }) => {
        return [data["type"], data["changed"] ?? data["reason"], data["session"] === null];
      }),
      [
        ["session:update", "title", false],
        ["session:end", "command", false],
        ["session:erase", undefined, true],
      ],
    );
  });

  test("gives text out at once, and what follows within 40 ms together", async () => {
    await using under = await openApp();
    await say(under, "hello");
    const turn = await begin(under);
    await using stream = await openEvents(under);
    await step(under);
    under.clock.advance(40);
    turn.hear("one ");
    await stream.until("reply:text");
    for (const word of ["two ", "three ", "four "]) turn.hear(word);
    await step(under);
    assert.deepEqual(
      stream.named("reply:text").map(({ data }) => data["text"]),
      ["one ", "two three four "],
    );
  });

  test("keeps the order of words and tools, and of the sessions' own parts", async () => {
    await using under = await openApp();
    await using stream = await openEvents(under);
    await say(under, "hello");
    await say(under, "hello", { chat: "coffee" });
    const [first, second] = [await begin(under), await begin(under)];
    const tool = { type: "tool", turnId: first.turnId, index: 0, name: "clock", state: "started" } as const;
    first.hear("a");
    second.hear("x");
    first.hear("b");
    under.live.publish(first.sessionId, tool);
    first.hear("c");
    second.hear("y");
    await step(under);
    const { type: _, ...told } = tool;
    assert.deepEqual(
      stream.named("reply:text", "reply:tool").map(({ data }) => data["text"] ?? data),
      ["ab", "xy", { sessionId: first.sessionId, ...told }, "c"],
    );
  });

  test("shows a reader that joins what running turns have said, once", async () => {
    await using under = await openApp();
    await using early = await openEvents(under);
    await say(under, "hello");
    const turn = await begin(under);
    turn.hear("Hel");
    await step(under);
    turn.hear("lo, ");
    await using late = await openEvents(under);
    turn.hear("Ada");
    await step(under);
    assert.deepEqual(names(late).slice(0, 3), ["open", "reply:start", "reply:text"]);
    for (const stream of [early, late]) assert.equal(shownReplies(stream).get(turn.turnId), "Hello, Ada");
  });

  test("begins a reply again with another attempt", async () => {
    await using under = await openApp();
    await using stream = await openEvents(under);
    await say(under, "hello");
    const turn = await begin(under);
    turn.hear("Hel");
    under.live.publish(turn.sessionId, { type: "start", turnId: turn.turnId, attempt: 2, seqs: [1] });
    turn.hear("Hello");
    await step(under);
    await using late = await openEvents(under);
    await step(under);
    for (const read of [stream, late]) assert.equal(shownReplies(read).get(turn.turnId), "Hello");
  });

  test("without replies tells everything else", async () => {
    await using under = await openApp();
    await using stream = await openEvents(under, "?replies=off");
    await say(under, "hello");
    const turn = await begin(under);
    turn.hear("Hello");
    await step(under);
    await using late = await openEvents(under, "?replies=off");
    await turn.end("Hello");
    await step(under);
    assert.deepEqual(names(stream), ["open", "session:start", "turn:start", "message:accept", "turn:end"]);
    assert.deepEqual(names(late), ["open", "turn:end"]);
  });

  test("is refused without the token", async () => {
    await using under = await openApp({ token: "secret" });
    assertProblem(await under.call("GET", "/api/events"), 401, "unauthorized");
    const headers = { authorization: "Bearer secret" };
    await using stream = await openEvents(under, "", { headers });
    await stream.until("open");
  });

  test("refuses what it cannot follow", async () => {
    await using under = await openApp();
    for (const query of [
      "?chat=tea",
      "?from=ada",
      "?chat=tea&from=ada&session=x",
      "?replies=maybe",
      "?after=first",
      "?after=-1",
      "?after=1.5",
      "?all=1",
    ]) {
      assertProblem(await under.call("GET", `/api/events${query}`), 400, "invalid-request");
    }
    const headers = { "last-event-id": "yesterday" };
    const refused = await under.call("GET", "/api/events?after=1", { headers });
    assertProblem(refused, 400, "invalid-request");
    assert.equal(refused.body.errors[0]?.path, "header.last-event-id");
    assertProblem(await under.call("GET", "/api/events?session=ses_x"), 404, "not-found");
    const session = await say(under, "hello");
    await under.call("DELETE", `/api/sessions/${session}`);
    assertProblem(await under.call("GET", `/api/events?session=${session}`), 410, "gone");
  });
});

describe("a reader of one session", () => {
  test("hears of it and of no other", async () => {
    await using under = await openApp();
    const session = await say(under, "hello");
    await say(under, "hello", { chat: "coffee" });
    await using stream = await openEvents(under, `?session=${session}`);
    const [mine, other] = [await begin(under), await begin(under)];
    mine.hear("mine");
    other.hear("other");
    await step(under);
    await other.end("other");
    await step(under);
    assert.deepEqual(names(stream), ["open", "turn:start", "reply:start", "reply:text"]);
    assert.deepEqual([shownReplies(stream).get(mine.turnId), shownReplies(stream).size], ["mine", 1]);
  });

  test("hears of its erasure", async () => {
    await using under = await openApp();
    const session = await say(under, "hello");
    await using stream = await openEvents(under, `?session=${session}`);
    await under.call("DELETE", `/api/sessions/${session}`);
    await step(under);
    assert.equal(stream.events.at(-1)?.event, "session:erase");
  });
});

describe("a reader of a chat", () => {
  test("hears its first word, though nothing was stored when it began to read", async () => {
    await using under = await openApp();
    await using stream = await openEvents(under, CHAT);
    assert.equal((await under.store.reader.stats()).sessions, 0);
    await say(under, "hello", { chat: "coffee" });
    await say(under, "hello", { from: "bob" });
    const session = await say(under, "hello");
    await under.answer("not yours");
    await under.answer("not yours");
    await under.answer("yours");
    await step(under);
    assert.deepEqual(names(stream), [
      "open",
      "session:start",
      "turn:start",
      "turn:end",
      "message:accept",
      "reply:start",
      "reply:text",
      "reply:end",
    ]);
    assert.deepEqual(new Set(stream.events.slice(1).map(({ data }) => data["sessionId"])), new Set([session]));
  });

  test("follows it into its next lives, from their first token", async () => {
    await using under = await openApp();
    const first = await say(under, "hello");
    await using stream = await openEvents(under, CHAT);
    const seen = [first];
    for (const life of [2, 3]) {
      await under.call("POST", "/api/chats/tea/reset?from=ada");
      const session = await say(under, `life ${life}`);
      seen.push(session);
      const turn = await begin(under);
      turn.hear("first token");
      await step(under);
      assert.equal(shownReplies(stream).get(turn.turnId), "first token");
      await turn.end("first token");
      await step(under);
    }
    assert.deepEqual(
      stream
        .named("session:start", "session:end", "message:accept")
        .map(({ event, data }) => [event, data["sessionId"]]),
      [
        ["session:end", seen[0]],
        ["session:start", seen[1]],
        ["message:accept", seen[1]],
        ["session:end", seen[1]],
        ["session:start", seen[2]],
        ["message:accept", seen[2]],
      ],
    );
  });

  test("hears of every erasure: to whom the session belonged is not kept", async () => {
    await using under = await openApp();
    await using stream = await openEvents(under, CHAT);
    const session = await say(under, "hello");
    const other = await say(under, "hello", { chat: "coffee" });
    await step(under);
    await under.call("POST", "/api/chats/tea/reset?from=ada");
    await say(under, "hello again");
    await step(under);
    for (const id of [other, session]) await under.call("DELETE", `/api/sessions/${id}`);
    await step(under);
    assert.deepEqual(
      stream.named("session:erase").map(({ data }) => data["sessionId"]),
      [other, session],
    );
  });

  test("that comes back is told what it missed of all lives, and of every erasure", async () => {
    await using under = await openApp();
    const first = await say(under, "hello");
    const other = await say(under, "hello", { chat: "coffee" });
    await under.call("POST", "/api/chats/tea/reset?from=ada");
    await under.call("DELETE", `/api/sessions/${first}`);
    const second = await say(under, "hello again");
    await using stream = await openEvents(under, `${CHAT}&after=0`);
    await stream.until("session:start");
    assert.deepEqual(
      stream.events.slice(1).map(({ event, data }) => [event, data["sessionId"]]),
      [
        ["session:erase", first],
        ["session:start", second],
      ],
    );
    assert.notEqual(other, first);
    assert.ok(storedIds(stream).every((id) => id > 0));
  });
});
