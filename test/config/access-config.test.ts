import assert from "node:assert/strict";
import { test } from "node:test";
import { describeConfig } from "../../src/config/config-values.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { createFolder, load, refusal } from "./loading.ts";

const TOKEN = "4242:AAF-secret_part";

test("a token turns Telegram on, and is not shown", async (t) => {
  const loaded = await load(t, { env: { TELEGRAM_BOT_TOKEN: TOKEN } });
  assert.equal(loaded.config.telegram?.token.reveal(), TOKEN);
  assert.equal(loaded.config.telegram.apiBaseUrl, "https://api.telegram.org");
  assert.deepEqual(
    describeConfig(loaded).filter(({ key }) => key.startsWith("telegram")),
    [
      { key: "telegram.token", value: "set", origin: "environment" },
      { key: "telegram.apiBaseUrl", value: "https://api.telegram.org", origin: "default" },
      { key: "telegram.streaming", value: true, origin: "default" },
    ],
  );
  assert.doesNotMatch(JSON.stringify(describeConfig(loaded)), /secret_part/);
});

test("the token can come from a file, and the Bot API can be elsewhere", async (t) => {
  const { config, origins } = await load(t, {
    env: { TELEGRAM_BOT_TOKEN_FILE: "bot", TELEGRAM_API_BASE_URL: "http://127.0.0.1:8081/" },
    files: { bot: `${TOKEN}\n` },
  });
  assert.equal(config.telegram?.token.reveal(), TOKEN);
  assert.equal(config.telegram.apiBaseUrl, "http://127.0.0.1:8081");
  assert.equal(origins["telegram.token"], "file TELEGRAM_BOT_TOKEN_FILE");
});

test("a token of another form is one sentence that does not show it", async (t) => {
  for (const token of ["AAF-secret_part", "ada:secret_part", "4242:", "4242:secret part", "bot4242:secret_part"]) {
    const message = await refusal(t, { env: { TELEGRAM_BOT_TOKEN: token } });
    assert.match(message, /^TELEGRAM_BOT_TOKEN \(environment\) must be the token of a bot, .* as @BotFather/);
    assert.doesNotMatch(message, /secret|\n/);
  }
});

test("a token in the file is refused with the variable that takes it", async (t) => {
  const files = { "parlor.config.ts": `export default { telegram: { token: "4242:sesame" } };` };
  const message = await refusal(t, { files });
  assert.match(message, /^telegram\.token .* secrets come only from .*; set TELEGRAM_BOT_TOKEN there\.$/);
  assert.doesNotMatch(message, /sesame/);
});

test("an address of the Bot API without a token is noted", async (t) => {
  const { config, notes } = await load(t, { env: { TELEGRAM_API_BASE_URL: "http://127.0.0.1:8081" } });
  assert.equal(config.telegram, null);
  assert.deepEqual(notes, ["TELEGRAM_API_BASE_URL is set but not used: set TELEGRAM_BOT_TOKEN to be on Telegram."]);
  assert.match(
    await refusal(t, { env: { TELEGRAM_API_BASE_URL: "ftp://x" } }),
    /TELEGRAM_API_BASE_URL \(environment\) must be an http or https URL/,
  );
});

test("who only looks after what is stored needs no token that works", async (t) => {
  const env = { HOME: "/home/ada", TELEGRAM_BOT_TOKEN_FILE: "gone" };
  const { config } = await loadConfig({ env, cwd: createFolder(t), use: "store" });
  assert.equal(config.telegram, null);
});

test("who may speak comes from the file, and the variables win value by value", async (t) => {
  const files = {
    "parlor.config.ts": `export default { access: { dm: "closed", allow: ["telegram:1", "slack:T1:U2"], chatPerMinute: 9 } };`,
  };
  const { config } = await load(t, { files });
  assert.deepEqual(config.access, {
    dm: "closed",
    allow: ["telegram:1", "slack:T1:U2"],
    personPerMinute: 20,
    chatPerMinute: 9,
  });
  const loaded = await load(t, { files, env: { PARLOR_DM: "open", PARLOR_ALLOW: " telegram:4242, telegram:-1001,," } });
  assert.deepEqual(loaded.config.access.allow, ["telegram:4242", "telegram:-1001"]);
  assert.equal(loaded.config.access.dm, "open");
  assert.equal(loaded.origins["access.allow"], "environment");
  assert.equal(loaded.origins["access.chatPerMinute"], "parlor.config.ts");
});

test("an entry that is not platform:id is refused, and so is a name on Telegram", async (t) => {
  for (const entry of [
    "4242",
    "telegram:",
    ":4242",
    "Telegram:4242",
    "telegram:ada",
    "telegram:@ada",
    "telegram:007",
    "slack: U1",
  ]) {
    const text = `export default { access: { allow: ["telegram:1", ${JSON.stringify(entry)}] } };`;
    const message = await refusal(t, { files: { "parlor.config.ts": text } });
    assert.match(message, /^access\.allow\.1 \(parlor\.config\.ts\) must be platform:id, such as telegram:4242/, entry);
  }
  assert.match(
    await refusal(t, { env: { PARLOR_ALLOW: "telegram:1,telegram:@ada" } }),
    /^PARLOR_ALLOW \(environment\) must be platform:id, .*; found "telegram:@ada"\.$/,
  );
  assert.match(
    await refusal(t, { env: { PARLOR_DM: "closde" } }),
    /^PARLOR_DM \(environment\) must be one of pairing, closed, open; found "closde"\.$/,
  );
});
