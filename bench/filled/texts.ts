/** What people say in the benchmarks: about 200 bytes of words, some of them much more frequent than others. */
import { createRandom } from "../random.ts";

/** A word in every third message. */
export const COMMON_WORD = "invoice";
/** A word in every third message that does not hold the other. */
export const OTHER_COMMON_WORD = "holiday";
/** A word in every fifth message. */
export const FREQUENT_WORD = "berlin";
/** A word in 20 messages, however many there are. */
export const RARE_WORD = "zeppelin";
/** A phrase in every fifteenth message; its characters also stand in others, in another order. */
export const PHRASE = "会议记录";
const NO_PHRASE = "记录会议";

const TEXT_BYTES = 200;
const SYLLABLES = [
  "ka",
  "ro",
  "min",
  "te",
  "sol",
  "ver",
  "da",
  "lu",
  "pen",
  "ta",
  "gri",
  "mo",
  "ne",
  "shi",
  "bal",
  "or",
];
const WORDS: readonly string[] = Array.from({ length: SYLLABLES.length ** 3 }, (_, index) =>
  [index % 16, (index >> 4) % 16, index >> 8].map((part) => SYLLABLES[part]).join(""),
);

export function createText(random: () => number, first: readonly string[] = []): string {
  const words = [...first];
  let bytes = Buffer.byteLength(words.join(" "));
  for (;;) {
    const word = WORDS[Math.floor(WORDS.length * random() ** 3)] ?? "";
    bytes += word.length + 1;
    if (bytes > TEXT_BYTES) return words.join(" ");
    words.push(word);
  }
}

/** The text of message `index` of `count`, the same every time. */
export function textOf(index: number, count: number): string {
  const first: string[] = [];
  if (index % 3 === 0) first.push(COMMON_WORD);
  if (index % 3 === 1) first.push(OTHER_COMMON_WORD);
  if (index % 5 === 2) first.push(FREQUENT_WORD);
  if (index % Math.max(1, Math.floor(count / 20)) === 11) first.push(RARE_WORD);
  if (index % 15 === 13) first.push(PHRASE);
  if (index % 15 === 4) first.push(NO_PHRASE);
  return createText(createRandom(index), first);
}
