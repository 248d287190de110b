import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ParlorError } from "../../src/core/errors.ts";
import { SIGNAL_NAMES } from "../../src/core/event.ts";
import { sessionKey } from "../../src/core/session-key.ts";
import { sourceOf } from "../../src/testing/sources.ts";
import { openInbox } from "./inbox-setup.ts";

const source = sourceOf();
const said = { kind: "message", source, eventId: null } as const;
const link = { url: "https://files.example/1" };

describe("what is not content (I9)", () => {
  for (const name of SIGNAL_NAMES) {
    test(`a signal "${name}" is counted and writes nothing`, async () => {
      await using under = await openInbox();
      assert.deepEqual(await under.inbox.receive({ kind: "signal", source, name }), { outcome: "signal", name });
      assert.deepEqual(under.counted, ["signal"]);
      assert.deepEqual([...under.avoided], [sessionKey(source)]);
      assert.equal((await under.store.reader.stats()).sessions, 0);
    });
  }

  for (const [what, event, name] of [
    ["what a bot says", { text: "hello", fromBot: true }, "bot"],
    ["blank text", { text: " \n\u200b" }, "blank"],
    ["a message to others", { text: "hello", addressed: false }, "unaddressed"],
    ["a command a bot types", { text: "/new", fromBot: true }, "bot"],
    ["a command that is typed to others", { text: "/new", addressed: false }, "unaddressed"],
  ] as const) {
    test(`${what} is the signal "${name}"`, async () => {
      await using under = await openInbox();
      assert.deepEqual(await under.inbox.receive({ ...said, ...event }), { outcome: "signal", name });
      assert.equal((await under.store.reader.stats()).sessions, 0);
    });
  }

  test("a file without a word is content", async () => {
    await using under = await openInbox();
    const outcome = await under.inbox.receive({ ...said, text: "", attachments: [link] });
    assert.equal(outcome.outcome, "accepted");
  });

  test("a message to others joins a session that exists only with context on", async () => {
    for (const [context, entries] of [
      ["off", 1],
      ["on", 2],
    ] as const) {
      await using under = await openInbox({ context });
      const first = await under.inbox.receive({ ...said, text: "hello" });
      assert.ok(first.outcome === "accepted");
      const overheard = await under.inbox.receive({ ...said, text: "not to you", addressed: false });
      assert.deepEqual(overheard, { outcome: "signal", name: "unaddressed" });
      assert.equal((await under.store.reader.transcript(first.session.id)).items.length, entries);
      assert.deepEqual(under.woken, [first.session.id]);
    }
  });

  test("with context on, a message to others opens no session", async () => {
    await using under = await openInbox({ context: "on" });
    await under.inbox.receive({ ...said, text: "not to you", addressed: false });
    assert.equal((await under.store.reader.stats()).sessions, 0);
  });
});

describe("sessions that were not written", () => {
  test("a signal of a key that holds a session avoided none", async () => {
    await using under = await openInbox();
    await under.inbox.receive({ ...said, text: "hello" });
    await under.inbox.receive({ kind: "signal", source, name: "typing" });
    assert.equal(under.avoided.size, 0);
  });

  test("the store is asked about a key once", async () => {
    let reads = 0;
    await using under = await openInbox({
      wrap: (store) => ({
        accept: (message) => store.accept(message),
        overhear: (message) => store.overhear(message),
        getOrCreate: (of) => {
          reads += 1;
          return store.getOrCreate(of);
        },
      }),
    });
    for (let count = 0; count < 5; count += 1) await under.inbox.receive({ kind: "signal", source, name: "ping" });
    assert.equal(reads, 1);
  });

  test("the key is the one of the scope the store was opened with", async () => {
    const scope = { group: "shared", thread: "shared" } as const;
    await using under = await openInbox({ scope });
    const group = sourceOf({ chatType: "group", chat: "c" });
    await under.inbox.receive({ kind: "signal", source: group, name: "join" });
    assert.deepEqual([...under.avoided], [sessionKey(group, scope)]);
  });

  test("commands, unknown commands and looks at a draft avoid one each", async () => {
    await using under = await openInbox();
    await under.inbox.receive({ ...said, source: sourceOf({ user: "a" }), text: "/status" });
    await under.inbox.receive({ ...said, source: sourceOf({ user: "b" }), text: "/nope" });
    await under.inbox.look(sourceOf({ user: "c" }));
    assert.equal(under.avoided.size, 3);
    assert.equal((await under.store.reader.stats()).sessions, 0);
  });

  test("a look is no event", async () => {
    await using under = await openInbox();
    await under.inbox.look(source);
    assert.deepEqual(under.counted, []);
  });
});

