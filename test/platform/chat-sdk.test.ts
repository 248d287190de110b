import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as sdk from "chat";
import type { Adapter, Message } from "chat";
import type { InboundEvent } from "../../src/core/event.ts";
import { createChat, type Happening } from "../../src/platform/chat-sdk.ts";
import { sourceOf } from "../../src/testing/sources.ts";

/** As much of an adapter as a chat asks for. */
const ADAPTER = {
  name: "test",
  userName: "bot",
  channelIdFromThreadId: (threadId: string) => threadId.split("/")[0],
} as unknown as Adapter;

const messageOf = (text: string): Message => ({ text }) as unknown as Message;

function setUp(receive: (event: InboundEvent) => Promise<void> = async () => {}) {
  const received: string[] = [];
  const read = (happening: Happening): InboundEvent | null =>
    happening.what === "message"
      ? { kind: "message", source: sourceOf(), eventId: null, text: happening.message.text }
      : happening.what === "action"
        ? null
        : { kind: "signal", source: sourceOf(), name: happening.what === "command" ? "action" : "edit" };
  const chat = createChat(sdk, {
    adapter: ADAPTER,
    read,
    receive: async (event) => {
      await receive(event);
      received.push(event.kind === "message" ? event.text : event.name);
    },
  });
  return { chat, received };
}

describe("the seam to the Chat SDK", () => {
  it("receives messages in the order in which they came, though an adapter looks up who sent them", async () => {
    const { chat, received } = setUp();
    const first = Promise.withResolvers<Message>();
    const receiving = [
      chat.processMessage(ADAPTER, "c1/t1", () => first.promise),
      chat.processMessage(ADAPTER, "c1/t2", messageOf("second")),
      chat.processMessage(ADAPTER, "c2/t1", messageOf("elsewhere")),
    ];
    await receiving[2];
    first.resolve(messageOf("first"));
    await Promise.all(receiving);
    assert.deepEqual(received, ["elsewhere", "first", "second"]);
  });

  it("tells the adapter, and whoever waits for its work, what was not received", async () => {
    const waited: Promise<unknown>[] = [];
    const { chat } = setUp(() => Promise.reject(new Error("the disk is full")));
    const options = { waitUntil: (task: Promise<unknown>) => void waited.push(task) };
    await assert.rejects(chat.processMessage(ADAPTER, "c1", messageOf("lost"), options), /disk is full/);
    await assert.rejects(Promise.all(waited), /disk is full/);
  });

  it("leaves no rejection behind that nobody listens to", async () => {
    const { chat } = setUp(() => Promise.reject(new Error("the disk is full")));
    void chat.processMessage(ADAPTER, "c1", messageOf("lost"));
    // The test runner fails on an unhandled rejection.
    await new Promise((resolve) => setImmediate(resolve));
  });

  it("has one way for all that adapters hand over, and none of the SDK's own", async () => {
    const { chat, received } = setUp();
    chat.onNewMention(() => assert.fail("a handler of the SDK was called"));
    chat.onDirectMessage(() => assert.fail("a handler of the SDK was called"));
    await chat.handleIncomingMessage(ADAPTER, "c1", messageOf("handled"));
    await chat.processMessageUpdated({ adapter: ADAPTER, threadId: "c1", message: messageOf("new words") });
    const command = { adapter: ADAPTER, channelId: "c1", command: "/new", text: "", raw: {} };
    await chat.processSlashCommand(command as Parameters<typeof chat.processSlashCommand>[0], undefined);
    const action = { adapter: ADAPTER, threadId: "c1", raw: {} };
    await chat.processAction(action as Parameters<typeof chat.processAction>[0], undefined);
    const deletion = { adapter: ADAPTER, threadId: "c1", raw: {} };
    await chat.processMessageDeleted(deletion as Parameters<typeof chat.processMessageDeleted>[0]);
    assert.deepEqual(received, ["handled", "edit", "action", "edit"]);
  });
});
