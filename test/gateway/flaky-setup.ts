/** What goes wrong between a gateway, a model and Telegram, drawn from a seed. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createSecret } from "../../src/config/secret.ts";
import type { Config } from "../../src/config/config.ts";
import type { FakeModelAnswer, FakeModelStep } from "../../src/testing/fake-model-server.ts";
import type { FakeTelegramAnswer } from "../../src/testing/fake-telegram.ts";
import { configOf } from "./gateway-setup.ts";

/** Numbers from 0 to 1 (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const BUSY: FakeTelegramAnswer = { status: 429, description: "Too Many Requests: retry after 2", retryAfterS: 2 };
const BROKEN: FakeTelegramAnswer = { status: 500, description: "Internal Server Error" };

/** A fifth of the calls end badly: refused, broken off before or after they were done, or never answered. */
export function flakyTelegram(random: () => number): (method: string) => FakeTelegramAnswer | null {
  return (method) => {
    const drawn = random();
    if (method === "getUpdates") return drawn < 0.03 ? BROKEN : drawn < 0.06 ? "reset" : null;
    if (method !== "sendMessage" && method !== "editMessageText") return null;
    if (drawn < 0.08) return BUSY;
    if (drawn < 0.11) return BROKEN;
    if (drawn < 0.14) return "cut";
    if (drawn < 0.16) return "reset";
    if (drawn < 0.18) return "hang";
    return drawn < 0.2 ? "silence" : null;
  };
}

/** The whole answer to a message, which says what it answers; every fifth is longer than one message of Telegram. */
export function answerTo(said: string): string {
  const number = Number(/\d+$/.exec(said)?.[0]);
  const sentences = number % 5 === 4 ? 130 : 6;
  const middle = Array.from({ length: sentences }, (_, index) => `Sentence ${index} about ${said}, and no other.`);
  return [`Answer to ${said}.`, ...middle, `End of ${said}.`].join(" ");
}

/** Streams the whole answer, or a part of it and then nothing, or a refusal. */
export function flakyModel(random: () => number): (question: unknown) => FakeModelAnswer {
  return (question) => {
    const drawn = random();
    if (drawn < 0.05) return { status: 500 };
    if (drawn < 0.1) return { status: 429, headers: { "retry-after": "1" } };
    if (drawn < 0.13) return "cut";
    const steps = stepsOf(answerTo(lastSaid(question)));
    const isCut = drawn < 0.25;
    return { steps: isCut ? [...steps.slice(0, Math.ceil(steps.length / 2)), "cut"] : steps };
  };
}

function lastSaid(question: unknown): string {
  const { messages } = question as { messages: readonly { role: string; content: unknown }[] };
  const said = JSON.stringify(messages.findLast(({ role }) => role === "user")?.content);
  return /chat \d+ message \d+/.exec(said)?.[0] ?? said;
}

function stepsOf(text: string): readonly FakeModelStep[] {
  const part = Math.ceil(text.length / 12);
  const parts = Array.from({ length: 12 }, (_, index) => text.slice(index * part, (index + 1) * part));
  return parts.flatMap((said) => [{ text: said }, { delayMs: 60 }]);
}

/** The configuration of a gateway that answers every message by itself, however old and however many. */
export async function flakyConfig(
  home: string,
  model: { readonly baseUrl: string },
  telegram: { readonly token: string; readonly baseUrl: string },
): Promise<Config> {
  const agent = { kind: "model", provider: "openai-compatible", model: "small", baseUrl: model.baseUrl };
  await writeFile(join(home, "parlor.config.js"), `export default ${JSON.stringify({ agent })};`);
  const config = await configOf(home);
  return {
    ...config,
    access: { ...config.access, dm: "open", personPerMinute: 10_000, chatPerMinute: 10_000 },
    busy: { default: { mode: "queue", debounceMs: 0, maxWaiting: 100 } },
    turn: { ...config.turn, maxAttempts: 50, maxAgeMs: 0, backoff: { firstMs: 100, maxMs: 2_000 } },
    telegram: { token: createSecret(telegram.token), apiBaseUrl: telegram.baseUrl, streaming: true },
  };
}
