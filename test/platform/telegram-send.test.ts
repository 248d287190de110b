import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Delivery } from "../../src/core/delivery.ts";
import type { SendOutcome } from "../../src/platform/platform.ts";
import { createTelegram } from "../../src/platform/telegram.ts";
import { openFakeTelegram, type FakeTelegramAnswer } from "../../src/testing/fake-telegram.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { setUpTelegram } from "./telegram-setup.ts";

const DESTINATION = {
  platform: "telegram",
  account: "4242",
  chatType: "dm",
  chat: "7",
  thread: null,
  user: "7",
} as const;

function deliveryOf(text: string, destination: Partial<Delivery["destination"]> = {}): Delivery {
  return {
    id: "dlv_1",
    sessionId: null,
    turnId: null,
    seq: null,
    destination: { ...DESTINATION, ...destination },
    text,
    state: "sending",
    attempt: 1,
    pardoned: 0,
    remoteId: null,
    error: null,
    createdAt: 0,
  };
}

const never = new AbortController().signal;

/** What people see of a text. */
async function shown(text: string): Promise<string> {
  await using rig = await setUpTelegram();
  assert.equal((await rig.platform.send(deliveryOf(text), never)).outcome, "sent");
  return rig.api.sent.map((message) => message.text).join("\n\n---\n\n");
}

async function outcomeAfter(...answers: readonly FakeTelegramAnswer[]): Promise<SendOutcome> {
  await using rig = await setUpTelegram();
  rig.api.next("sendMessage", ...answers);
  return await rig.platform.send(deliveryOf("Hello"), never);
}

