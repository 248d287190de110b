import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Delivery } from "../../src/core/delivery.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { setUpTelegram } from "./telegram-setup.ts";

const ADA = { platform: "telegram", account: "4242", chatType: "dm", chat: "7", thread: null, user: "7" } as const;
const GROUP = { ...ADA, chatType: "group", chat: "-55" } as const;
const never = new AbortController().signal;

function editOf(text: string, destination: Delivery["destination"] = ADA): Delivery {
  return {
    id: "dlv_1",
    sessionId: null,
    turnId: null,
    seq: null,
    destination,
    text,
    state: "sending",
    attempt: 1,
    pardoned: 0,
    remoteId: "1",
    error: null,
    createdAt: 0,
  };
}

/** A message "1" that says "Hello the", posted long enough ago. */
async function setUp(destination: Delivery["destination"] = ADA) {
  const clock = createManualClock(0);
  const rig = await setUpTelegram({ clock });
  const { streaming } = rig.platform;
  assert.ok(streaming !== undefined);
  assert.equal((await streaming.post(destination, "Hello **the", never)).outcome, "sent");
  clock.advance(1_000);
  return { ...rig, clock, streaming };
}

describe("an edit on Telegram", () => {
  it("puts the whole in place of what was posted", async () => {
    await using rig = await setUp();
    assert.equal(rig.api.sent[0]?.text, "Hello **the");
    const edited = await rig.platform.send(editOf("Hello **there**."), never);
    assert.deepEqual(edited, { outcome: "sent", remoteId: "1", restMs: 1_000 });
    assert.deepEqual(rig.api.sent, [{ id: 1, chat: "7", thread: null, text: "Hello there." }]);
  });

  it("is done when the message says that already", async () => {
    await using rig = await setUp();
    assert.equal((await rig.platform.send(editOf("Hello **the"), never)).outcome, "sent");
    assert.deepEqual(rig.api.edits, []);
  });

  it("goes out as it was written where Telegram refuses the Markdown", async () => {
    await using rig = await setUp();
    rig.api.next("editMessageText", { status: 400, description: "Bad Request: can't parse entities" });
    assert.equal((await rig.platform.send(editOf("**There**"), never)).outcome, "sent");
    assert.equal(rig.api.sent[0]?.text, "**There**");
  });

  it("finds that the message is gone", async () => {
    await using rig = await setUp();
    rig.api.remove(1);
    assert.equal((await rig.platform.send(editOf("Hello there."), never)).outcome, "gone");
  });

  it("takes a message for gone whose group has become a supergroup: there its number is another's", async () => {
    await using rig = await setUp(GROUP);
    const moved = {
      status: 400,
      description: "Bad Request: group chat was upgraded to a supergroup chat",
      migrateToChatId: -1_001_234,
    };
    rig.api.next("editMessageText", moved);
    assert.equal((await rig.platform.send(editOf("Hello there.", GROUP), never)).outcome, "gone");
    rig.clock.advance(5_000);
    rig.api.next("sendMessage", moved);
    assert.equal((await rig.streaming.post(GROUP, "Hello", never)).outcome, "failed");
  });

  it("keeps the rest that Telegram asks for, for every message of the chat", async () => {
    await using rig = await setUp();
    rig.api.next("editMessageText", { status: 429, description: "Too Many Requests", retryAfterS: 20 });
    const refused = await rig.streaming.edit(ADA, "1", "Hello there", never);
    assert.ok(refused.outcome === "retry" && refused.retryAfterMs === 20_000);
    assert.deepEqual(await rig.platform.send(editOf("Hello there."), never), { outcome: "later", waitMs: 20_000 });
    rig.clock.advance(20_000);
    assert.equal((await rig.platform.send(editOf("Hello there."), never)).outcome, "sent");
  });

  it("waits for the pace, and costs no call then", async () => {
    await using rig = await setUp();
    assert.equal((await rig.streaming.edit(ADA, "1", "Hello there", never)).outcome, "sent");
    assert.deepEqual(await rig.platform.send(editOf("Hello there."), never), { outcome: "later", waitMs: 1_000 });
    assert.equal(rig.api.calls.filter((method) => method === "editMessageText").length, 1);
  });

  it("is never on its way twice for one message, so that the whole cannot be overtaken", async () => {
    await using rig = await setUp();
    rig.api.next("editMessageText", "hang");
    const abort = new AbortController();
    const slow = rig.streaming.edit(ADA, "1", "Hello the", abort.signal);
    await rig.api.until(() => rig.api.calls.includes("editMessageText"));
    rig.clock.advance(5_000);
    assert.equal((await rig.platform.send(editOf("Hello there."), never)).outcome, "later");
    abort.abort();
    assert.equal((await slow).outcome, "ambiguous");
    assert.equal((await rig.platform.send(editOf("Hello there."), never)).outcome, "later");
    assert.equal(rig.api.sent[0]?.text, "Hello there.");
  });

  it("is made once more, later, after one that was left without an answer and may still come", async () => {
    await using rig = await setUp();
    rig.api.next("editMessageText", "cut");
    assert.equal((await rig.streaming.edit(ADA, "1", "Hello the", never)).outcome, "ambiguous");
    rig.clock.advance(1_000);
    assert.deepEqual(await rig.platform.send(editOf("Hello there."), never), { outcome: "later", waitMs: 4_000 });
    assert.equal(rig.api.sent[0]?.text, "Hello there.");
    // The late one arrives.
    rig.clock.advance(4_000);
    rig.api.overwrite(1, "Hello the");
    assert.equal((await rig.platform.send(editOf("Hello there."), never)).outcome, "sent");
    assert.equal(rig.api.sent[0].text, "Hello there.");
  });

  it("is made once more also when one that may be left out has come between", async () => {
    await using rig = await setUp();
    rig.api.next("editMessageText", "cut");
    assert.equal((await rig.streaming.edit(ADA, "1", "Hello the", never)).outcome, "ambiguous");
    rig.clock.advance(1_500);
    const edited = await rig.streaming.edit(ADA, "1", "Hello ther", never);
    assert.deepEqual(edited, { outcome: "later", waitMs: 3_500 });
    rig.clock.advance(1_500);
    assert.deepEqual(await rig.platform.send(editOf("Hello there."), never), { outcome: "later", waitMs: 2_000 });
    rig.clock.advance(2_000);
    rig.api.overwrite(1, "Hello the");
    assert.equal((await rig.platform.send(editOf("Hello there."), never)).outcome, "sent");
    assert.equal(rig.api.sent[0]?.text, "Hello there.");
  });

  it("comes every second and a half in a direct message, and every three seconds in a group", async () => {
    await using rig = await setUp();
    assert.deepEqual([rig.streaming.intervalMs(ADA), rig.streaming.intervalMs(GROUP)], [1_500, 3_000]);
  });
});
