import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { InboundEvent } from "../../src/core/event.ts";
import type { FakeTelegramUpdate } from "../../src/testing/fake-telegram.ts";
import { setUpTelegram } from "./telegram-setup.ts";
import { ADA, BOT, DM, FORUM, GROUP, commandUpdate, mentionUpdate, message, update } from "./telegram-updates.ts";

async function eventsOf(...updates: readonly FakeTelegramUpdate[]): Promise<readonly InboundEvent[]> {
  await using rig = await setUpTelegram();
  await rig.deliver(...updates);
  assert.deepEqual(rig.faults, []);
  return rig.received;
}

/** The one message that an update is read as, without what every message has. */
async function messageOf(sent: FakeTelegramUpdate): Promise<Readonly<Record<string, unknown>>> {
  const [event, ...rest] = await eventsOf(sent);
  assert.deepEqual(rest, []);
  assert.equal(event?.kind, "message");
  const { text, attachments, fromBot, addressed } = event;
  return {
    text,
    addressed,
    ...(fromBot === true ? { fromBot } : {}),
    ...(attachments === undefined ? {} : { attachments }),
  };
}

async function signalOf(...updates: readonly FakeTelegramUpdate[]): Promise<readonly string[]> {
  return (await eventsOf(...updates)).map((event) => (event.kind === "signal" ? event.name : `said: ${event.text}`));
}

describe("a message on Telegram", () => {
  it("is from a person, in a chat, to a bot", async () => {
    const [event] = await eventsOf(update({ message_id: 31, date: 1_700_000_000, text: "Hello" }));
    assert.deepEqual(event, {
      kind: "message",
      source: {
        platform: "telegram",
        account: "4242",
        chatType: "dm",
        chat: "7",
        thread: null,
        user: "7",
        chatName: null,
        userName: "Ada Lovelace",
      },
      eventId: "31",
      text: "Hello",
      sentAt: 1_700_000_000_000,
      fromBot: false,
      addressed: true,
    });
  });

  it("of a group has the group's name; of a topic, the topic", async () => {
    const [inGroup, inTopic, inChain] = await eventsOf(
      update({ chat: GROUP, text: "a" }),
      update({ chat: FORUM, text: "b", message_thread_id: 12, is_topic_message: true }),
      update({ chat: GROUP, text: "c", message_thread_id: 12 }),
    );
    assert.deepEqual(
      [inGroup?.source.chatType, inGroup?.source.chat, inGroup?.source.chatName],
      ["group", "-1001", "Analysts"],
    );
    assert.deepEqual(
      [inTopic?.source.chatType, inTopic?.source.chat, inTopic?.source.thread],
      ["thread", "-1002", "12"],
    );
    assert.deepEqual(
      [inChain?.source.chatType, inChain?.source.thread],
      ["group", null],
      "a chain of replies is no topic",
    );
  });

  it("keeps the addresses and the code that formatting holds, and nothing else of it", async () => {
    const text = "see this and x=1 or\nlet y;";
    const entities = [
      { type: "bold", offset: 0, length: 8 },
      { type: "italic", offset: 0, length: 8 },
      { type: "text_link", offset: 4, length: 4, url: "https://example.com/" },
      { type: "code", offset: 13, length: 3 },
      { type: "pre", offset: 20, length: 6, language: "js" },
    ];
    assert.equal(
      (await messageOf(update({ text, entities })))["text"],
      "see this (https://example.com/) and `x=1` or\n```js\nlet y;\n```",
    );
  });

  it("of a group is for the bot when it is mentioned, answered, or given a command", async () => {
    assert.deepEqual(await messageOf(update({ chat: GROUP, text: "hi all" })), { text: "hi all", addressed: false });
    assert.deepEqual(await messageOf(mentionUpdate("@parlor_bot, what now?")), { text: "what now?", addressed: true });
    assert.deepEqual(await messageOf(mentionUpdate("what now @Parlor_Bot")), { text: "what now", addressed: true });
    assert.deepEqual(await messageOf(mentionUpdate("is @parlor_bot here?")), {
      text: "is @parlor_bot here?",
      addressed: true,
    });
    assert.deepEqual(await messageOf(update({ chat: GROUP, text: "@parlor_bot_2 hi" })), {
      text: "@parlor_bot_2 hi",
      addressed: false,
    });
    const reply = { reply_to_message: message({ from: BOT, chat: GROUP, text: "Yes?" }) };
    assert.deepEqual(await messageOf(update({ chat: GROUP, text: "no", ...reply })), { text: "no", addressed: true });
    assert.deepEqual(await messageOf(commandUpdate("/new@parlor_bot now", { chat: GROUP })), {
      text: "/new now",
      addressed: true,
    });
    assert.deepEqual(await messageOf(commandUpdate("/new@other_bot", { chat: GROUP })), {
      text: "/new@other_bot",
      addressed: false,
    });
  });

  it("is a command as it was typed; the start button asks for help", async () => {
    assert.equal((await messageOf(commandUpdate("/title  Sums")))["text"], "/title Sums");
    assert.equal((await messageOf(commandUpdate("/start")))["text"], "/help");
    assert.equal((await messageOf(commandUpdate("/start campaign-7")))["text"], "/help");
  });

  it("has its files by reference, without the token", async () => {
    const photo = [{ file_id: "small" }, { file_id: "large" }];
    const voice = { file_id: "v1", duration: 3, mime_type: "audio/ogg" };
    const document = { file_id: "d1", file_name: "sums.pdf", mime_type: "application/pdf" };
    assert.deepEqual(await messageOf(update({ photo, caption: "look" })), {
      text: "look",
      addressed: true,
      attachments: [{ url: "telegram:file/large", name: "photo", mediaType: "image/jpeg" }],
    });
    assert.deepEqual((await messageOf(update({ voice })))["attachments"], [
      { url: "telegram:file/v1", name: "voice message", mediaType: "audio/ogg" },
    ]);
    assert.deepEqual((await messageOf(update({ document })))["attachments"], [
      { url: "telegram:file/d1", name: "sums.pdf", mediaType: "application/pdf" },
    ]);
  });

  it("without words can still say something: a sticker its emoji, a place where it is", async () => {
    assert.deepEqual(await messageOf(update({ sticker: { file_id: "s", emoji: "👍" } })), {
      text: "👍",
      addressed: true,
    });
    const { text } = await messageOf(update({ location: { latitude: 51.5, longitude: -0.1 } }));
    assert.match(String(text), /51\.5, -0\.1/);
  });

  it("of an album is one of several, all said to the bot when one of them is", async () => {
    const album = { chat: GROUP, media_group_id: "9" };
    const events = await eventsOf(
      mentionUpdate("", { ...album, text: undefined, caption: "@parlor_bot these", photo: [{ file_id: "a" }] }),
      update({ ...album, photo: [{ file_id: "b" }] }),
      update({ ...album, media_group_id: "10", photo: [{ file_id: "c" }] }),
    );
    assert.deepEqual(
      events.map((event) => (event.kind === "message" ? [event.attachments?.[0]?.url, event.addressed] : event.name)),
      [
        ["telegram:file/a", true],
        ["telegram:file/b", true],
        ["telegram:file/c", false],
      ],
    );
  });

  it("of who speaks as a group or a channel is that chat's, and no bot's", async () => {
    const anonymous = { id: 1_087_968_824, is_bot: true, first_name: "Group", username: "GroupAnonymousBot" };
    const channel = { id: -1009, type: "channel", title: "News" };
    const topic = { chat: FORUM, message_thread_id: 12, is_topic_message: true };
    const events = await eventsOf(
      mentionUpdate("@parlor_bot hi", { from: anonymous, sender_chat: FORUM, ...topic }),
      mentionUpdate("@parlor_bot hi", { from: { ...anonymous, id: 136_817_688 }, sender_chat: channel }),
      { channel_post: { ...message({ chat: channel, sender_chat: channel, text: "news" }), from: undefined } },
    );
    assert.deepEqual(
      events.map((event) => [event.source.user, event.source.userName, event.kind === "message" && event.fromBot]),
      [
        ["chat:-1002", "Analysts", false],
        ["chat:-1009", "News", false],
        ["chat:-1009", "News", false],
      ],
    );
  });

  it("of a bot says so", async () => {
    const other = { ...BOT, id: 99, username: "other_bot" };
    assert.deepEqual(await messageOf(update({ from: other, chat: GROUP, text: "/new" })), {
      text: "/new",
      addressed: false,
      fromBot: true,
    });
    assert.equal((await messageOf(update({ from: BOT, text: "me" })))["fromBot"], true);
  });
});

