/**
 * The traffic of the gateway that Parlor began with: 10,985 sources, of which 3,564 never said a word.
 * They pinged, joined, sent blank text, echoed bots, had their draft read and typed commands that do
 * not exist; there, each of them left an empty row behind. The others talk, and everything they say
 * is delivered twice.
 */
import { createRandom } from "../bench/random.ts";
import type { InboundEvent } from "../src/core/event.ts";
import { type Source, createSource } from "../src/core/source.ts";

export const SOURCES = 10_985;
export const SILENT_SOURCES = 3_564;

/** One thing that happens: an event, or someone who looks at the session of a source. */
export type Step =
  | { readonly kind: "event"; readonly event: InboundEvent }
  | { readonly kind: "read"; readonly source: Source };

export interface Trace {
  readonly steps: readonly Step[];
  /** What each source that talks says, in order. */
  readonly said: ReadonlyMap<Source, readonly string[]>;
}

/** The same seed gives the same trace. */
export function createTrace(seed: number): Trace {
  const random = createRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const said = new Map<Source, string[]>();

  const lanes = Array.from({ length: SOURCES }, (_, index): Step[] => {
    const source = createSource({
      platform: "api",
      chatType: "group",
      chat: `chat-${index % 1_000}`,
      user: `person-${index}`,
    });
    const noise = (): Step => pick(NOISE)(source);
    if (index < SILENT_SOURCES) return Array.from({ length: 1 + Math.floor(random() * 3) }, noise);
    const words = Array.from(
      { length: 1 + Math.floor(random() * 2) },
      (_none, number) => `word ${number} of person ${index}`,
    );
    said.set(source, words);
    return [...(random() < 0.3 ? [noise()] : []), ...deliveredTwice(source, words, random)];
  });
  return { steps: interleave(lanes, random), said };
}

const NOISE: readonly ((source: Source) => Step)[] = [
  (source) => ({ kind: "event", event: { kind: "signal", source, name: "ping" } }),
  (source) => ({ kind: "event", event: { kind: "signal", source, name: "join" } }),
  (source) => ({ kind: "event", event: { kind: "message", source, eventId: null, text: " \n\u200b" } }),
  (source) => ({ kind: "event", event: { kind: "message", source, eventId: null, text: "I am a bot", fromBot: true } }),
  (source) => ({ kind: "event", event: { kind: "message", source, eventId: null, text: "/frobnicate now" } }),
  (source) => ({ kind: "read", source }),
];

/** Each message, and each again at some time after it. */
function deliveredTwice(source: Source, words: readonly string[], random: () => number): Step[] {
  const steps: Step[] = [];
  const again: Step[] = [];
  for (const [number, text] of words.entries()) {
    const step: Step = { kind: "event", event: { kind: "message", source, eventId: `${source.user}-${number}`, text } };
    steps.push(step);
    again.push(step);
    if (random() < 0.5) steps.push(...again.splice(0));
  }
  return [...steps, ...again];
}

/** Mixes the lanes at random; each keeps its own order. */
function interleave(lanes: readonly Step[][], random: () => number): Step[] {
  const order = lanes.flatMap((lane, index) => lane.map(() => index));
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other] as number, order[last] as number];
  }
  const next = lanes.map((lane) => lane.values());
  return order.map((index) => next[index]?.next().value as Step);
}
