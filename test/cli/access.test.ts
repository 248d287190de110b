import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { Party } from "../../src/core/party.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import type { Store } from "../../src/store/store.ts";
import { openFakeTelegram } from "../../src/testing/fake-telegram.ts";
import { createPlace, type Environment, parlor, parlorJson, type Place, startParlor } from "./parlor.ts";
import { HOSTILE } from "./stored-sessions.ts";

const BOT: Environment = { TELEGRAM_BOT_TOKEN: "77:AAF-secret_part" };
const ADA: Party = { platform: "telegram", account: "77", kind: "person", id: "4242" };
const GROUP: Party = { ...ADA, kind: "chat", id: "-1001" };

async function withStore<T>({ home }: Place, run: (store: Store) => Promise<T>): Promise<T> {
  await using store = await openSqliteStore({ path: join(home, "parlor.db") });
  return await run(store);
}

async function codeOf(place: Place, party: Party = ADA, name = "Ada"): Promise<string> {
  const asked = await withStore(place, (store) => store.requestAccess(party, name));
  assert.ok(asked.outcome === "asked");
  return asked.code;
}

function standing(place: Place, { id }: Party = ADA): Promise<object> {
  return withStore(place, ({ reader }) => reader.standing({ platform: "telegram", account: "77", user: id, chat: id }));
}

test("access approve lets in whose code it is, and says so again", async (t) => {
  const place = createPlace(t);
  const code = await codeOf(place);
  for (let n = 0; n < 2; n += 1) {
    const approved = await parlor(place, ["access", "approve", "telegram", code.toLowerCase()]);
    assert.deepEqual(approved, { code: 0, stdout: "Ada (telegram 4242) may write from now on.\n", stderr: "" });
  }
  assert.deepEqual(await standing(place), { person: "allowed", chat: null });
});

test("access approve says of a wrong code what to do instead", async (t) => {
  const place = createPlace(t);
  const code = await codeOf(place);
  const wrong = `4242-${code[5] === "A" ? "B" : "A"}${code.slice(6)}`;
  const { code: exit, stdout, stderr } = await parlor(place, ["access", "approve", "telegram", wrong]);
  assert.deepEqual([exit, stdout], [1, ""]);
  assert.match(
    stderr,
    /^The code "4242-\S+" is not good here: .* within the last hour\. .* parlor access approve telegram 4242\n$/,
  );
  const other = await parlorJson<{ error: { code: string } }>(place, ["access", "approve", "discord", code]);
  assert.equal(other.error.code, "NOT_FOUND");
  assert.deepEqual(await standing(place), { person: null, chat: null });
});

test("access approve by code does not undo a block; by id it does, and says so", async (t) => {
  const place = createPlace(t);
  const code = await codeOf(place);
  assert.match((await parlor(place, ["access", "block", "telegram", "4242"], BOT)).stdout, /^Ada .* is blocked: /);
  const refused = await parlor(place, ["access", "approve", "telegram", code], BOT);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /4242 is blocked, .* parlor access approve telegram 4242\n$/);
  assert.deepEqual(await standing(place), { person: "blocked", chat: null });
  const { stdout } = await parlor(place, ["access", "approve", "telegram", "4242"], BOT);
  assert.equal(stdout, "Ada (telegram 4242) may write from now on, and is no longer blocked.\n");
});

test("a decision by id needs no store and no gateway before it, and a group is told by its sign", async (t) => {
  const place = createPlace(t);
  const approved = await parlorJson<object>(place, ["access", "approve", "telegram", "4242"], BOT);
  assert.deepEqual(approved, { ...ADA, name: null, state: "allowed", before: null });
  for (const args of [["--chat", "-1001"], ["-1001"], ["--chat=-1001"]]) {
    const { stdout, stderr } = await parlor(place, ["access", "approve", "telegram", ...args], BOT);
    assert.deepEqual(
      [stdout, stderr],
      ["The chat telegram -1001 is open: everyone in it may write from now on.\n", ""],
    );
  }
  assert.deepEqual(await standing(place, GROUP), { person: null, chat: "allowed" });
});

test("access revoke takes a decision back, and says what still holds", async (t) => {
  const place = createPlace(t);
  await withStore(place, (store) => store.decideAccess(ADA, "allowed", "Ada"));
  const args = ["access", "revoke", "telegram", "4242"];
  assert.equal((await parlor(place, args)).stdout, "Ada (telegram 4242) is no longer allowed, and unknown again.\n");
  assert.deepEqual(await standing(place), { person: null, chat: null });
  const again = await parlor(place, args, { ...BOT, PARLOR_ALLOW: "telegram:4242" });
  assert.deepEqual(again, {
    code: 0,
    stdout: "Nothing was decided about telegram 4242. The configuration still allows it: see access.allow.\n",
    stderr: "",
  });
});

