import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, it } from "node:test";
import type { Delivery } from "../../src/core/delivery.ts";
import { openReader } from "../../src/gateway/open-store.ts";
import type { StoreReader } from "../../src/store/reader.ts";
import { openFakeOpenAI } from "../../src/testing/fake-openai.ts";
import { openFakeTelegram, type FakeTelegram, type FakeTelegramUpdate } from "../../src/testing/fake-telegram.ts";
import { createFastClock } from "./fast-clock.ts";
import { answerTo, createRandom, flakyConfig, flakyModel, flakyTelegram } from "./flaky-setup.ts";
import { scratchFolder, startGateway } from "./gateway-setup.ts";

const CHATS = 10;
const MESSAGES = 5;
/**
 * A second of the gateway takes so many parts of a real one. Few enough that on a busy machine a call that was
 * given up reaches Telegram before what is sent five seconds later.
 */
const SPEED = 5;
const SEED = 4;

const said = (chat: number, number: number): string => `chat ${chat} message ${number}`;
const range = (length: number): number[] => Array.from({ length }, (_, index) => index);

function updateOf(chat: number, number: number): FakeTelegramUpdate {
  const person = { id: 100 + chat, first_name: `Person ${chat}` };
  const from = { ...person, is_bot: false };
  const date = Math.floor(Date.now() / 1_000);
  return {
    message: { message_id: number + 1, from, chat: { ...person, type: "private" }, date, text: said(chat, number) },
  };
}

describe("between a model and a Telegram that fail in every way", () => {
  it("every reply arrives once, in order and whole, or is shown as unknown", { timeout: 240_000 }, async () => {
    const random = createRandom(SEED);
    await using api = await openFakeTelegram({ answer: flakyTelegram(random) });
    await using model = await openFakeOpenAI({ answer: flakyModel(random) });
    const config = await flakyConfig(scratchFolder(), model, api);
    await using _gateway = await startGateway(config, createFastClock(SPEED));
    for (const number of range(MESSAGES)) {
      api.push(...range(CHATS).map((chat) => updateOf(chat, number)));
      await sleep(150);
    }
    using reader = openReader(config);
    await untilIdle(reader);
    const { items: sessions } = await reader.list({ limit: 200 });
    assert.equal(sessions.length, CHATS);
    for (const { id, source } of sessions) await assertAnswered(reader, api, id, Number(source.chat) - 100);
    assert.ok(api.edits.length > CHATS, "replies were streamed");
  });
});

async function untilIdle(reader: StoreReader): Promise<void> {
  for (;;) {
    const { messages, deliveries } = await reader.stats();
    const busy = messages.waiting + messages.running + deliveries.open + deliveries.pending + deliveries.sending;
    if (busy === 0 && messages.answered === CHATS * MESSAGES) return;
    await sleep(50);
  }
}

async function assertAnswered(reader: StoreReader, api: FakeTelegram, id: string, chat: number): Promise<void> {
  const { items: entries } = await reader.transcript(id, { limit: 200 });
  const answers = entries.filter(({ role }) => role === "assistant").map(({ text }) => text);
  assert.deepEqual(
    answers,
    range(MESSAGES).map((number) => answerTo(said(chat, number))),
  );
  const { items } = await reader.deliveries({ sessionId: id, limit: 200 });
  const deliveries = items.toReversed();
  const seen = api.sent.filter((message) => message.chat === String(100 + chat));
  assertSeen(deliveries, seen);
}

/** Each piece that was sent is one message, in the order of the pieces; what else is seen is explained. */
function assertSeen(deliveries: readonly Delivery[], seen: FakeTelegram["sent"]): void {
  const ids: number[] = [];
  const rest = new Set(seen);
  for (const { state, text, remoteId } of deliveries) {
    assert.ok(state === "sent" || state === "unknown", `a reply is ${state}`);
    const shown = seen.filter((message) => message.text === text);
    const [message] = shown;
    assert.ok(shown.length === 1 || (state === "unknown" && shown.length === 0), `${shown.length} times: ${text}`);
    if (message === undefined) continue;
    rest.delete(message);
    if (state !== "sent") continue;
    assert.equal(String(message.id), remoteId);
    ids.push(message.id);
  }
  assert.deepEqual(
    ids,
    ids.toSorted((a, b) => a - b),
    "in order",
  );
  // A first post whose answer was lost stays as it was: the beginning of a reply that follows it as a whole.
  for (const { text } of rest) {
    const isBeginning = deliveries.some((delivery) => delivery.text.startsWith(text) && delivery.text !== text);
    const isUnknown = deliveries.some((delivery) => delivery.state === "unknown" && delivery.text.startsWith(text));
    assert.ok(isBeginning || isUnknown, `nobody knows of: ${text}`);
  }
}
