import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { createSource } from "../../src/core/source.ts";
import { openSqliteReader, openSqliteStore } from "../../src/sqlite.ts";
import { openFakeTelegram, type FakeTelegram, type FakeTelegramUpdate } from "../../src/testing/fake-telegram.ts";
import { pause } from "./client.ts";
import { type GatewayChild, startGateway } from "./gateway-child.ts";

const CHATS = 12;
const MESSAGES = 240;
const KILLS = 4;
/**
 * A reply takes some time, so that kills fall into turns and into sends; a turn that meets all of them is not given
 * up. What becomes of replies that are shown while they are written is held in streaming-kills.test.ts.
 */
const CONFIG = `export default { telegram: { streaming: false }, agent: { kind: "echo", delayMs: 3 }, turn: { maxAttempts: 100 }, access: { dm: "open", personPerMinute: 1000, chatPerMinute: 1000 } };`;

describe("a gateway on Telegram that is killed", () => {
  it(`receives each of ${MESSAGES} messages once and in order, over ${KILLS} kills`, async () => {
    const home = await mkdtemp(join(tmpdir(), "parlor-telegram-"));
    await using api = await openFakeTelegram();
    try {
      await writeFile(join(home, "parlor.config.js"), CONFIG);
      await liveThroughKills(home, api);
      const path = join(home, "parlor.db");
      await assertStored(path);
      assertSent(api, textsOfUnknown(path));
      await assertDoctorClean(home);
    } finally {
      await rm(home, { recursive: true });
    }
  });
});

/** What chat number `chat` says at its turn `number`. */
const said = (chat: number, number: number): string => `chat ${chat} says ${number}`;
const CHAT_NUMBERS = Array.from({ length: CHATS }, (_, chat) => chat);
const NUMBERS = Array.from({ length: MESSAGES / CHATS }, (_, number) => number);

/** The messages of one share of the numbers, all chats in turn, with what is no message between them. */
function updatesOf(share: readonly number[]): readonly FakeTelegramUpdate[] {
  return share.flatMap((number) =>
    CHAT_NUMBERS.flatMap((chat) => {
      const message = messageOf(chat, number, { text: said(chat, number) });
      return [{ message }, noiseOf(chat, number, message)];
    }),
  );
}

function messageOf(chat: number, number: number, fields: object): Readonly<Record<string, unknown>> {
  const person = { id: 100 + chat, first_name: `Person ${chat}` };
  const from = { ...person, is_bot: false };
  return {
    message_id: 2 * number + 1,
    from,
    chat: { ...person, type: "private" },
    date: Math.floor(Date.now() / 1000),
    ...fields,
  };
}

function noiseOf(chat: number, number: number, message: Readonly<Record<string, unknown>>): FakeTelegramUpdate {
  const noise = (fields: object): FakeTelegramUpdate => ({
    message: { ...messageOf(chat, number, fields), message_id: 2 * number + 2 },
  });
  const group = { id: -500 - chat, type: "supergroup", title: "Noise" };
  const kinds: readonly FakeTelegramUpdate[] = [
    { edited_message: { ...message, text: "edited", edit_date: 1_700_000_001 } },
    noise({ chat: group, new_chat_members: [{ id: 1, is_bot: false, first_name: "New" }] }),
    noise({ chat: group, pinned_message: message }),
    noise({ text: " \n " }),
    noise({ text: "I am a bot", from: { id: 7, is_bot: true, first_name: "Bot" } }),
  ];
  return kinds[(chat + number) % kinds.length] ?? {};
}

