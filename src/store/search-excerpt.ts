/** The piece of a text that shows why a search found it: words are compared as the index has them, shown as written. */
import { searchTerms, type SearchTerm } from "./search-text.ts";
import { wordsIn, type Span, type Word } from "./search-words.ts";

export interface Excerpt {
  /** One line of about 160 characters, with … where it was cut. */
  readonly snippet: string;
  /** Where the query's words stand in the snippet, in order, none overlapping. */
  readonly highlights: readonly Span[];
}

const LONGEST = 160;
/** How much of the snippet may stand before the first match. */
const BEFORE = 50;
/** How much of it is given up to end at a space. */
const RAGGED = 40;

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * The part of `text` around the first place where a term of `query` stands.
 *
 * @throws ParlorError `INVALID_INPUT` like `matchExpression`.
 */
export function excerpt(text: string, query: string): Excerpt {
  const graphemes = segmenter.segment(text);
  const matches = merge(matchesIn(text, searchTerms(query)).map((match) => widen(match, graphemes)));
  const whole = { start: text.length - text.trimStart().length, end: text.trimEnd().length };
  const window = windowAround(text, whole, matches[0] ?? { start: 0, end: 0 }, graphemes);

  let snippet = window.start > whole.start ? "…" : "";
  let position = window.start;
  const highlights: Span[] = [];
  for (const match of matches) {
    if (match.start >= window.end) break;
    snippet += oneLine(text.slice(position, match.start));
    const { length } = snippet;
    position = Math.min(match.end, window.end);
    snippet += oneLine(text.slice(match.start, position));
    highlights.push({ start: length, end: snippet.length });
  }
  snippet += oneLine(text.slice(position, window.end)) + (window.end < whole.end ? "…" : "");
  return { snippet, highlights };
}

/** Where the terms stand in the text, up to a snippet's length behind the first place. */
function matchesIn(text: string, terms: readonly SearchTerm[]): Span[] {
  const matches: Span[] = [];
  const seen: Word[] = [];
  let first = Infinity;
  for (const word of wordsIn(text)) {
    if (word.start > first + LONGEST) break;
    seen.push(word);
    for (const term of terms) {
      const start = seen.at(-term.words.length)?.start;
      if (start === undefined || !endsWith(seen, term)) continue;
      matches.push({ start, end: word.end });
      first = Math.min(first, start);
    }
  }
  return matches.toSorted((a, b) => a.start - b.start || a.end - b.end);
}

function endsWith(seen: readonly Word[], { words, prefix }: SearchTerm): boolean {
  const offset = seen.length - words.length;
  return words.every((word, index) => {
    const found = seen[offset + index]?.word;
    return prefix && index === words.length - 1 ? found?.startsWith(word) : found === word;
  });
}

/** The match, widened to what people see as whole characters. */
function widen({ start, end }: Span, graphemes: Intl.Segments): Span {
  const last = graphemes.containing(end - 1);
  return { start: graphemes.containing(start)?.index ?? start, end: last ? last.index + last.segment.length : end };
}

/** Sorted spans without overlaps. */
function merge(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of spans) {
    const last = merged.at(-1);
    if (last !== undefined && span.start < last.end) {
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
    } else {
      merged.push(span);
    }
  }
  return merged;
}

/** The part that is shown: begins and ends at a space where one is near, else between two characters. */
function windowAround(text: string, whole: Span, match: Span, graphemes: Intl.Segments): Span {
  const first = Math.max(whole.start, Math.min(match.start - BEFORE, whole.end - LONGEST));
  const start = first === whole.start ? first : (wordStart(text, first, match.start) ?? next(first, graphemes));
  const last = Math.min(whole.end, start + LONGEST);
  if (last === whole.end) return { start, end: last };
  const wordEnded = wordEnd(text, Math.max(match.end, last - RAGGED), last);
  const characterEnded = graphemes.containing(last)?.index ?? last;
  // One character may be longer than everything that is shown: a letter under a thousand accents.
  return { start, end: wordEnded ?? (characterEnded > match.start ? characterEnded : last) };
}

/** The first place from `from` to `to` where a word begins behind a space. */
function wordStart(text: string, from: number, to: number): number | null {
  for (let at = from; at <= to; at += 1) {
    if (isSpace(text, at - 1) && !isSpace(text, at)) return at;
  }
  return null;
}

/** The last place from `from` to `to` where a word ends before a space. */
function wordEnd(text: string, from: number, to: number): number | null {
  for (let at = to; at >= from; at -= 1) {
    if (isSpace(text, at) && !isSpace(text, at - 1)) return at;
  }
  return null;
}

/** The first place from `at` on that is not inside a character. */
function next(at: number, graphemes: Intl.Segments): number {
  const found = graphemes.containing(at);
  return found === undefined || found.index === at ? at : found.index + found.segment.length;
}

function isSpace(text: string, at: number): boolean {
  return /[\s\p{Cc}]/u.test(text.charAt(at));
}

function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, " ").toWellFormed();
}
