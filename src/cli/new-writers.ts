import { setTimeout as sleep } from "node:timers/promises";
import { ParlorError } from "../core/errors.ts";
import type { TelegramBotApi, TelegramWriter } from "../platform/telegram-bot.ts";
import { TelegramRefusal } from "../platform/telegram-fault.ts";

/** Somebody who wrote, by what has to be allowed for them to be answered: themselves, or their group. */
export interface NewWriter {
  readonly kind: "person" | "chat";
  readonly id: string;
  readonly name: string | null;
  /** Who wrote in the group. */
  readonly user: string;
}

/** How long Telegram holds a question that nothing answers, in seconds. */
const HOLD_S = 25;
/** What was seen stays unconfirmed and comes again at once, so it is not asked for without a pause, in milliseconds. */
const PAUSE_MS = 1_000;

/** How often in a row a question may fail before the fault is passed on. */
const MAX_FAULTS = 5;

/** Those who have written and were not met before, whenever there are some; ends when the signal is aborted. */
export async function* newWriters(bot: TelegramBotApi, signal: AbortSignal): AsyncGenerator<readonly NewWriter[]> {
  const met = new Set<string>();
  let faults = 0;
  while (!signal.aborted) {
    const found = new Map<string, NewWriter>();
    try {
      for (const writer of await bot.getWriters(HOLD_S, signal)) {
        const party = partyOf(writer);
        found.set(`${party.kind} ${party.id}`, party);
      }
      faults = 0;
    } catch (error) {
      if (signal.aborted) return;
      faults += 1;
      if (!isPassing(error) || faults >= MAX_FAULTS) throw error;
    }
    const strangers = [...found].filter(([key]) => !met.has(key));
    for (const [key] of strangers) met.add(key);
    if (strangers.length > 0) yield strangers.map(([, writer]) => writer);
    else await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
  }
}

/** Whether the same question may be answered a moment later. */
function isPassing(error: unknown): boolean {
  if (error instanceof TelegramRefusal) return error.status >= 500 || error.status === 429;
  return error instanceof ParlorError && error.retryable;
}

function partyOf({ chat, user }: TelegramWriter): NewWriter {
  if (chat === null) return { kind: "person", id: user.id, name: user.name, user: user.name };
  return { kind: "chat", id: chat.id, name: chat.name, user: user.name };
}
