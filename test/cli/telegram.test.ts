import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { openFakeTelegram } from "../../src/testing/fake-telegram.ts";
import { commandUpdate, update } from "../platform/telegram-updates.ts";
import { createPlace, ended, parlor, parlorJson, spawnParlor } from "./parlor.ts";

test("a stranger gets a code, the operator lets them in by it, and they are answered", async (t) => {
  const place = createPlace(t);
  await using api = await openFakeTelegram();
  const env = { TELEGRAM_BOT_TOKEN: api.token, TELEGRAM_API_BASE_URL: api.baseUrl, PORT: "0", LOG_LEVEL: "warn" };
  const child = spawnParlor(place, ["start"], env);
  t.after(() => child.kill("SIGKILL"));
  api.push(commandUpdate("/start"));
  await api.until(() => api.sent.length === 1);
  const code = /\b\d+-[0-9A-Z]{8}\b/.exec(api.sent[0]?.text ?? "")?.[0];
  assert.ok(code !== undefined, `no code in "${api.sent[0]?.text}"`);

  const { sessions } = await parlorJson<{ sessions: readonly unknown[] }>(place, ["sessions", "list"]);
  assert.deepEqual(sessions, [], "nothing is stored for a stranger");
  const { code: exit, stdout } = await parlor(place, ["access", "approve", "telegram", code]);
  assert.equal(exit, 0);
  assert.match(stdout, /may write from now on/);

  api.push(update({ text: "Hello" }));
  await api.until(() => api.sent.length === 2);
  assert.equal(api.sent[1]?.text, "Hello");

  child.kill("SIGTERM");
  await once(child, "exit");
});

test("a gateway says at its start which bot it is, and a wrong token is one sentence", async (t) => {
  const place = createPlace(t);
  await using api = await openFakeTelegram();
  const env = { TELEGRAM_API_BASE_URL: api.baseUrl, PORT: "0", LOG_LEVEL: "warn" };
  const wrong = await parlor(place, ["start"], { ...env, TELEGRAM_BOT_TOKEN: "4242:wrong" });
  assert.equal(wrong.code, 1);
  assert.equal(wrong.stdout, "");
  assert.match(wrong.stderr, /^[^\n]*TELEGRAM_BOT_TOKEN \(401 Unauthorized\)[^\n]*@BotFather[^\n]*\n$/);
  assert.ok(!wrong.stderr.includes("4242:wrong"));

  const child = spawnParlor(place, ["start"], { ...env, TELEGRAM_BOT_TOKEN: api.token });
  child.stdout?.once("data", () => child.kill("SIGTERM"));
  const { stdout } = await ended(child);
  assert.match(stdout, /^Platforms .*telegram @parlor_bot/m);
});
