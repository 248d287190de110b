/**
 * Cuts a text into pieces that a platform takes, where a reader would cut it: between paragraphs, list
 * items, lines, sentences, words; within a word only when nothing else is left, and never within a
 * grapheme. A code fence that is cut is closed in one piece and opened again, with its language, in the
 * next. Beside white space at the cuts nothing is lost, and nothing but fences is added.
 *
 * Every step looks at one window of the text and moves on by a large part of it, so the time is linear.
 */

/** Below this length there is no room to repair fences: they are lines like all others. */
const SHORTEST_WITH_FENCES = 256;
/** A line that would open a fence and is longer than this is text. */
const LONGEST_FENCE_LINE = 40;
const FENCE = /^[ \t]*(`{3,16}|~{3,16})[ \t]*([^`\n]*)$/;
const LIST_ITEM = /^[ \t]*(?:[-*+•]|\d{1,9}[.)])[ \t]/;
const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: "grapheme" });
/** How far around a cut graphemes are looked for; a longer one is cut between its code points. */
const GRAPHEME_REACH = 64;

/** An open code fence: what closes it, and the line that opens it again. */
interface Fence {
  readonly marker: string;
  readonly opening: string;
}

/** A place to cut, and the fence that is open there. */
interface Cut {
  readonly at: number;
  readonly fence: Fence | null;
}

/**
 * The pieces of a text, in order, each of at most `maxLength` (2 or more) UTF-16 units. A text that fits
 * is one piece as it stands; a blank one is none.
 */
export function splitText(text: string, maxLength: number): readonly string[] {
  const pieces: string[] = [];
  let start = 0;
  let fence: Fence | null = null;
  while (start < text.length) {
    const opening: string = fence === null ? "" : `${fence.opening}\n`;
    const cut: Cut = nextCut(text, start, fence, maxLength, maxLength - opening.length);
    const closing = cut.fence === null || cut.at === text.length ? "" : `\n${cut.fence.marker}`;
    const slice = text.slice(start, cut.at);
    const isWhole = start === 0 && cut.at === text.length;
    const body = cut.fence === null ? slice.trimEnd() : slice.replace(/\n$/, "");
    if (slice.trim() !== "") pieces.push(isWhole ? text : `${opening}${body}${closing}`);
    ({ at: start, fence } = skipBlank(text, cut));
  }
  return pieces;
}

function nextCut(text: string, start: number, fence: Fence | null, maxLength: number, room: number): Cut {
  const hasFences = maxLength >= SHORTEST_WITH_FENCES;
  if (text.length - start <= room) return { at: text.length, fence };
  // A fence that is open at the cut still has to be closed.
  const limit = start + room - (hasFences ? LONGEST_FENCE_LINE : 0);
  return atLine(text, start, limit, fence, hasFences);
}

/** The best cut up to `limit`: at a line when that fills half of the window, else within the last one. */
function atLine(text: string, start: number, limit: number, before: Fence | null, hasFences: boolean): Cut {
  const half = start + Math.ceil((limit - start) / 2);
  let fence = before;
  let lineStart = start;
  let paragraph: Cut | null = null;
  let item: Cut | null = null;
  let line: Cut | null = null;
  for (let end = text.indexOf("\n", lineStart); end >= 0 && end < limit; end = text.indexOf("\n", lineStart)) {
    const wasOpen: Fence | null = fence;
    const content = text.slice(lineStart, end);
    if (hasFences) fence = fenceAfter(content, fence);
    lineStart = end + 1;
    // Right behind the line that opens a fence a cut would leave an empty block.
    if (wasOpen === null && fence !== null) continue;
    line = { at: lineStart, fence };
    if (fence !== null || lineStart < half) continue;
    if (/^[ \t\r]*$/.test(content)) paragraph = line;
    else if (LIST_ITEM.test(text.slice(lineStart, lineStart + LONGEST_FENCE_LINE))) item = line;
  }
  const best: Cut | null = paragraph ?? item ?? line;
  if (best !== null && best.at >= half) return best;
  return (
    withinLine(text, Math.max(lineStart, start), limit, start, fence) ?? line ?? hardCut(text, start, limit, fence)
  );
}

/** Behind the last sentence, or else the last word, of a line that goes on behind `limit`. */
function withinLine(text: string, lineStart: number, limit: number, start: number, fence: Fence | null): Cut | null {
  const tail = text.slice(lineStart, limit);
  const enough = start + Math.ceil((limit - start) / 2) - lineStart;
  if (fence === null) {
    const sentence = lastMatch(tail, /[.!?…。！？][)"'”’»\]]*\s+|[。！？]/gu, enough);
    if (sentence !== null) return guarded(text, start, lineStart + sentence, fence);
  }
  const word = lastMatch(tail, /\s+/gu, Math.max(1, enough / 2));
  return word === null ? null : guarded(text, start, lineStart + word, fence);
}

/** Where the last match ends; null when that is before `enough`. */
function lastMatch(text: string, pattern: RegExp, enough: number): number | null {
  let end: number | null = null;
  for (const match of text.matchAll(pattern)) end = match.index + match[0].length;
  return end === null || end < enough ? null : end;
}

function hardCut(text: string, start: number, limit: number, fence: Fence | null): Cut {
  return guarded(text, start, Math.max(limit, start + 1), fence);
}

/** The cut, moved in front of the grapheme, or at least the surrogate pair, that it would divide. */
function guarded(text: string, start: number, at: number, fence: Fence | null): Cut {
  const from = wholeCodePoint(text, Math.max(start, at - GRAPHEME_REACH));
  const near = text.slice(from, at + GRAPHEME_REACH);
  const grapheme = GRAPHEMES.segment(near).containing(at - from);
  const moved = grapheme === undefined ? at : from + grapheme.index;
  if (moved > start) return { at: moved, fence };
  const whole = wholeCodePoint(text, at);
  return { at: whole > start ? whole : start + 2, fence };
}

/** The index, or the one before it when it lies between the halves of a surrogate pair. */
function wholeCodePoint(text: string, at: number): number {
  return (text.codePointAt(at - 1) ?? 0) > 0xffff ? at - 1 : at;
}

function fenceAfter(line: string, fence: Fence | null): Fence | null {
  const [, marker, info] = (line.length <= LONGEST_FENCE_LINE ? FENCE.exec(line.trimEnd()) : null) ?? [];
  if (marker === undefined || info === undefined) return fence;
  if (fence === null) return { marker, opening: `${marker}${info}` };
  return info === "" && marker.startsWith(fence.marker) ? null : fence;
}

/** Goes over what no piece begins with: blank lines, the space between words, the end of a fence that is closed. */
function skipBlank(text: string, { at, fence }: Cut): Cut {
  const blank = fence === null ? /(?:[ \t\r]*\n)*/y : /(?!)/y;
  blank.lastIndex = at;
  const next = blank.test(text) ? blank.lastIndex : at;
  if (fence === null) return { at: next, fence };
  const end = text.indexOf("\n", next);
  const line = text.slice(next, end < 0 ? text.length : Math.min(end, next + LONGEST_FENCE_LINE + 1));
  const isClosed = fenceAfter(line, fence) === null;
  return isClosed ? skipBlank(text, { at: end < 0 ? text.length : end + 1, fence: null }) : { at: next, fence };
}
