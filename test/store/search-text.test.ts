import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ParlorError } from "../../src/core/errors.ts";
import { MAX_QUERY_LENGTH, foldText, indexText, matchExpression, searchTerms } from "../../src/store/search-text.ts";
import { wordsIn } from "../../src/store/search-words.ts";
import { openSearchIndex } from "./search-index.ts";
import { anyTranscriptText } from "./search-arbitraries.ts";

const wordsOfIndex = (text: string): string[] => indexText(text).match(/[^ ]+/g) ?? [];

/** Every character that Unicode has given a meaning, but for most of the uniform blocks of Chinese, Korean and private ones. */
function* assignedCharacters(): Generator<string> {
  for (let code = 1; code < 0x110000; code += 1) {
    const uniform = (code >= 0xac00 && code < 0xd7a4) || (code >= 0x3400 && code < 0xa000) || code >= 0xe000;
    if (code >= 0xf0300 || (code >= 0xd800 && code < 0xe000) || (uniform && code < 0xf900 && code % 61 !== 0)) continue;
    const character = String.fromCodePoint(code);
    if (!/\p{Cn}/u.test(character)) yield character;
  }
}

test("SQLite makes the same words of indexed text, and folds nothing more, for every character there is", () => {
  using index = openSearchIndex();
  const expected: string[] = [];
  for (const characters of Iterator.from(assignedCharacters()).toArray().reduce<string[][]>(chunksOf2000, [])) {
    for (const text of [characters.join("."), characters.map((character) => `a${character}b`).join(" ")]) {
      index.add(text);
      // ASCII is handed over with its punctuation: between words there is no other reader than SQLite.
      expected.push(...Iterator.from(wordsIn(text)).map(({ word }) => word));
    }
  }
  assert.deepEqual(index.words(), expected);
});

function chunksOf2000(chunks: string[][], character: string): string[][] {
  const last = chunks.at(-1);
  if (last === undefined || last.length === 2_000) chunks.push([character]);
  else last.push(character);
  return chunks;
}

test("SQLite makes the same words of any text", () => {
  fc.assert(
    fc.property(fc.array(anyTranscriptText, { minLength: 1, maxLength: 20 }), (texts) => {
      using index = openSearchIndex();
      for (const text of texts) index.add(text);
      assert.deepEqual(
        index.words(),
        texts.flatMap((text) => [...wordsIn(text)].map(({ word }) => word)),
      );
    }),
  );
});

test("folding what is folded changes nothing, for every character there is", () => {
  for (const character of assignedCharacters()) {
    const folded = foldText(character);
    assert.equal(foldText(folded), folded, `U+${character.codePointAt(0)?.toString(16)}`);
  }
  fc.assert(fc.property(anyTranscriptText, (text) => assert.equal(foldText(foldText(text)), foldText(text))));
});

test("indexing what is indexed finds the same words", () => {
  fc.assert(
    fc.property(anyTranscriptText, (text) => assert.deepEqual(wordsOfIndex(indexText(text)), wordsOfIndex(text))),
  );
});

test("the way of writing does not count: composed or decomposed, upper case or lower, wide or narrow", () => {
  fc.assert(
    fc.property(anyTranscriptText, (text) => {
      for (const form of ["NFC", "NFD", "NFKC", "NFKD"]) assert.equal(foldText(text.normalize(form)), foldText(text));
    }),
  );
  const alike = [
    ["Größe", "GRÖSSE", "grosse"],
    ["Łódź", "lodz"],
    ["Đà Nẵng", "da nang"],
    ["smørrebrød", "smorrebrod"],
    ["œuvre Ærø", "oeuvre aero"],
    ["Þór Guðrún", "thor gudrun"],
    ["DIYARBAKIR", "diyarbakır", "Diyarbakır"],
    ["İstanbul", "istanbul"],
    ["ὈΔΥΣΣΕΎΣ", "οδυσσευς", "οδυσσευσ"],
    ["Ｐａｒｌｏｒ", "parlor"],
    ["ｶﾞｲﾄﾞ", "ガイド", "カ\u3099イト\u3099"],
    ["한국", "한국".normalize("NFD")],
    ["Donau\u00addampf", "donaudampf"],
    ["می\u200cخواهم", "میخواهم"],
    ["1\ufe0f\u20e3", "1"],
    ["ﬁnd ②", "find 2"],
  ];
  for (const [first = "", ...others] of alike)
    for (const other of others) assert.equal(foldText(other), foldText(first));
});

test("each character of a script without spaces is a word of its own", () => {
  for (const text of ["東京都", "ひらがな", "カタカナー", "한국어", "สวัสดี", "ສະບາຍດີ", "សួស្តី", "မင်္ဂလာပါ", "ㄅㄆㄇ"]) {
    assert.equal(indexText(text).replaceAll(" ", ""), foldText(text));
    assert.deepEqual(wordsOfIndex(text), Array.from(foldText(text)));
  }
  assert.equal(indexText("한국 ガ"), "한 국 ガ");
  assert.equal(indexText("GPT-4を使う。v2版"), "gpt 4 を 使 う v2 版");
});

test("plain English is only put in lower case", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary-ascii" }), (text) => assert.equal(indexText(text), text.toLowerCase())),
  );
});

