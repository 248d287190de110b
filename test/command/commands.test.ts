import assert from "node:assert/strict";
import { describe, test } from "node:test";
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

async function openChat(): Promise<Chat> {
  const store = await openSqliteStore({ path: ":memory:" });
  const commands = createCommands({ store, cancel: (ref) => store.cancelTurn(ref) });
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
    await chat.store.claimTurn({ node: "n", leaseMs: 60_000, maxMessages: 10 });
    await chat.store.accept(messageOf("and?"));
    const { reply } = await chat.type("/status");
    assert.match(reply, /2 entries since \d{4}-\d\d-\d\d \d\d:\d\d UTC\. Being answered: 1\. Waiting: 1\.$/);
  });

  test("/stop drops what waits", async () => {
    await using chat = await openChat();
    await chat.store.accept(messageOf("hello"));
    assert.equal((await chat.type("/stop")).reply, "Stopped. 1 message will not be answered.");
    assert.equal((await chat.type("/stop")).reply, "There is nothing to stop.");
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
    const commands = createCommands({ store, cancel: (ref) => store.cancelTurn(ref) });
    assert.equal(await commands.run({ source, eventId: null, text: "/etc/hosts is broken" }), null);
  });
});
