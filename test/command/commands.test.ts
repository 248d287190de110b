import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DEFAULT_BUSY, type BusyPolicy } from "../../src/core/busy-policy.ts";
import { CHAT_COMMANDS, createCommands } from "../../src/command/commands.ts";
import type { CommandAnswer } from "../../src/command/commands.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import type { Store } from "../../src/store/store.ts";
import { messageOf, sourceOf } from "../../src/testing/sources.ts";

const source = sourceOf();

interface Chat extends AsyncDisposable {
  readonly store: Store;
  type(text: string, eventId?: string): Promise<CommandAnswer>;
}

async function openChat(busy: BusyPolicy = DEFAULT_BUSY): Promise<Chat> {
  const store = await openSqliteStore({ path: ":memory:", busy: { default: busy } });
  const commands = createCommands({ store, cancel: store.cancelTurn, retry: store.retryTurn });
  return {
    store,
    type: async (text, eventId) => {
      const answer = await commands.run({ source, text, eventId: eventId ?? null });
      assert.ok(answer !== null);
      return answer;
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

async function sessionsIn({ store }: Chat): Promise<number> {
  return (await store.reader.stats()).sessions;
}

describe("before the first word", () => {
  for (const { name, usage } of CHAT_COMMANDS) {
    test(`${usage} is answered and stores no session`, async () => {
      await using chat = await openChat();
      const answer = await chat.type(name === "title" ? "/title Tea" : `/${name}`);
      assert.equal(answer.outcome, "command");
      assert.notEqual(answer.reply, "");
      assert.equal(await sessionsIn(chat), 0);
    });
  }

  test("/status says that nothing is stored, under the id that the session will have", async () => {
    await using chat = await openChat();
    const { reply } = await chat.type("/status");
    const accepted = await chat.store.accept(messageOf("hello"));
    assert.ok(accepted.outcome === "accepted");
    assert.ok(reply.includes("nothing is stored yet") && reply.includes(accepted.session.id), reply);
  });

  test("/title is kept for the session's birth", async () => {
    await using chat = await openChat();
    await chat.type("/title Tea for two");
    assert.equal((await chat.type("/title")).reply, 'The title is "Tea for two".');
    const accepted = await chat.store.accept(messageOf("hello"));
    assert.ok(accepted.outcome === "accepted");
    assert.equal(accepted.session.title, "Tea for two");
  });
});

describe("in a session", () => {
  test("/new ends it, and tells how many messages will not be answered", async () => {
    await using chat = await openChat();
    await chat.store.accept(messageOf("hello"));
    const { reply } = await chat.type("/new");
    assert.equal(reply, "Your next message starts a new conversation. One message will not be answered.");
    assert.equal((await chat.store.getOrCreate(source)).persisted, false);
    assert.equal(await sessionsIn(chat), 1);
  });

  test("/new with a message behind it does nothing and says so", async () => {
    await using chat = await openChat();
    await chat.store.accept(messageOf("hello"));
    assert.match((await chat.type("/new how are you?")).reply, /Nothing was done/);
    assert.equal((await chat.store.getOrCreate(source)).persisted, true);
  });

  test("/new that is delivered again does not end the next session (I20)", async () => {
    await using chat = await openChat();
    await chat.store.accept(messageOf("hello"));
    await chat.type("/new", "7");
    await chat.store.accept(messageOf("hello again"));
    const again = await chat.type("/new", "7");
    assert.ok(again.outcome === "command" && again.duplicate);
    assert.equal((await chat.store.getOrCreate(source)).persisted, true);
  });

  test("/title names it in one line", async () => {
    await using chat = await openChat();
    await chat.store.accept(messageOf("hello"));
    assert.equal((await chat.type("/title Tea\n  for two")).reply, 'The title is "Tea for two".');
    assert.equal((await chat.store.getOrCreate(source)).title, "Tea for two");
  });

  test("/title that is delivered again does not undo a later one (I20)", async () => {
    await using chat = await openChat();
    await chat.store.accept(messageOf("hello"));
    await chat.type("/title first", "1");
    await chat.type("/title second", "2");
    const again = await chat.type("/title first", "1");
    assert.ok(again.outcome === "command" && again.duplicate);
    assert.equal((await chat.store.getOrCreate(source)).title, "second");
  });

  test("a title that is too long is refused with the numbers", async () => {
    await using chat = await openChat();
    await chat.store.accept(messageOf("hello"));
    assert.match((await chat.type(`/title ${"x".repeat(201)}`)).reply, /200 characters; this one has 201/);
    assert.equal((await chat.store.getOrCreate(source)).title, null);
  });

  test("/status tells what is being answered and what waits", async () => {
    await using chat = await openChat();
    await chat.store.accept(messageOf("hello"));
    await chat.store.claimTurn({ node: "n", leaseMs: 60_000, maxMessages: 10, maxAgeMs: 0 });
    await chat.store.accept(messageOf("and?"));
    const { reply } = await chat.type("/status");
    assert.match(reply, /2 entries since \d{4}-\d\d-\d\d \d\d:\d\d UTC\. Being answered: 1\. Waiting: 1\.$/);
  });

  test("/stop drops what waits", async () => {
    await using chat = await openChat();
    await chat.store.accept(messageOf("hello"));
    assert.equal((await chat.type("/stop")).reply, "Dropped 1 message that waited for an answer.");
    assert.equal((await chat.type("/stop")).reply, "There is nothing to stop.");
  });

  test("/stop says what it has cancelled: the answer that was being made, and what waited behind it", async () => {
    await using chat = await openChat();
    const claim = { node: "n", leaseMs: 60_000, maxMessages: 10, maxAgeMs: 0 };
    await chat.store.accept(messageOf("one"));
    await chat.store.claimTurn(claim);
    assert.equal((await chat.type("/stop")).reply, "Stopped the answer to 1 message.");
    for (const text of ["two", "three"]) await chat.store.accept(messageOf(text));
    await chat.store.claimTurn(claim);
    for (const text of ["four", "five"]) await chat.store.accept(messageOf(text));
    assert.equal(
      (await chat.type("/stop")).reply,
      "Stopped the answer to 2 messages. Dropped 2 messages that waited behind it.",
    );
  });

  test("/status counts all that waits, however much it is", async () => {
    await using chat = await openChat({ mode: "collect", debounceMs: 0, maxWaiting: 1_000 });
    await Promise.all(Array.from({ length: 450 }, (_, n) => chat.store.accept(messageOf(`message ${n}`))));
    assert.match((await chat.type("/status")).reply, /Being answered: 0\. Waiting: 450\.$/);
  });

  test("/stop ends the pause in which a turn waits for more", async () => {
    await using chat = await openChat({ mode: "collect", debounceMs: 60_000, maxWaiting: 100 });
    await chat.store.accept(messageOf("one"));
    assert.equal((await chat.type("/stop")).reply, "Dropped 1 message that waited for an answer.");
    assert.equal((await chat.store.reader.nextDue()).turn, null);
  });

  test("/retry has the last turn that died answered, then the one before it, each once", async () => {
    await using chat = await openChat();
    const claim = { node: "n", leaseMs: 60_000, maxMessages: 10, maxAgeMs: 0 };
    const run = async (): Promise<readonly string[]> => {
      const turn = await chat.store.claimTurn(claim);
      if (turn === null) return [];
      await chat.store.commitTurn(turn.lease, { entries: [{ role: "assistant", text: "ok", pieces: [] }] });
      return turn.messages.map(({ text }) => text);
    };
    for (const text of ["one", "two"]) {
      await chat.store.accept(messageOf(text));
      const turn = await chat.store.claimTurn(claim);
      assert.ok(turn !== null);
      await chat.store.failTurn(turn.lease, { reason: "r", retryAt: null, notice: "n", pieces: [] });
    }
    assert.equal((await chat.type("/retry", "1")).reply, "I will answer your message now after all.");
    const again = await chat.type("/retry", "1");
    assert.ok(again.outcome === "command" && again.duplicate);
    assert.match((await chat.type("/retry", "2")).reply, /answering something else just now/);
    assert.deepEqual(await run(), ["two"]);
    assert.equal((await chat.type("/retry", "3")).outcome, "command");
    assert.deepEqual(await run(), ["one"]);
    assert.equal((await chat.type("/retry", "4")).reply, "There is nothing to try again.");
    const late = await chat.type("/retry", "3");
    assert.ok(late.outcome === "command" && late.duplicate, "also when nothing is left to be retried");
  });

  test("/retry that found nothing does not act when it comes again later", async () => {
    await using chat = await openChat();
    await chat.store.accept(messageOf("one"));
    assert.equal((await chat.type("/retry", "1")).reply, "There is nothing to try again.");
    const turn = await chat.store.claimTurn({ node: "n", leaseMs: 60_000, maxMessages: 10, maxAgeMs: 0 });
    assert.ok(turn !== null);
    await chat.store.failTurn(turn.lease, { reason: "r", retryAt: null, notice: "n", pieces: [] });
    const again = await chat.type("/retry", "1");
    assert.ok(again.outcome === "command" && again.duplicate);
    assert.equal((await chat.store.reader.nextDue()).turn, null);
  });

  test("after it was erased a command still creates none", async () => {
    await using chat = await openChat();
    const accepted = await chat.store.accept(messageOf("hello"));
    assert.ok(accepted.outcome === "accepted");
    await chat.store.erase(accepted.session.id);
    for (const { name } of CHAT_COMMANDS) await chat.type(name === "title" ? "/title Tea" : `/${name}`);
    assert.equal(await sessionsIn(chat), 0);
  });
});

describe("the list", () => {
  test("/help has every command", async () => {
    await using chat = await openChat();
    const { reply } = await chat.type("/help");
    assert.deepEqual(
      reply.split("\n"),
      CHAT_COMMANDS.map(({ usage, summary }) => `${usage} - ${summary}`),
    );
  });

  test("a command that does not exist is answered with where to look", async () => {
    await using chat = await openChat();
    assert.deepEqual(await chat.type("/foo"), {
      outcome: "unknown",
      name: "foo",
      reply: "Unknown command /foo. Try /help.",
    });
  });

  test("what is no command is left alone", async () => {
    await using store = await openSqliteStore({ path: ":memory:" });
    const commands = createCommands({ store, cancel: store.cancelTurn, retry: store.retryTurn });
    assert.equal(await commands.run({ source, eventId: null, text: "/etc/hosts is broken" }), null);
  });
});
