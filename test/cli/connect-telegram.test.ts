import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { askSecret } from "../../src/cli/ask-secret.ts";
import { keepInEnvFile } from "../../src/config/env-file.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import { type FakeTelegram, type FakeTelegramUpdate, openFakeTelegram } from "../../src/testing/fake-telegram.ts";
import { createPlace, ended, type Environment, parlor, type Place, spawnParlor } from "./parlor.ts";

const TOKEN = "77:AAF-secret_part";
const CONNECT = ["connect", "telegram"];
const chat = { id: -1001, type: "supergroup", title: "Tea" };

function from(id: number, first_name: string, where: object = { id, type: "private" }): FakeTelegramUpdate {
  return { message: { message_id: 1, date: 1, text: "hello", from: { id, is_bot: false, first_name }, chat: where } };
}

function envOf({ baseUrl }: FakeTelegram): Environment {
  return { TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_API_BASE_URL: baseUrl };
}

/** An address where nobody listens any more. */
async function closedUrl(): Promise<string> {
  await using telegram = await openFakeTelegram();
  return telegram.baseUrl;
}

async function decisions({ home }: Place): Promise<string[]> {
  await using store = await openSqliteStore({ path: join(home, "parlor.db") });
  const list = await store.reader.accessList();
  return list.decisions.map(({ account, kind, id, name, state }) => [account, kind, id, name, state].join(" "));
}

test("connect telegram says whose the token is, waits for the first message, and lets in who wrote it", async (t) => {
  const place = createPlace(t);
  await using telegram = await openFakeTelegram({ token: TOKEN, username: "tea_bot" });
  const child = spawnParlor(place, [...CONNECT, "--yes"], envOf(telegram));
  const end = ended(child);
  await telegram.until(() => telegram.calls.includes("getUpdates"));
  telegram.push(from(4242, "Ada\u001b[31m"));
  const { code, stdout, stderr } = await end;
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^The token is that of Parlor \(@tea_bot\)\. Write to it now: https:\/\/t\.me\/tea_bot\n/);
  assert.match(stdout, /\nAda\\x1b\[31m, 4242, wrote\.\n/);
  assert.match(stdout, /\(telegram 4242\) may write to the bot from now on\.\nStart it with: parlor start\n$/);
  assert.ok(!stdout.includes("secret_part") && !stdout.includes("\u001b"));
  assert.deepEqual(await decisions(place), ["77 person 4242 Ada [31m allowed"]);
  assert.equal(telegram.unconfirmed(), 1, "the gateway that starts answers it");
  assert.ok(!existsSync(join(place.folder, ".env")), "a token that is configured is not written down again");
});

test("where nobody can be asked it lets nobody in, and says with which command", async (t) => {
  const place = createPlace(t);
  await using telegram = await openFakeTelegram({ token: TOKEN });
  telegram.push(from(5, "Bob", chat));
  const { code, stdout } = await parlor(place, CONNECT, envOf(telegram));
  assert.equal(code, 0);
  assert.match(stdout, /\nBob, in the group Tea -1001, wrote\.\n/);
  assert.match(stdout, /\nNobody was let in, .*\n {2}parlor access approve telegram --chat -1001\n/);
  assert.deepEqual(await decisions(place), []);
});

test("--yes does not choose between several, and does not let a blocked one in", async (t) => {
  const place = createPlace(t);
  await using telegram = await openFakeTelegram({ token: TOKEN });
  telegram.push(from(1, "Eve"), from(1, "Eve"));
  await parlor(place, ["access", "block", "telegram", "1"], envOf(telegram));
  const blocked = await parlor(place, [...CONNECT, "--yes", "--wait", "1"], envOf(telegram));
  assert.equal(blocked.code, 1);
  assert.match(blocked.stdout, /\nEve \(telegram 1\) is blocked, and stays so\.\n/);
  assert.match(blocked.stdout, /\nNobody was let in within 1 s\.\n/);
  telegram.push(from(2, "Bob"));
  const several = await parlor(place, [...CONNECT, "--yes"], envOf(telegram));
  assert.equal(several.code, 1);
  assert.match(several.stdout, /\nSeveral have written, .*\n {2}parlor access approve telegram 1\n {2}parlor .* 2\n/);
  assert.deepEqual(await decisions(place), ["77 person 1  blocked"]);
});

