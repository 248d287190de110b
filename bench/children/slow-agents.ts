/**
 * Agents that take long to say little, many of them at once: behind a whole gateway, or behind a queue in
 * memory that stores nothing. Needs `--expose-gc`: what is not collected yet is not growth.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import type { Agent } from "../../src/agent/agent.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { createSource } from "../../src/core/source.ts";
import { createGateway } from "../../src/gateway/gateway.ts";
import { quantile } from "../statistics.ts";
import { answerParent } from "./parent.ts";

const [behind, home] = process.argv.slice(2);
const collect = globalThis.gc;
if (home === undefined || collect === undefined) {
  throw new Error("Expected gateway or memory, a data directory, and --expose-gc.");
}

export interface SlowQuestion {
  /** How many sessions are answered at once. */
  readonly sessions: number;
  readonly forMs: number;
}

export interface SlowAnswer {
  /** Heap and buffers, garbage collected, for each session that was answered and has nothing to do. */
  readonly idleBytes: number;
  /** The same for each session whose turn runs, besides what the session itself takes. */
  readonly runningBytes: number;
  /** How much later than asked for a timer ran while all turns ran. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** From the moment a further message was accepted until its agent was asked, while all turns ran. */
  readonly startP50Ms: number;
  readonly startP99Ms: number;
  /** Of one processor. */
  readonly busyShare: number;
}

/** An agent says a word as often, in milliseconds. */
const WORD_MS = 500;
/** A further message comes as often, in milliseconds. */
const PROBE_MS = 10;
const TIMER_MS = 1;
const WARM_UP = 500;
const SLOW = "Take your time.";

let running = 0;
/** What ends the slow answers. */
let end = Promise.withResolvers<void>();
let isOver = false;
/** When the agent was asked what a further message says. */
const starts = new Map<string, PromiseWithResolvers<number>>();

const agent: Agent = {
  name: "slow",
  async *run({ messages }) {
    const text = messages.at(-1)?.text ?? "";
    starts.get(text)?.resolve(performance.now());
    if (text === SLOW) {
      running += 1;
      // Not all at the same moment.
      await pause(Math.random() * WORD_MS);
      while (!isOver) {
        yield { type: "text", text: "word " };
        await Promise.race([pause(WORD_MS), end.promise]);
      }
      running -= 1;
    }
    yield { type: "text", text: "Done." };
    yield { type: "finish", reason: "done" };
  },
};

interface Front {
  /** Resolves when the message was accepted. */
  say(chat: string, text: string): Promise<void>;
  close(): Promise<void>;
}

const front = behind === "gateway" ? await openGateway(home) : createQueue();
answerParent({}, play, () => front.close());

async function play({ sessions, forMs }: SlowQuestion): Promise<SlowAnswer> {
  const chats = Array.from({ length: sessions }, (_, index) => `chat-${index}`);
  // What is loaded and compiled once is no session's.
  for (let number = 0; number < WARM_UP; number += 1) await front.say(`warm-up ${number}`, "Hello.");
  const before = await heapBytes();
  for (const chat of chats) await front.say(chat, "Hello.");
  const idle = await heapBytes();

  [isOver, end] = [false, Promise.withResolvers()];
  for (const chat of chats) await front.say(chat, SLOW);
  while (running < sessions) await pause(WORD_MS);
  const delay = monitorEventLoopDelay({ resolution: TIMER_MS });
  const busyBefore = performance.eventLoopUtilization();
  delay.enable();
  const waits = await probe(forMs);
  delay.disable();
  const busyShare = performance.eventLoopUtilization(busyBefore).utilization;
  const full = await heapBytes();

  isOver = true;
  end.resolve();
  while (running > 0) await pause(WORD_MS);
  const late = (ns: number): number => Math.max(0, ns / 1e6 - TIMER_MS);
  return {
    idleBytes: (idle - before) / sessions,
    runningBytes: (full - idle) / sessions,
    p50Ms: late(delay.percentile(50)),
    p99Ms: late(delay.percentile(99)),
    startP50Ms: quantile(waits, 0.5),
    startP99Ms: quantile(waits, 0.99),
    busyShare,
  };
}

/** Says something in further sessions and returns how long each waited for its agent. */
async function probe(forMs: number): Promise<readonly number[]> {
  const waits: number[] = [];
  for (let number = 0; number < forMs / PROBE_MS; number += 1) {
    await pause(PROBE_MS);
    const text = `probe ${number}`;
    const start = Promise.withResolvers<number>();
    starts.set(text, start);
    await front.say(text, text);
    const acceptedAt = performance.now();
    waits.push(Math.max(0, (await start.promise) - acceptedAt));
    starts.delete(text);
  }
  return waits;
}

/** When nothing that could be collected is left. */
async function heapBytes(): Promise<number> {
  await pause(WORD_MS);
  collect?.();
  collect?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function openGateway(folder: string): Promise<Front> {
  const { config } = await loadConfig({ env: { PARLOR_HOME: folder, PORT: "0", LOG_LEVEL: "error" }, cwd: folder });
  const turn = { ...config.turn, concurrency: 10_000 };
  const gateway = createGateway({ ...config, turn, agent: { kind: "code", agent } });
  await gateway.start();
  return {
    say: async (chat, text) => {
      const source = createSource({ platform: "api", chatType: "group", chat, user: "person" });
      const { outcome } = await gateway.receive({ kind: "message", source, eventId: null, text });
      if (outcome !== "accepted") throw new Error(`Expected a message to be accepted; found ${outcome}.`);
    },
    close: async () => void (await gateway.stop()),
  };
}

/** What there would be without a store: one turn at a time in each chat, begun in the next round of the event loop. */
function createQueue(): Front {
  const lanes = new Map<string, Promise<void>>();
  const answer = async (text: string): Promise<void> => {
    await new Promise(setImmediate);
    const said: string[] = [];
    const turn = { messages: [{ text }] } as unknown as Parameters<Agent["run"]>[0];
    const parts = agent.run(turn, new AbortController().signal, {} as Parameters<Agent["run"]>[2]);
    for await (const part of parts) if (part.type === "text") said.push(part.text);
  };
  return {
    say: (chat, text) => {
      const turn = (lanes.get(chat) ?? Promise.resolve()).then(() => answer(text));
      lanes.set(chat, turn);
      void turn.then(() => lanes.get(chat) === turn && lanes.delete(chat));
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}
