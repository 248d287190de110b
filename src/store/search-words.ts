import { foldText, wordsOf } from "./search-text.ts";

/** A piece of a text: UTF-16 offsets, end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A word as the index has it, and where it stands in the original. */
export type Word = Span & { readonly word: string };

/** About as many characters as are folded at a time, up to a space: most matches stand near the beginning. */
const SLICES = /[^]{2000}\S*|[^]+/gu;

/** The words that the index has of a text, in order, found as they are asked for. */
export function* wordsIn(text: string): Generator<Word> {
  for (const { 0: slice, index: at } of text.matchAll(SLICES)) {
    const { folded, places } = foldWithPlaces(slice);
    for (const { 0: word, index } of wordsOf(folded)) {
      const start = places[index]?.start ?? 0;
      const end = places[index + word.length - 1]?.end ?? 0;
      yield { word, start: at + start, end: at + end };
    }
  }
}

/** What folds together with any character before it: marks (those of half-width kana are letters), and what is dropped. */
const MARKS = String.raw`[\p{M}\p{Default_Ignorable_Code_Point}\uff9e\uff9f]`;

/** Letters that compose with another letter of their script before them: Korean ones in every form, Kirat Rai vowels. */
const COMPOSING = String.raw`[\p{Script=Hangul}\u{16d67}\u{16d68}]`;
const COMPOSED = String.raw`[\u1161-\u1175\u11a8-\u11c2\u3133\u3135\u3136\u313a-\u313f\u314f-\u3163\uffa0-\uffdc\u{16d67}\u{16d68}]`;

/** Characters that fold to exactly one: ASCII, kana, Chinese characters, Korean syllables. */
const EVEN = String.raw`[\0-\x7f\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]`;

/** Pieces that fold alone as they do in the whole text: long ones where places stay, else the smallest. */
const PIECES = new RegExp(
  String.raw`(?<even>${EVEN}+)(?!${MARKS}|${COMPOSED})|${COMPOSING}(?:${MARKS}|${COMPOSED})*|[^]${MARKS}*`,
  "gu",
);

function foldWithPlaces(text: string): { readonly folded: string; readonly places: readonly Span[] } {
  let folded = "";
  const places: Span[] = [];
  for (const { 0: piece, index: start, groups: { even } = {} } of text.matchAll(PIECES)) {
    const part = foldText(piece);
    const end = start + piece.length;
    for (let unit = 0; unit < part.length; unit += 1) {
      places.push(even === undefined ? { start, end } : { start: start + unit, end: start + unit + 1 });
    }
    folded += part;
  }
  return { folded, places };
}