test("--json prints one document, and who may write already is said to", async (t) => {
  const place = createPlace(t);
  await using telegram = await openFakeTelegram({ token: TOKEN });
  telegram.push(from(4242, "Ada"));
  const run = async (): Promise<object> => {
    const { stdout, stderr } = await parlor(place, [...CONNECT, "--yes", "--json"], envOf(telegram));
    assert.equal(stderr, "");
    return JSON.parse(stdout) as object;
  };
  const party = { platform: "telegram", account: "77", kind: "person", id: "4242" };
  const bot = { id: "77", name: "Parlor (@parlor_bot)", username: "parlor_bot", url: "https://t.me/parlor_bot" };
  const rest = { party, who: "Ada (telegram 4242)", tokenFile: null, start: "parlor start" };
  assert.deepEqual(await run(), { bot, outcome: "allowed", ...rest });
  assert.deepEqual(await run(), { bot, outcome: "known", ...rest });
});

test("a token that is missing, has another form or that Telegram does not know is one sentence or two", async (t) => {
  const place = createPlace(t);
  await using telegram = await openFakeTelegram({ token: TOKEN });
  const api = { TELEGRAM_API_BASE_URL: telegram.baseUrl };
  const cases = [
    [api, /^The token of a bot is needed, and there is nobody to ask for it: set TELEGRAM_BOT_TOKEN\. .*@BotFather/],
    [
      { ...api, TELEGRAM_BOT_TOKEN: "sesame" },
      /^TELEGRAM_BOT_TOKEN \(environment\) must be the token of a bot: .*@BotFather/,
    ],
    [
      { ...api, TELEGRAM_BOT_TOKEN: "77:sesame" },
      /^Telegram knows no bot with the token of TELEGRAM_BOT_TOKEN \(environment\) \(it answered 401\): .*@BotFather/,
    ],
    [
      { TELEGRAM_API_BASE_URL: await closedUrl(), TELEGRAM_BOT_TOKEN: "77:sesame" },
      /^Telegram cannot be reached \(ECONNREFUSED\)\. Check the network/,
    ],
  ] as const;
  for (const [env, expected] of cases) {
    const { code, stdout, stderr } = await parlor(place, CONNECT, env);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, expected);
    assert.doesNotMatch(stderr, /sesame|\n./);
  }
  const { code, stderr } = await parlor(place, [...CONNECT, "77:sesame"], api);
  assert.equal(code, 64);
  assert.match(stderr, /^error: there is no argument here: .* history of the shell/);
  assert.doesNotMatch(stderr, /sesame/);
});

test("a bot that another program reads is said to be one", async (t) => {
  const place = createPlace(t);
  await using telegram = await openFakeTelegram({ token: TOKEN, username: "tea_bot" });
  telegram.next("getUpdates", { status: 409, description: "Conflict: terminated by other getUpdates request" });
  const polled = await parlor(place, CONNECT, envOf(telegram));
  assert.equal(polled.code, 1);
  assert.match(
    polled.stderr,
    /^A gateway reads the messages of this bot already \(409\), .* https:\/\/t\.me\/tea_bot /,
  );
  const description = "Conflict: can't use getUpdates method while webhook is active";
  telegram.next("getUpdates", { status: 409, description });
  assert.match((await parlor(place, CONNECT, envOf(telegram))).stderr, /^Telegram hands .* to a webhook/);
});

