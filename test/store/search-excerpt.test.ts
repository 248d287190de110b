import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { excerpt, type Excerpt } from "../../src/store/search-excerpt.ts";
import { indexText, searchTerms } from "../../src/store/search-text.ts";
import { wordsIn } from "../../src/store/search-words.ts";
import { anyTranscriptText } from "./search-arbitraries.ts";
import { openSearchIndex } from "./search-index.ts";

const wordsOf = (text: string): string[] => Array.from(wordsIn(text), ({ word }) => word);

/** A text, and a query that was copied out of it: some words in a row (characters, where there are no spaces). */
const anyCopied = fc
  .tuple(
    anyTranscriptText.filter((text) => wordsOf(text).length > 0),
    fc.nat(),
    fc.integer({ min: 1, max: 4 }),
  )
  .map(([text, at, count]) => {
    const words = [...wordsIn(text)];
    // One sign can be part of several words (½, ㈱), and a word is copied whole.
    const share = (index: number): boolean => (words[index - 1]?.end ?? 0) > (words[index]?.start ?? Infinity);
    let first = at % words.length;
    while (share(first)) first -= 1;
    let behind = Math.min(first + count, words.length);
    while (share(behind)) behind += 1;
    return { text, query: text.slice(words[first]?.start, words[behind - 1]?.end) };
  });

const highlighted = ({ snippet, highlights }: Excerpt): string[] =>
  highlights.map(({ start, end }) => snippet.slice(start, end));

const marked = (text: string, query: string): string => {
  const { snippet, highlights } = excerpt(text, query);
  return highlights
    .toReversed()
    .reduce((line, { start, end }) => `${line.slice(0, start)}[${line.slice(start, end)}]${line.slice(end)}`, snippet);
};

test("the words of a text are those of the index, each where it stands", () => {
  fc.assert(
    fc.property(anyTranscriptText, (text) => {
      assert.deepEqual(wordsOf(text), indexText(text).match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu) ?? []);
      let last = 0;
      for (const { word, start, end } of wordsIn(text)) {
        assert.ok(start < end && end <= text.length && start >= last, "out of order");
        assert.ok(wordsOf(text.slice(start, end)).includes(word), `${word} is not in ${text.slice(start, end)}`);
        last = start;
      }
    }),
    { numRuns: 2_000 },
  );
});

test("characters that compose with the one before them fold as one piece, for every character there is", () => {
  for (const before of ["a", "가", "ㄱ", "ﾡ", "か", "ｶ", "ﾊ", "ก", "\u{16d67}"]) {
    let text = "";
    for (let code = 1; code < 0x20000; code += 1) {
      if ((code >= 0xac00 && code < 0xd7a4) || (code >= 0x3400 && code < 0xa000) || (code >= 0xd800 && code < 0xf900))
        continue;
      text += `${before}${String.fromCodePoint(code)}\n`;
    }
    assert.deepEqual(wordsOf(text), indexText(text).split(" ").filter(Boolean));
  }
});

test("what was copied out of a text finds it, and is shown in the excerpt", () => {
  using index = openSearchIndex();
  fc.assert(
    fc.property(anyCopied, ({ text, query }) => {
      const id = index.add(text);
      try {
        assert.deepEqual(index.find(query), [id]);
      } finally {
        index.remove(id);
      }
      const shown = highlighted(excerpt(text, query));
      const [term] = searchTerms(query);
      assert.ok(shown.length > 0);
      const together = ` ${term?.words.join(" ")} `;
      assert.ok(
        shown.some((words) => ` ${wordsOf(words).join(" ")} `.includes(together)) || shown.join("").length > 100,
        `${JSON.stringify(shown)} ${together}`,
      );
    }),
    { numRuns: 3_000 },
  );
});

test("everything that is highlighted is what was asked for", () => {
  fc.assert(
    fc.property(anyCopied, ({ text, query }) => {
      const terms = searchTerms(query);
      for (const shown of highlighted(excerpt(text, query))) {
        const words = wordsOf(shown);
        assert.ok(
          terms.some((term) =>
            term.words.some((word) => words.some((found) => found === word || (term.prefix && found.startsWith(word)))),
          ),
        );
      }
    }),
    { numRuns: 1_000 },
  );
});

test("a text is found with an excerpt exactly when SQLite finds it", () => {
  const anyWord = fc.constantFrom("a", "b", "ab", "B", "东", "西", "a東", "é", "x-a", "*");
  const anyQuery = fc.array(fc.oneof(anyWord, fc.constantFrom("a*", "東*", '"a b"', '"东 西"', "b*")), {
    minLength: 1,
    maxLength: 1,
  });
  using index = openSearchIndex();
  fc.assert(
    fc.property(fc.array(anyWord, { maxLength: 6 }), anyQuery, (words, [query = ""]) => {
      fc.pre(query !== "*");
      const text = words.join(" ");
      const id = index.add(text);
      const found = index.find(query);
      index.remove(id);
      assert.equal(excerpt(text, query).highlights.length > 0, found.length > 0);
    }),
    { numRuns: 1_000 },
  );
});

test("a snippet is one well-formed line of about 160 characters, and its highlights are in order inside it", () => {
  const anyLong = fc.array(anyTranscriptText, { maxLength: 12 }).map((texts) => texts.join(" "));
  fc.assert(
    fc.property(anyLong, fc.constantFrom("東", "hello", "caf*", "ส", "本 日 cafe", "absent"), (text, query) => {
      const { snippet, highlights } = excerpt(text, query);
      assert.ok(snippet.length <= 162, `${snippet.length}`);
      assert.doesNotMatch(snippet, /\p{Cc}|\u2028|\u2029|\s\s/u);
      assert.ok(snippet.isWellFormed());
      let last = 0;
      for (const { start, end } of highlights) {
        assert.ok(start >= last && start < end && end <= snippet.length);
        last = end;
      }
    }),
    { numRuns: 1_000 },
  );
});