describe("messages", () => {
  test("the first message opens the session and wakes its turns", async () => {
    await using under = await openInbox();
    const outcome = await under.inbox.receive({ ...said, text: "hello" });
    assert.ok(outcome.outcome === "accepted");
    assert.equal(outcome.opened, true);
    assert.equal(outcome.seq, 1);
    assert.deepEqual(under.opened, [sessionKey(source)]);
    assert.deepEqual(under.woken, [outcome.session.id]);
    assert.deepEqual(under.counted, ["accepted"]);
  });

  test("the second one opens nothing", async () => {
    await using under = await openInbox();
    await under.inbox.receive({ ...said, text: "hello" });
    await under.inbox.receive({ ...said, text: "again" });
    assert.equal(under.opened.length, 1);
    assert.equal(under.woken.length, 2);
  });

  test("a redelivery is a duplicate and wakes nothing", async () => {
    await using under = await openInbox();
    const first = await under.inbox.receive({ ...said, eventId: "1", text: "hello" });
    assert.ok(first.outcome === "accepted");
    const second = await under.inbox.receive({ ...said, eventId: "1", text: "hello" });
    assert.deepEqual(second, { outcome: "duplicate", sessionId: first.session.id, seq: 1 });
    assert.equal(under.woken.length, 1);
    assert.deepEqual(under.counted, ["accepted", "duplicate"]);
  });

  test("the same id with another body is rejected", async () => {
    await using under = await openInbox();
    await under.inbox.receive({ ...said, eventId: "1", text: "hello" });
    assert.deepEqual(await under.inbox.receive({ ...said, eventId: "1", text: "bye" }), { outcome: "conflict" });
    assert.deepEqual(under.counted, ["accepted", "rejected"]);
  });

  test("what there is no room for is rejected with words for the person, and can come again (I26)", async () => {
    await using under = await openInbox({ maxWaiting: 1 });
    await under.inbox.receive({ ...said, eventId: "1", text: "hello" });
    const refused = await under.inbox.receive({ ...said, eventId: "2", text: "more" });
    assert.ok(refused.outcome === "rejected" && refused.reason === "full");
    assert.match(
      refused.reply,
      /^1 message waits for an answer here already, so your last one was not kept\. .*\/stop/,
    );
    assert.deepEqual(under.counted, ["accepted", "rejected"]);
    assert.equal(under.woken.length, 1);
    await under.store.cancelTurn(said);
    assert.equal((await under.inbox.receive({ ...said, eventId: "2", text: "more" })).outcome, "accepted");
  });

  test("a redelivery of erased words is a duplicate of what is gone", async () => {
    await using under = await openInbox();
    const first = await under.inbox.receive({ ...said, eventId: "1", text: "hello" });
    assert.ok(first.outcome === "accepted");
    await under.store.erase(first.session.id);
    assert.deepEqual(await under.inbox.receive({ ...said, eventId: "1", text: "hello" }), { outcome: "gone" });
    assert.deepEqual(under.counted, ["accepted", "duplicate"]);
  });

  test("a store that fails is counted, and its error goes on", async () => {
    const fault = new ParlorError("STORE_UNAVAILABLE", "The disk is full.", { retryable: true });
    await using under = await openInbox({
      wrap: (store) => ({
        accept: () => Promise.reject(fault),
        overhear: (message) => store.overhear(message),
        getOrCreate: (of) => store.getOrCreate(of),
      }),
    });
    await assert.rejects(under.inbox.receive({ ...said, text: "hello" }), fault);
    assert.deepEqual(under.counted, ["failed"]);
    assert.deepEqual(under.woken, []);
  });
});

describe("commands", () => {
  test("a command is answered and is no message", async () => {
    await using under = await openInbox();
    const outcome = await under.inbox.receive({ ...said, text: "/help" });
    assert.ok(outcome.outcome === "command");
    assert.equal(outcome.name, "help");
    assert.deepEqual(under.counted, ["command"]);
    assert.deepEqual(under.woken, []);
  });

  test("a command that does not exist is refused with advice", async () => {
    await using under = await openInbox();
    assert.deepEqual(await under.inbox.receive({ ...said, text: "/foo bar" }), {
      outcome: "rejected",
      reason: "unknown-command",
      reply: "Unknown command /foo. Try /help.",
    });
    assert.deepEqual(under.counted, ["rejected"]);
  });

  test("a redelivered command is a duplicate", async () => {
    await using under = await openInbox();
    await under.inbox.receive({ ...said, text: "hello" });
    await under.inbox.receive({ ...said, eventId: "2", text: "/new" });
    await under.inbox.receive({ ...said, text: "hello again" });
    const again = await under.inbox.receive({ ...said, eventId: "2", text: "/new" });
    assert.ok(again.outcome === "command");
    assert.equal(again.duplicate, true);
    assert.deepEqual(under.counted, ["accepted", "command", "accepted", "duplicate"]);
    assert.equal((await under.store.getOrCreate(source)).persisted, true);
  });

  test("a file with a caption that looks like a command is content", async () => {
    await using under = await openInbox();
    const outcome = await under.inbox.receive({ ...said, text: "/new", attachments: [link] });
    assert.equal(outcome.outcome, "accepted");
  });
});