test("a moment without Telegram does not end the wait", async (t) => {
  const place = createPlace(t);
  await using telegram = await openFakeTelegram({ token: TOKEN });
  telegram.next("getUpdates", { status: 502, description: "Bad Gateway" }, "cut");
  telegram.push(from(4242, "Ada"));
  const { code, stdout } = await parlor(place, [...CONNECT, "--yes"], envOf(telegram));
  assert.equal(code, 0);
  assert.match(stdout, /\nAda \(telegram 4242\) may write /);
});

test("Ctrl-C ends the wait, and nothing was changed", async (t) => {
  const place = createPlace(t);
  await using telegram = await openFakeTelegram({ token: TOKEN });
  const child = spawnParlor(place, CONNECT, envOf(telegram));
  const end = ended(child);
  await telegram.until(() => telegram.calls.includes("getUpdates"));
  child.kill("SIGINT");
  const { code, stdout, stderr } = await end;
  assert.deepEqual([code, stderr], [1, ""]);
  assert.match(stdout, /\nStopped; nobody was let in\.\n/);
  assert.deepEqual(await decisions(place), []);
});

test("a secret that is typed is not shown", async () => {
  const type = async (
    ...keys: readonly string[]
  ): Promise<{ readonly secret: string | null; readonly shown: string }> => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const asked = askSecret("Token:", input, output);
    for (const key of keys) input.write(key);
    const secret = await asked;
    return { secret, shown: await text(output.end()) };
  };
  assert.deepEqual(await type(" 77:ses", "ame \r"), { secret: "77:sesame", shown: "Token: \n" });
  assert.deepEqual(await type("77:x\u007fy\n"), { secret: "77:y", shown: "Token: \n" });
  assert.deepEqual(await type("77:ses", "\u0003"), { secret: null, shown: "Token: \n" });
  assert.equal((await type("\n")).secret, null);
});

test("a token is kept in .env in place of the one before, for its owner alone, and the rest stays", async (t) => {
  const { folder } = createPlace(t);
  const path = join(folder, ".env");
  const keep = (value: string): Promise<string> => keepInEnvFile(folder, "TELEGRAM_BOT_TOKEN", value);
  assert.equal(await keep("1:a"), path);
  assert.equal(readFileSync(path, "utf8"), "TELEGRAM_BOT_TOKEN=1:a\n");
  writeFileSync(path, "# mine\nPORT=9\n export TELEGRAM_BOT_TOKEN = 1:a\nTELEGRAM_BOT_TOKEN_FILE=\nHOST=::1\n\n");
  chmodSync(path, 0o644);
  await keep("2:b");
  assert.equal(
    readFileSync(path, "utf8"),
    "# mine\nPORT=9\nTELEGRAM_BOT_TOKEN_FILE=\nHOST=::1\nTELEGRAM_BOT_TOKEN=2:b\n",
  );
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(folder), [".env"]);
});

test("a .env in which a line of the token is part of something longer is left as it is", async (t) => {
  const note = 'NOTE="how to:\nTELEGRAM_BOT_TOKEN=...\n"\n';
  const { folder } = createPlace(t, { ".env": note });
  await assert.rejects(keepInEnvFile(folder, "TELEGRAM_BOT_TOKEN", "1:a"), {
    code: "INVALID_CONFIG",
    message: /cannot be told apart; write TELEGRAM_BOT_TOKEN into it by hand/,
  });
  assert.equal(readFileSync(join(folder, ".env"), "utf8"), note);
});

test("a .env that is a link stays one, and one that cannot be changed is one sentence", async (t) => {
  const { folder } = createPlace(t, { real: "PORT=9" });
  symlinkSync("real", join(folder, ".env"));
  await keepInEnvFile(folder, "TELEGRAM_BOT_TOKEN", "1:a");
  assert.equal(readFileSync(join(folder, "real"), "utf8"), "PORT=9\nTELEGRAM_BOT_TOKEN=1:a\n");
  await assert.rejects(keepInEnvFile(join(folder, "nowhere"), "TELEGRAM_BOT_TOKEN", "1:a"), {
    code: "INVALID_CONFIG",
    message: /nowhere\/\.env must be a file that can be changed; found ENOENT/,
  });
});