/** Every other kill meets a store that cannot be written just then, the others answers that are being sent. */
async function liveThroughKills(home: string, api: FakeTelegram): Promise<void> {
  const env = { TELEGRAM_BOT_TOKEN: api.token, TELEGRAM_API_BASE_URL: api.baseUrl };
  const path = join(home, "parlor.db");
  const share = NUMBERS.length / (KILLS + 1);
  for (let life = 0; life <= KILLS; life += 1) {
    const gateway: GatewayChild = await startGateway(home, env);
    const updates = updatesOf(NUMBERS.slice(life * share, (life + 1) * share));
    if (life === KILLS) {
      api.push(...updates);
      await api.until(() => api.unconfirmed() === 0);
      await untilIdle(path);
      await gateway.kill("SIGTERM");
    } else if (life % 2 === 0) {
      await api.until(() => api.unconfirmed() === 0);
      await killWhileLocked(path, gateway, api, updates);
    } else {
      const enough = api.sent.length + 1 + Math.floor(Math.random() * 10);
      api.push(...updates);
      await api.until(() => api.sent.length >= enough);
      await gateway.kill("SIGKILL");
    }
  }
}

/** What cannot be stored is not confirmed, however long it takes. */
async function killWhileLocked(
  path: string,
  gateway: GatewayChild,
  api: FakeTelegram,
  updates: readonly FakeTelegramUpdate[],
): Promise<void> {
  const other = new DatabaseSync(path, { timeout: 5_000 });
  try {
    other.exec("BEGIN IMMEDIATE");
    api.push(...updates);
    await pause(300);
    await gateway.kill("SIGKILL");
    assert.equal(api.unconfirmed(), updates.length, "nothing is confirmed that was not stored");
  } finally {
    other.close();
  }
}

async function untilIdle(path: string): Promise<void> {
  using reader = openSqliteReader(path);
  for (;;) {
    const { turn, delivery } = await reader.nextDue();
    const { messages, deliveries } = await reader.stats();
    const busy = messages.waiting + messages.running + deliveries.pending + deliveries.sending + deliveries.open;
    if (turn === null && delivery === null && busy === 0) return;
    await pause(50);
  }
}

/** Every message once, in the order of its chat, answered; and nothing else. */
async function assertStored(path: string): Promise<void> {
  await using store = await openSqliteStore({ path });
  const { sessions, emptySessions, messages } = await store.reader.stats();
  assert.deepEqual({ sessions, emptySessions }, { sessions: CHATS, emptySessions: 0 });
  assert.equal(messages.answered, MESSAGES);
  for (const chat of CHAT_NUMBERS) {
    const id = String(100 + chat);
    const { id: session } = await store.getOrCreate(createSource({ platform: "telegram", account: "4242", user: id }));
    const { items } = await store.reader.transcript(session, { limit: 200 });
    const texts = items.filter(({ role }) => role === "user").map(({ text }) => text);
    assert.deepEqual(
      texts,
      NUMBERS.map((number) => said(chat, number)),
    );
  }
}

/** Every answer at most once, in the order of its chat; missing only where nobody can tell. */
function assertSent(api: FakeTelegram, unknown: readonly string[]): void {
  const uncertain = new Set(unknown.flatMap((text) => text.split("\n")));
  for (const chat of CHAT_NUMBERS) {
    const lines = api.sent.filter((sent) => sent.chat === String(100 + chat)).flatMap(({ text }) => text.split("\n"));
    const all = NUMBERS.map((number) => said(chat, number));
    assert.deepEqual(
      lines,
      all.filter((line) => lines.includes(line)),
      `in order and once: ${lines.join()}`,
    );
    for (const line of all) assert.ok(lines.includes(line) || uncertain.has(line), `"${line}" was not answered`);
  }
}

function textsOfUnknown(path: string): readonly string[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database
      .prepare("SELECT text FROM delivery WHERE state = 'unknown'")
      .all()
      .map(({ text }) => String(text));
  } finally {
    database.close();
  }
}

async function assertDoctorClean(home: string): Promise<void> {
  const bin = new URL("../../src/bin.ts", import.meta.url).pathname;
  await promisify(execFile)(process.execPath, [bin, "doctor"], {
    cwd: home,
    env: { PATH: process.env["PATH"], PARLOR_HOME: home },
  });
}