test("access list shows who is allowed, blocked and asking, never a code, and obeys no name", async (t) => {
  const place = createPlace(t);
  const code = await codeOf(place, ADA, HOSTILE);
  await withStore(place, async (store) => {
    await store.decideAccess({ ...ADA, id: "1" }, "allowed", "Bob");
    await store.decideAccess(GROUP, "blocked", "A group");
  });
  const env = { ...BOT, PARLOR_ALLOW: "telegram:5" };
  const { code: exit, stdout, stderr } = await parlor(place, ["access", "list"], env);
  assert.deepEqual([exit, stderr], [0, ""]);
  const lines = stdout.split("\n");
  assert.match(lines[0] ?? "", /^STATE +PLATFORM +KIND +ID +ACCOUNT +SINCE +NAME$/);
  assert.match(lines[1] ?? "", /^allowed +telegram +5 +configured$/);
  assert.match(lines[2] ?? "", /^allowed +telegram +person +1 +77 +\d{4}-\d\d-\d\d \d\d:\d\d +Bob$/);
  assert.match(lines[3] ?? "", /^blocked +telegram +chat +-1001 +77 /);
  assert.match(lines[4] ?? "", /^asks +telegram +person +4242 +77 /);
  assert.match(lines[6] ?? "", /given a code\. 1 request: let one in with parlor access approve telegram <id>$/);
  for (const character of ["\u001b", "\u009b", "\u202e", code.slice(-8)]) assert.ok(!stdout.includes(character));

  const list = await parlorJson<Record<string, readonly object[]>>(place, ["access", "list"], env);
  assert.deepEqual(Object.keys(list), ["directMessages", "configured", "allowed", "blocked", "asking"]);
  assert.partialDeepStrictEqual(list, { configured: ["telegram:5"], blocked: [{ ...GROUP, name: "A group" }] });
  const elsewhere = await parlorJson<object>(place, ["access", "list", "--platform", "discord"], env);
  assert.partialDeepStrictEqual(elsewhere, { configured: [], allowed: [], blocked: [], asking: [] });
});

test("access list without a store makes none", async (t) => {
  const place = createPlace(t);
  const { error } = await parlorJson<{ error: { code: string } }>(place, ["access", "list"]);
  assert.equal(error.code, "STORE_MISSING");
});

test("without a token the one account that the store knows is meant; of several, one has to be named", async (t) => {
  const place = createPlace(t);
  const unknown = await parlor(place, ["access", "block", "telegram", "4242"]);
  assert.equal(unknown.code, 1);
  assert.match(
    unknown.stderr,
    /^It is not known which account of telegram is meant: .*TELEGRAM_BOT_TOKEN.* --account\.\n$/,
  );
  await codeOf(place);
  assert.equal((await parlor(place, ["access", "block", "telegram", "5"])).code, 0);
  const other = await codeOf(place, { ...ADA, account: "88" });
  const several = await parlor(place, ["access", "block", "telegram", "5"]);
  assert.match(several.stderr, /^2 accounts of telegram are known here: 77, 88\. Name one with --account\.\n$/);
  assert.equal((await parlor(place, ["access", "block", "telegram", "5", "--account", "88"])).code, 0);
  const approved = await parlorJson<object>(place, ["access", "approve", "telegram", other]);
  assert.partialDeepStrictEqual(approved, { account: "88" }, "a code says itself whose it is");
});

test("what cannot be a party is refused in one line", async (t) => {
  const place = createPlace(t);
  const cases = [
    [["telegram", "@ada"], /^Telegram knows people and chats by number, such as 4242 or -1001; found "@ada"\./],
    [["telegram", "007"], /^Telegram knows people and chats by number/],
    [
      ["telegram", "--chat", "4242"],
      /^Telegram numbers its groups .* with a minus, .* 4242 is a person\. Leave --chat out\./,
    ],
    [["telegram", "4242", "--account", "parlor_bot"], /^Telegram knows a bot by number, .* found "parlor_bot"\./],
    [["telegram"], /^One id is needed, of a person or of a chat; found none\./],
    [["telegram", "1", "--chat", "-2"], /^One id is needed, of a person or of a chat; found two\./],
    [["api", "operator"], /^What comes over api is the operator's own and is never asked/],
    [["Tele gram", "1"], /^A platform and an id are needed, such as telegram 4242; found "Tele gram 1"\./],
  ] as const;
  for (const [args, expected] of cases) {
    const { code, stdout, stderr } = await parlor(place, ["access", "block", ...args], BOT);
    assert.deepEqual([code, stdout], [1, ""], args.join(" "));
    assert.match(stderr, expected);
  }
});

test("a stranger is paired from end to end, shut out and let in again, while the gateway runs", async (t) => {
  const place = createPlace(t);
  await using telegram = await openFakeTelegram({ token: "77:AAF-secret_part" });
  const env = { ...BOT, TELEGRAM_API_BASE_URL: telegram.baseUrl };
  const gateway = await startParlor(t, place, [], env);
  let messages = 0;
  const say = async (text: string): Promise<void> => {
    const from = { id: 4242, is_bot: false, first_name: "Ada" };
    const chat = { id: 4242, type: "private", first_name: "Ada" };
    telegram.push({ message: { message_id: (messages += 1), date: 1, text, from, chat } });
    await telegram.until(() => telegram.unconfirmed() === 0);
  };
  const reply = async (number: number): Promise<string> => {
    await telegram.until(() => telegram.sent.length >= number);
    return telegram.sent[number - 1]?.text ?? "";
  };

  await say("hello?");
  const code = /parlor access approve telegram (4242-[0-9A-Z]{8})$/.exec(await reply(1))?.[1];
  assert.ok(code !== undefined, await reply(1));
  await say("hello again?");
  assert.deepEqual((await parlorJson<{ sessions: unknown[] }>(place, ["sessions", "list"])).sessions, []);
  assert.equal((await parlor(place, ["access", "approve", "telegram", code], env)).code, 0);
  await say("now?");
  assert.match(await reply(2), /now\?/);

  await parlor(place, ["access", "block", "telegram", "4242"], env);
  await say("blocked?");
  await parlor(place, ["access", "approve", "telegram", "4242"], env);
  await say("friends?");
  assert.match(await reply(3), /friends\?/);
  const stats = await parlorJson<object>(place, ["sessions", "stats"]);
  assert.partialDeepStrictEqual(stats, { sessions: 1, entries: 4 }, "nothing of what was turned away is kept");
  assert.equal(telegram.sent.length, 3);
  gateway.kill("SIGTERM");
  assert.equal((await gateway.end).code, 0);
});