describe("a reply on Telegram", () => {
  it("is one message in its chat and topic, with Telegram's id", async () => {
    await using rig = await setUpTelegram({ clock: createManualClock(0) });
    const sent = await rig.platform.send(
      deliveryOf("Hello", { chatType: "thread", chat: "-1002", thread: "12" }),
      never,
    );
    assert.deepEqual(sent, { outcome: "sent", remoteId: "1", restMs: 1_000 });
    assert.deepEqual(rig.api.sent, [{ id: 1, chat: "-1002", thread: "12", text: "Hello" }]);
    assert.equal(rig.platform.delivers(DESTINATION), true);
    assert.equal(rig.platform.delivers({ ...DESTINATION, account: "1" }), false);
  });

  it("is shown as its Markdown means it", async () => {
    assert.equal(
      await shown("A **bold** word, `code_x` and [a link](https://example.com/a_b)."),
      "A bold word, code_x and a link.",
    );
    assert.equal(await shown("# The **title**\n\nText - with. (signs)!"), "The title\n\nText - with. (signs)!");
    assert.equal(await shown("```js\nconst a = `b`;\n```"), "const a = `b`;\n");
    assert.equal(await shown("one\ntwo"), "one\ntwo");
  });

  it("keeps the numbers, the nesting and the boxes of lists", async () => {
    const list = "3. three\n4. four\n   - inner\n   - other\n5. five";
    assert.equal(await shown(list), "3. three\n4. four\n   - inner\n   - other\n5. five");
    assert.equal(await shown("- [x] done\n- [ ] open"), "- [x] done\n- [ ] open");
    assert.equal(await shown("1. run\n\n   ```sh\n   ls\n   ```\n\n2. look"), "1. run\n\nls\n\n\n2. look");
  });

  it("goes out as it was written where Markdown would leave something out, or Telegram refuses it", async () => {
    const noted = "See [the page][1].\n\n[1]: https://example.com/";
    assert.equal(await shown(noted), noted);
    const nested = "**bold *and **more** of* it**";
    assert.match(await shown(nested), /bold .*and .*more/);
    for (const text of [
      "![](https://example.com/a.png)",
      "See [the code](src/index.ts).",
      "| a |\n| --- |\n| [a](https://example.com/) |",
      ">".repeat(4_096),
    ])
      assert.equal(await shown(text), text);
    assert.match(await shown("| a |\n| --- |\n| https://example.com/ |"), /^a\s+-+\nhttps:/);
  });

  it("goes out as it was written whatever Telegram says against its form", async () => {
    await using rig = await setUpTelegram();
    rig.api.next("sendMessage", { status: 400, description: "Bad Request: MESSAGE_TOO_LONG" });
    assert.equal((await rig.platform.send(deliveryOf("**Hello**"), never)).outcome, "sent");
    assert.equal(rig.api.sent[0]?.text, "**Hello**");
  });

  it("is never cut: 4,096 signs that Markdown would make twice as long arrive whole", async () => {
    const dense = "-.!(".repeat(1_024);
    assert.equal(await shown(dense), dense);
    const table = `| a | b |\n| --- | --- |\n${"| 1 | 2 |\n".repeat(100)}`;
    assert.equal((await shown(table)).match(/1/g)?.length, 100);
  });

  it("waits as long as Telegram asks", async () => {
    const answer = { status: 429, description: "Too Many Requests: retry after 7", retryAfterS: 7 };
    assert.deepEqual(await outcomeAfter(answer), {
      outcome: "retry",
      error: "Telegram answered 429 (Too Many Requests: retry after 7).",
      retryAfterMs: 7_000,
    });
  });

  it("fails where nobody can be written to", async () => {
    const blocked = await outcomeAfter({ status: 403, description: "Forbidden: bot was blocked by the user" });
    assert.deepEqual(blocked, {
      outcome: "failed",
      error: "Telegram answered 403 (Forbidden: bot was blocked by the user).",
    });
    const missing = { status: 400, description: "Bad Request: chat not found" };
    assert.equal((await outcomeAfter(missing, missing)).outcome, "failed");
    await using rig = await setUpTelegram();
    const other = await rig.platform.send(deliveryOf("Hello", { account: "1" }), never);
    assert.ok(other.outcome === "failed" && other.error.includes("another"));
    assert.deepEqual(rig.api.sent, []);
  });

  it("waits for another token when its own is withdrawn", async () => {
    const unauthorized = await outcomeAfter({ status: 401, description: "Unauthorized" });
    assert.ok(unauthorized.outcome === "retry" && unauthorized.error.includes("TELEGRAM_BOT_TOKEN"));
  });

  it("follows a group that became a supergroup while it was written", async () => {
    await using rig = await setUpTelegram({ clock: createManualClock(0) });
    rig.api.next("sendMessage", {
      status: 400,
      description: "Bad Request: group chat was upgraded to a supergroup chat",
      migrateToChatId: -1_001_234,
    });
    const sent = await rig.platform.send(deliveryOf("**Hello**", { chatType: "group", chat: "-55" }), never);
    assert.deepEqual(sent, { outcome: "sent", remoteId: "1", restMs: 1_000 });
    assert.deepEqual(rig.api.sent, [{ id: 1, chat: "-1001234", thread: null, text: "Hello" }]);
  });

  it("is ambiguous when it may have arrived", async () => {
    assert.equal((await outcomeAfter("cut")).outcome, "ambiguous");
    assert.equal((await outcomeAfter({ status: 500, description: "Internal Server Error" })).outcome, "ambiguous");
    await using rig = await setUpTelegram();
    rig.api.next("sendMessage", "hang");
    const abort = new AbortController();
    const sending = rig.platform.send(deliveryOf("Hello"), abort.signal);
    await rig.api.until(() => rig.api.sent.length === 1);
    abort.abort();
    assert.equal((await sending).outcome, "ambiguous");
  });

  it("is tried again when no connection was made", async () => {
    const gone = await openFakeTelegram();
    await gone[Symbol.asyncDispose]();
    const platform = await createTelegram({
      token: gone.token,
      apiBaseUrl: gone.baseUrl,
      receive: async () => {},
      onFault: () => {},
    });
    const sent = await platform.send(deliveryOf("Hello"), never);
    assert.deepEqual(sent, { outcome: "retry", error: "The call to Telegram failed (ECONNREFUSED)." });
  });
});