describe("what is no message on Telegram", () => {
  it("is a signal of its kind", async () => {
    const said = message({ text: "Helo" });
    const signals: readonly (readonly [FakeTelegramUpdate, string])[] = [
      [{ edited_message: { ...said, text: "Hello", edit_date: 1_700_000_001 } }, "edit"],
      [
        { edited_channel_post: { ...said, chat: { ...GROUP, type: "channel" }, from: undefined, edit_date: 1 } },
        "edit",
      ],
      [update({ chat: GROUP, new_chat_members: [ADA], new_chat_member: ADA }), "join"],
      [update({ chat: GROUP, group_chat_created: true }), "join"],
      [update({ chat: GROUP, left_chat_member: ADA }), "leave"],
      [update({ chat: GROUP, pinned_message: message({ chat: GROUP, text: "pinned" }) }), "action"],
      [update({ chat: GROUP, new_chat_title: "Analysts II" }), "action"],
      [
        update({ chat: FORUM, forum_topic_created: { name: "Sums" }, message_thread_id: 12, is_topic_message: true }),
        "action",
      ],
      [mentionUpdate("@parlor_bot"), "ping"],
      [
        {
          callback_query: {
            id: "1",
            from: ADA,
            chat_instance: "x",
            data: "yes",
            message: message({ from: BOT, text: "?" }),
          },
        },
        "action",
      ],
      [
        {
          message_reaction: {
            chat: DM,
            message_id: 1,
            user: ADA,
            date: 1,
            old_reaction: [],
            new_reaction: [{ type: "emoji", emoji: "👍" }],
          },
        },
        "reaction",
      ],
    ];
    for (const [sent, name] of signals) assert.deepEqual(await signalOf(sent), [name], JSON.stringify(sent));
  });

  it("is nothing at all when Telegram sends what nobody asked for", async () => {
    assert.deepEqual(await signalOf({ my_chat_member: { chat: GROUP, from: ADA } }), []);
  });

  it("is content again when a message was edited before it was fetched", async () => {
    assert.deepEqual(await signalOf(update({ text: "Hello", edit_date: 1_700_000_001 })), ["said: Hello"]);
  });
});
