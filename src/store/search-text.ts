/**
 * Text as the search index holds it, the same for every database: words in lower case without accents,
 * and each Chinese, Japanese, Korean, Thai, Lao, Khmer or Myanmar character a word of its own, because
 * those scripts put no spaces between theirs.
 *
 * A word is a run of letters, digits, marks and private characters. That is what SQLite's tokenizer
 * `unicode61 remove_diacritics 0 categories 'L* N* Co M*'` makes of the indexed text, whatever it thinks
 * of the characters between: there are only spaces left. Its own folding finds nothing left to fold.
 */
import { ParlorError } from "../core/errors.ts";

/** Letters that are not a base letter with a mark, as people without them on their keyboard type them. */
const PLAIN: Readonly<Record<string, string>> = {
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ı: "i",
  þ: "th",
  ς: "σ",
};

const ASCII = /^[\0-\x7f]*$/;

/** The letters of `PLAIN`, and what is dropped: accents, enclosing marks, and characters that show nothing. */
const FOLDABLE = /[øłđðßæœıþς]|[\u0300-\u036f\p{Me}\p{Default_Ignorable_Code_Point}]+/gu;

const IN_WORDS = String.raw`[\p{L}\p{N}\p{M}\p{Co}]`;

const ALONE = `[${["Han", "Hira", "Kana", "Bopo", "Hang", "Thai", "Lao", "Khmr", "Mymr"]
  .map((script) => String.raw`\p{Script_Extensions=${script}}`)
  .join("")}]`;

/** A character that is a word of its own, or a run of others. */
const WORDS = new RegExp(`[${IN_WORDS}&&${ALONE}]|[${IN_WORDS}--${ALONE}]+`, "gv");

/** More marks on one character than any script needs; putting a run of marks in order takes the square of its length. */
const TOO_MANY_MARKS = /([\p{M}\uff9e\uff9f]{32})[\p{M}\uff9e\uff9f]+/gu;

function isAscii(text: string): boolean {
  return ASCII.test(text);
}

/** Compatibility forms, upper case and accents removed, so that ways to write the same word are equal. */
export function foldText(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  const folded = withoutMarksBeyond(text)
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(FOLDABLE, (found) => PLAIN[found] ?? "");
  // Again: runs that only what was dropped kept apart are one run now.
  return withoutMarksBeyond(folded).normalize("NFKC");
}

function withoutMarksBeyond(text: string): string {
  return text.replaceAll(TOO_MANY_MARKS, "$1");
}

/** The words of folded text, with the places where they stand in it. */
export function wordsOf(folded: string): RegExpStringIterator<RegExpExecArray> {
  return folded.matchAll(WORDS);
}

/** What the search index stores of a text. On the way of every stored message. */
export function indexText(text: string): string {
  const folded = foldText(text);
  return isAscii(folded) ? folded : (folded.match(WORDS) ?? []).join(" ");
}

/** Words that must stand together, in this order. */
export interface SearchTerm {
  readonly words: readonly string[];
  /** Whether the last word may also be the beginning of a longer one. */
  readonly prefix: boolean;
}

/** The longest query, in UTF-16 units. */
export const MAX_QUERY_LENGTH = 1_000;

/** Text in double quotes of any shape (the last one may stay open), or anything up to a space or a quote. */
const PARTS = /["“”„«»](?<quoted>[^"“”„«»]*)["“”„«»]?|(?<plain>[^\s"“”„«»]+)/gu;

const ENDS_OPEN = new RegExp(String.raw`${IN_WORDS}\*+$`, "v");

/**
 * What a query asks for: each of its words, `"several words"` together, `word*` with any ending.
 * Every other character only separates words. A word of several (`e-mail`, 東京) asks for them together.
 *
 * @throws ParlorError `INVALID_INPUT` when no word remains, or the query is longer than 1,000 characters.
 */
export function searchTerms(query: string): readonly SearchTerm[] {
  if (query.length > MAX_QUERY_LENGTH) {
    throw new ParlorError(
      "INVALID_INPUT",
      `A search query may have ${MAX_QUERY_LENGTH} characters; found ${query.length}. Shorten it.`,
    );
  }
  const terms: SearchTerm[] = [];
  for (const { groups: { quoted, plain = "" } = {} } of foldText(query).matchAll(PARTS)) {
    const words: readonly string[] = (quoted ?? plain).match(WORDS) ?? [];
    if (words.length > 0) terms.push({ words, prefix: ENDS_OPEN.test(plain) });
  }
  if (terms.length === 0) {
    throw new ParlorError("INVALID_INPUT", "A search query needs a letter or a digit; found neither.");
  }
  return terms;
}

/** The query for SQLite's FTS5: nothing of it but words inside quotes is taken from the user. */
export function matchExpression(query: string): string {
  const terms = searchTerms(query).map(({ words, prefix }) => `"${words.join(" ")}"${prefix ? "*" : ""}`);
  return [...new Set(terms)].join(" AND ");
}
