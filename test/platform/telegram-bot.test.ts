import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { inspect } from "node:util";
import { createTelegramBot } from "../../src/platform/telegram-bot.ts";
import { TelegramRefusal } from "../../src/platform/telegram-fault.ts";
import { openFakeTelegram } from "../../src/testing/fake-telegram.ts";

const never = new AbortController().signal;
const ada = { id: 4242, is_bot: false, first_name: "Ada", last_name: "Lovelace", username: "ada" };
const said = { message_id: 1, date: 1, text: "hello" };
const direct = { message: { ...said, from: ada, chat: { id: 4242, type: "private" } } };

test("a bot says who it is", async () => {
  await using telegram = await openFakeTelegram({ token: "77:AAF", username: "tea_bot" });
  const bot = createTelegramBot({ token: telegram.token, apiBaseUrl: telegram.baseUrl });
  assert.deepEqual(await bot.getMe(never), { id: "77", name: "Parlor (@tea_bot)", username: "tea_bot" });
});

test("those who wrote are told again and again, because nothing is confirmed", async () => {
  await using telegram = await openFakeTelegram();
  const group = { id: -1001, type: "supergroup", title: "Tea" };
  telegram.push(
    { my_chat_member: { chat: group } },
    direct,
    { message: { ...said, chat: group, from: { id: 5, is_bot: false, first_name: "Bob" } } },
    { message: { ...said, chat: group, from: { id: 6, is_bot: true, first_name: "A bot" } } },
    { channel_post: { ...said, chat: group } },
    { message: { ...said, chat: group } },
  );
  const bot = createTelegramBot({ token: telegram.token, apiBaseUrl: telegram.baseUrl });
  for (let n = 0; n < 2; n += 1) {
    const writers = await bot.getWriters(1, never);
    assert.deepEqual(
      writers.map(({ chat, user }) => ({ chat, user })),
      [
        { chat: null, user: { id: "4242", name: "Ada Lovelace (@ada)" } },
        { chat: { id: "-1001", name: "Tea" }, user: { id: "5", name: "Bob" } },
      ],
    );
  }
  assert.equal(telegram.unconfirmed(), 6);
});

test("a message that comes while the question is held is told at once", async () => {
  await using telegram = await openFakeTelegram();
  const bot = createTelegramBot({ token: telegram.token, apiBaseUrl: telegram.baseUrl });
  const writers = bot.getWriters(50, never);
  await telegram.until(() => telegram.calls.includes("getUpdates"));
  telegram.push(direct);
  assert.equal((await writers)[0]?.user.id, "4242");
});

test("what Telegram refuses keeps its status and its wait", async () => {
  await using telegram = await openFakeTelegram();
  telegram.next("getMe", { status: 429, description: "Too Many Requests", retryAfterS: 7 });
  const bot = createTelegramBot({ token: telegram.token, apiBaseUrl: telegram.baseUrl });
  await assert.rejects(bot.getMe(never), { name: "TelegramRefusal", status: 429, retryAfterMs: 7_000 });
  const other = createTelegramBot({ token: "4242:another", apiBaseUrl: telegram.baseUrl });
  await assert.rejects(other.getMe(never), { name: "TelegramRefusal", status: 401 });
});

test("no fault shows the token: not one of the network, not one of an answer that is none", async (t) => {
  const token = "4242:sesame-open";
  const answers = ["", "<html>", "{}", '{"ok":true}', '{"ok":true,"result":{"id":"x"}}', '{"ok":false}'];
  const server = createServer((_request, response) => {
    const body = answers.shift();
    if (body === undefined) response.destroy();
    else if (body === "") response.writeHead(302, { location: "http://127.0.0.1:1/" }).end();
    else response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const apiBaseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const faults: unknown[] = [];
  for (const url of [...answers.map(() => apiBaseUrl), apiBaseUrl, "http://127.0.0.1:1", "http://[::bad"]) {
    const bot = createTelegramBot({ token, apiBaseUrl: url });
    faults.push(await bot.getMe(never).catch((error: unknown) => error));
  }
  for (const fault of faults) {
    assert.ok(fault instanceof Error);
    assert.ok(fault instanceof TelegramRefusal || ("code" in fault && fault.code === "PLATFORM_UNAVAILABLE"));
    assert.doesNotMatch(inspect(fault, { depth: 9, showHidden: true }), /sesame/);
  }
});

test("who ends the question gets their own reason back", async () => {
  await using telegram = await openFakeTelegram();
  const bot = createTelegramBot({ token: telegram.token, apiBaseUrl: telegram.baseUrl });
  const ended = new AbortController();
  const writers = bot.getWriters(50, ended.signal);
  await telegram.until(() => telegram.calls.includes("getUpdates"));
  ended.abort(new Error("enough"));
  await assert.rejects(writers, /^Error: enough$/);
});