test("any query is an expression that SQLite can read, or is refused because nothing in it can be found", () => {
  using index = openSearchIndex();
  index.add("and or not near a b c");
  const syntax = fc.constantFrom(
    '"',
    "'",
    "*",
    "^",
    ":",
    "(",
    ")",
    "{",
    "}",
    "+",
    "-",
    ",",
    "\\",
    "\0",
    " ",
    "AND",
    "OR",
    "NOT",
    "NEAR",
    "text",
    "a",
    "é",
    "東",
    "“",
    "”",
  );
  const anyQuery = fc.oneof(fc.string({ unit: syntax }), anyTranscriptText);
  fc.assert(
    fc.property(anyQuery, (query) => {
      if (
        wordsOfIndex(query)
          .join("")
          .match(/[\p{L}\p{N}\p{M}\p{Co}]/u)
      )
        assert.doesNotThrow(() => index.find(query));
      else
        assert.throws(
          () => matchExpression(query),
          (error) => error instanceof ParlorError && error.code === "INVALID_INPUT",
        );
    }),
    { numRuns: 2_000 },
  );
});

test("nothing that is typed is syntax but quotes and a star at the end of a word", () => {
  const expressions: readonly (readonly [string, string])[] = [
    ["hello World", '"hello" AND "world"'],
    ['"Hello, World"', '"hello world"'],
    ["“hello world”", '"hello world"'],
    ['say "hello world" twice', '"say" AND "hello world" AND "twice"'],
    ['say "hello wor', '"say" AND "hello wor"'],
    ["wor*", '"wor"*'],
    ["wör** x", '"wor"* AND "x"'],
    ["e-mai*", '"e mai"*'],
    ['"wor*"', '"wor"'],
    ["w*r *d -*", '"w r" AND "d"'],
    ["a OR b NOT c", '"a" AND "or" AND "b" AND "not" AND "c"'],
    ["text:a ^b NEAR(c d, 2)", '"text a" AND "b" AND "near c" AND "d" AND "2"'],
    ["don't", '"don t"'],
    ["東京 タワー", '"東 京" AND "タ ワ ー"'],
    ["v2版", '"v2 版"'],
    ["hello HELLO héllo", '"hello"'],
  ];
  for (const [query, expression] of expressions) assert.equal(matchExpression(query), expression, query);
});

test("a query without a letter or a digit is refused without being repeated", () => {
  for (const query of ["", "   ", '""', "***", "…!?", "🙂🙂", '" " "', "\u0301", "\u200b"]) {
    assert.throws(
      () => searchTerms(query),
      (error) =>
        error instanceof ParlorError &&
        error.code === "INVALID_INPUT" &&
        /needs a letter or a digit/.test(error.message),
    );
  }
});

test("a query is at most 1,000 characters, and the longest one can still be searched", () => {
  using index = openSearchIndex();
  const words = Array.from({ length: MAX_QUERY_LENGTH / 4 }, (_, number) =>
    (number + 1_000).toString(36).padStart(3, "a"),
  );
  const id = index.add(words.join(" "));
  assert.deepEqual(index.find(words.join(" ")), [id]);
  assert.deepEqual(index.find(`"${words.join(" ").slice(0, 990)}"`).length, 0);
  assert.deepEqual(index.find(`"${words.slice(0, 200).join(" ")}"`), [id]);
  assert.throws(() => matchExpression("x".repeat(MAX_QUERY_LENGTH + 1)), /1000 characters; found 1001/);
});

test("search finds what people look for, in every script, and not what is not there", () => {
  using index = openSearchIndex();
  const texts = [
    "Das Überraschungsei kostet 5 €",
    "東京都は日本の首都です",
    "한국어로 말해 주세요",
    "สวัสดีครับ ยินดีต้อนรับ",
    "the quick brown fox",
    "我们明天去北京大学",
  ];
  const ids = texts.map((text) => index.add(text));
  const found = (query: string): number[] => index.find(query).map((id) => ids.indexOf(id));
  assert.deepEqual(found("uberraschungsei"), [0]);
  assert.deepEqual(found("überraschung"), []);
  assert.deepEqual(found("überraschung*"), [0]);
  assert.deepEqual(found("日本"), [1]);
  assert.deepEqual(found("本日"), []);
  assert.deepEqual(found("국어"), [2]);
  assert.deepEqual(found("สวัสดี"), [3]);
  assert.deepEqual(found("ยินดี ครับ"), [3]);
  assert.deepEqual(found("fox quick"), [4]);
  assert.deepEqual(found('"fox quick"'), []);
  assert.deepEqual(found('"quick brown"'), [4]);
  assert.deepEqual(found("京"), [1, 5]);
  assert.deepEqual(found("fox missing"), []);
});

test("a run of marks is folded up to a length that any script stays below, so that it cannot hold up the process", () => {
  const marks = "\u064b\u0316\u05b0\u3099";
  const long = `a${marks.repeat(25_000)}b`;
  const apart = `a${`${marks.repeat(5)}\u200b`.repeat(4_000)}b`;
  for (const text of [long, apart]) {
    assert.ok(indexText(text).length < 100);
    assert.equal(foldText(foldText(text)), foldText(text));
    assert.deepEqual(
      [...wordsIn(text)].map(({ word }) => word),
      wordsOfIndex(text),
    );
  }
  const tibetan = "ན\u0f71\u0f74\u0f7e\u0f83";
  assert.equal(foldText(tibetan), tibetan);
});
