/**
 * A whole gateway whose agent says a word every 20 ms, and how long its event loop was held and how much
 * memory it took meanwhile. Needs `--expose-gc`: what is not collected yet is not growth.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import type { Agent } from "../../src/agent/agent.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { createSource } from "../../src/core/source.ts";
import { createGateway } from "../../src/gateway/gateway.ts";
import { answerParent } from "./parent.ts";

const [home] = process.argv.slice(2);
const collect = globalThis.gc;
if (home === undefined || collect === undefined) throw new Error("Expected a data directory, and --expose-gc.");

export interface StreamQuestion {
  readonly sessions: number;
  readonly forMs: number;
}

export interface StreamAnswer {
  /** How much later than asked for a timer ran. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** The highest value while it streamed, garbage collected. */
  readonly heapBytes: number;
  readonly residentBytes: number;
  /** Of one processor. */
  readonly busyShare: number;
}

const WORD_MS = 20;
const TIMER_MS = 1;
const SAMPLES = 5;
let words = 0;
let running = 0;
/** Resolved when every session runs: none may be done before the last one begins. */
let begun = Promise.withResolvers<void>();
let expected = 0;

const agent: Agent = {
  name: "words",
  async *run() {
    running += 1;
    if (running === expected) begun.resolve();
    await begun.promise;
    for (let word = 0; word < words; word += 1) {
      await pause(WORD_MS);
      yield { type: "text", text: "word " };
    }
    running -= 1;
    yield { type: "finish", reason: "done" };
  },
};

const { config } = await loadConfig({ env: { PARLOR_HOME: home, PORT: "0", LOG_LEVEL: "error" }, cwd: home });
const turn = { ...config.turn, concurrency: 1_000 };
const gateway = createGateway({ ...config, turn, agent: { kind: "code", agent } });
const { url } = await gateway.start();
answerParent({ port: Number(new URL(url).port) }, stream, async () => {
  await gateway.stop();
});

async function stream({ sessions, forMs }: StreamQuestion): Promise<StreamAnswer> {
  words = Math.ceil(forMs / WORD_MS);
  expected = sessions;
  begun = Promise.withResolvers();
  for (let chat = 0; chat < sessions; chat += 1) {
    const source = createSource({ platform: "api", chatType: "group", chat: `chat-${chat}`, user: "person" });
    const { outcome } = await gateway.receive({ kind: "message", source, eventId: null, text: "Go on." });
    if (outcome !== "accepted") throw new Error(`Expected a message to be accepted; found ${outcome}.`);
  }
  // Accepting and claiming is not what is measured.
  await begun.promise;
  const delay = monitorEventLoopDelay({ resolution: TIMER_MS });
  let [heapBytes, residentBytes] = [0, 0];
  const before = performance.eventLoopUtilization();
  const measureDelay = async (ms: number): Promise<void> => {
    delay.enable();
    await pause(ms);
    delay.disable();
  };
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    await measureDelay((forMs * 0.7) / SAMPLES);
    // The delay is not measured meanwhile: collecting by force would be most of it.
    collect?.();
    const { heapUsed, external, rss } = process.memoryUsage();
    heapBytes = Math.max(heapBytes, heapUsed + external);
    residentBytes = Math.max(residentBytes, rss);
  }
  const busyShare = performance.eventLoopUtilization(before).utilization;
  while (running > 0) await pause(WORD_MS);
  const late = (ns: number): number => Math.max(0, ns / 1e6 - TIMER_MS);
  return {
    p50Ms: late(delay.percentile(50)),
    p99Ms: late(delay.percentile(99)),
    maxMs: late(delay.max),
    heapBytes,
    residentBytes,
    busyShare,
  };
}