test("a snippet is a piece of the text, with … exactly where something was left out", () => {
  const anyLong = fc.array(anyTranscriptText, { maxLength: 12 }).map((texts) => texts.join(" "));
  fc.assert(
    fc.property(anyLong, fc.constantFrom("東", "hello", "absent"), (text, query) => {
      fc.pre(!text.includes("…") && text.isWellFormed());
      const whole = text.trim().replaceAll(/[\s\p{Cc}]+/gu, " ");
      const { snippet } = excerpt(text, query);
      const shown = snippet.replace(/^…/, "").replace(/…$/, "");
      assert.ok(whole.includes(shown));
      if (!snippet.startsWith("…")) assert.ok(whole.startsWith(shown));
      if (!snippet.endsWith("…")) assert.ok(whole.endsWith(shown));
      if (text.length <= 160) assert.equal(snippet, whole);
    }),
    { numRuns: 1_000 },
  );
});

test("what people see as one character is never cut", () => {
  const unit = fc.constantFrom("วั", "กำ", "ｶﾞ", "か\u3099", "e\u0301", "👩‍👩‍👧", "🇩🇪", "1️⃣", "한", "東", "မြ", "नि");
  const units = fc.array(unit, { minLength: 60, maxLength: 150, size: "max" });
  const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
  const charactersOf = (text: string): string[] => Array.from(segmenter.segment(text), ({ segment }) => segment);
  fc.assert(
    fc.property(units, fc.constantFrom("ดี", "นำ", "𠮷"), units, (before, match, after) => {
      const characters = charactersOf([...before, match, ...after].join(""));
      const [query = ""] = match;
      const { snippet, highlights } = excerpt(characters.join(""), match === "𠮷" ? match : query);
      const [highlight] = highlights;
      assert.equal(snippet.slice(highlight?.start, highlight?.end), match);
      assert.ok(` ${characters.join(" ")} `.includes(` ${charactersOf(snippet.slice(1, -1)).join(" ")} `));
    }),
    { numRuns: 500 },
  );
});

test("highlights are the words as they were written", () => {
  assert.equal(marked("Das ÜBERRASCHUNGSEI!", "überraschungsei"), "Das [ÜBERRASCHUNGSEI]!");
  assert.equal(marked("Cafe\u0301 de Größe", "grosse café"), "[Cafe\u0301] de [Größe]");
  assert.equal(marked("東京都は日本の首都です", "日本"), "東京都は[日本]の首都です");
  assert.equal(marked("สวัสดีครับ", "สวัส"), "[สวัส]ดีครับ");
  assert.equal(marked("ｶﾞｲﾄﾞ", "ガイド"), "[ｶﾞｲﾄﾞ]");
  assert.equal(marked("ㅋㅋㅋ", "ㅋㅋ"), "[ㅋㅋㅋ]");
  assert.equal(marked("a quick, brown fox", '"quick brown"'), "a [quick, brown] fox");
  assert.equal(marked("words and swords, WORDLESS", "word*"), "[words] and swords, [WORDLESS]");
  assert.equal(marked("one two one", "one"), "[one] two [one]");
  assert.equal(marked("  tidy\r\n\tup \u001b[31m ", "up"), "tidy [up] [31m");
});

test("a long text is cut at spaces, around the first match", () => {
  const filler = (words: number): string => Array.from({ length: words }, (_, number) => `word${number}`).join(" ");
  const { snippet, highlights } = excerpt(`${filler(100)} needle ${filler(100)} needle`, "needle");
  assert.match(snippet, /^…word\d+ .* word\d+ needle word0 word1 .*word\d+…$/);
  assert.equal(highlights.length, 1);
  assert.ok(snippet.length > 120);
  assert.match(excerpt(`${filler(100)} needle`, "needle").snippet, /^…word\d+ .* needle$/);
  assert.match(excerpt(`needle ${filler(100)}`, "needle").snippet, /^needle word0 .*word\d+…$/);
});

test("text without spaces, giant characters and matches longer than a snippet are cut all the same", () => {
  const texts: readonly (readonly [string, string])[] = [
    ["あ".repeat(500), "あ"],
    ["あ".repeat(500), "あ".repeat(300)],
    [`東${"x".repeat(500)}`, "x*"],
    [`東${"x".repeat(500)}`, "東"],
    [`a${"\u0e31".repeat(500)} 東`, "a"],
    [`a${"\u0e31".repeat(500)} 東`, "東"],
    [`a${"\u{e0100}".repeat(300)}`, "a"],
    [`${"\u{e0100}".repeat(300)}東`, "東"],
    [`${"🙂".repeat(300)}東${"🙂".repeat(300)}`, "東"],
  ];
  for (const [text, query] of texts) {
    const { snippet, highlights } = excerpt(text, query);
    assert.ok(snippet.length <= 162 && snippet.isWellFormed(), query);
    assert.ok(highlights.length > 0, query);
  }
});

test("a text that does not match is shown from its beginning", () => {
  assert.deepEqual(excerpt("nothing here", "absent"), { snippet: "nothing here", highlights: [] });
  assert.deepEqual(excerpt("", "absent"), { snippet: "", highlights: [] });
  assert.deepEqual(excerpt(" \n ", "absent"), { snippet: "", highlights: [] });
});
