import assert from "node:assert/strict";
import type { SearchHit } from "../../store/reader.ts";
import type { Store } from "../../store/store.ts";
import { sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { answer, everyPage, say } from "./steps.ts";

interface Find {
  readonly text: string;
  readonly query: string;
  /** What the highlights cut out of the snippet; null when nothing may be found. */
  readonly marked: readonly string[] | null;
}

const FINDS: Readonly<Record<string, readonly Find[]>> = {
  "words are found whatever their case": [
    { text: "The Quick brown fox", query: "quick", marked: ["Quick"] },
    { text: "The Quick brown fox", query: "FOX", marked: ["fox"] },
  ],
  "every word must be there, in any order": [
    { text: "the quick brown fox", query: "fox quick", marked: ["quick", "fox"] },
    { text: "the quick brown fox", query: "fox slow", marked: null },
  ],
  "a word is a whole word": [{ text: "the quick brown fox", query: "qui", marked: null }],
  "`word*` also finds longer words": [{ text: "a foxhound", query: "fox*", marked: ["foxhound"] }],
  '`"several words"` must stand together': [
    { text: "the quick brown fox", query: '"quick brown"', marked: ["quick", "brown"] },
    { text: "the quick brown fox", query: '"quick fox"', marked: null },
  ],
  "accents do not count": [
    { text: "un Café à Zürich", query: "cafe zurich", marked: ["Café", "Zürich"] },
    { text: "un cafe a Zurich", query: "CAFÉ", marked: ["cafe"] },
    { text: "un cafe\u0301 noir", query: "café", marked: ["cafe\u0301"] },
    { text: "Việt Nam", query: "viet", marked: ["Việt"] },
  ],
  "Chinese is found by any run of characters": [
    { text: "我想去北京旅游", query: "北京", marked: ["北京"] },
    { text: "我想去北京旅游", query: "京旅", marked: ["京旅"] },
    { text: "我想去北京旅游", query: "旅", marked: ["旅"] },
    { text: "我想去北京旅游", query: "京北", marked: null },
  ],
  "Japanese is found by any run of characters": [
    { text: "東京タワーへ行きたい", query: "タワー", marked: ["タワー"] },
    { text: "東京タワーへ行きたい", query: "行き", marked: ["行き"] },
  ],
  "Korean is found by any run of characters": [
    { text: "오늘 날씨가 좋아요", query: "날씨", marked: ["날씨"] },
    { text: "오늘 날씨가 좋아요", query: "좋아", marked: ["좋아"] },
  ],
  "Thai is found by any run of characters": [
    { text: "ผมชอบกินข้าว", query: "กิน", marked: ["กิน"] },
    { text: "ผมชอบกินข้าว", query: "ข้าว", marked: ["ข้าว"] },
  ],
  "scripts may be mixed": [{ text: "the 北京 trip 2026", query: "北京 trip 2026", marked: ["北京", "trip", "2026"] }],
  "highlights count UTF-16 units": [{ text: "🎉🎉 at the Über party", query: "uber", marked: ["Über"] }],
};

const HOSTILE = [
  '"unbalanced',
  'a "b" "c',
  "a NEAR b",
  "NEAR(a b, 5)",
  "a AND",
  "OR",
  "NOT a",
  "a NOT",
  "a -b",
  "-a",
  "a^b",
  "^a",
  "text:a",
  "{text seq}: a",
  "a*b",
  "a**",
  "(a",
  "a)",
  "'a",
  "a;--",
  "a\0b",
  "\0a",
  "a\\",
  "a%_",
  "+a",
  "a+b",
  "a,b",
  "a\ud800",
  "a".repeat(5000),
  "a ".repeat(2000),
  '""a""',
  "a\nb",
  "# a",
  "a:*",
];

/** What is found, and how it is shown: I18. */
export function search(contract: Contract): void {
  for (const [rule, finds] of Object.entries(FINDS)) {
    contract.states(`I18 search: ${rule}`, async ({ store }) => {
      for (const [n, { text }] of finds.entries()) await say(store, text, { source: sourceOf({ user: `user-${n}` }) });
      await say(store, "nothing to see here", { source: sourceOf({ user: "passer-by" }) });
      for (const { text, query, marked } of finds) {
        const hit = (await searchAll(store, query)).find(({ snippet }) => snippet.normalize() === text.normalize());
        assert.deepEqual(hit === undefined ? null : mergeMarks(hit), marked === null ? null : marked.join(" "), query);
      }
    });
  }

  contract.states("I18 search: newest first, over all sessions and roles, in pages", async ({ store, clock }) => {
    for (let n = 0; n < 9; n++) {
      await say(store, `needle ${n}`, { source: sourceOf({ user: `user-${n % 3}` }) });
      clock.advance(1000);
    }
    await answer(store, "a needle from the agent");
    const all = await searchAll(store, "needle", 50);
    assert.equal(all.length, 10);
    assert.deepEqual([all[0]?.role, all[1]?.snippet, all[9]?.snippet], ["assistant", "needle 8", "needle 0"]);
    const times = all.map(({ createdAt }) => createdAt);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => b - a),
    );
    for (const limit of [1, 3, 10]) assert.deepEqual(await searchAll(store, "needle", limit), all);
  });

  contract.states("I18 search: of a long entry it shows the piece around the match", async ({ store }) => {
    const { session } = await say(store, `${"hay ".repeat(2000)}Needle ${"hay ".repeat(2000)}`);
    const [hit] = await searchAll(store, "needle");
    assert.ok(hit !== undefined);
    assert.deepEqual([hit.sessionId, hit.seq, hit.role], [session.id, 1, "user"]);
    assert.ok(hit.snippet.length <= 200, `a snippet has about 160 characters; found ${hit.snippet.length}`);
    assert.equal(mergeMarks(hit), "Needle");
  });

  contract.states("I18 search: a query without a letter or digit is refused", async ({ store }) => {
    await say(store, "hello");
    for (const text of ["", " ", "*", '"', '""', "!?", "- -", "\0"]) {
      await assert.rejects(store.reader.search({ text }), { code: "INVALID_INPUT" }, JSON.stringify(text));
    }
  });

  contract.states("I18 search: no query is understood as a command of the database", async ({ store }) => {
    await say(store, "hello");
    for (const text of HOSTILE) {
      const outcome = await store.reader.search({ text }).then(
        ({ items }) => Array.isArray(items),
        (error: unknown) => (error as { code?: string }).code === "INVALID_INPUT",
      );
      assert.ok(outcome, `${JSON.stringify(text.slice(0, 20))} must find something, nothing, or be refused`);
    }
  });

  contract.states("I18 search: words of a query language are words", async ({ store }) => {
    await say(store, "this and that, near or not");
    for (const text of ["AND", "near", "NOT this", "OR"]) {
      assert.equal((await searchAll(store, text)).length, 1, text);
    }
  });
}

function searchAll(store: Store, text: string, limit: number = 50): Promise<SearchHit[]> {
  return everyPage((cursor) => store.reader.search({ text, limit, ...cursor }));
}

/** What is highlighted, cut out of the snippet; marks that touch are one. */
function mergeMarks({ snippet, highlights }: SearchHit): string {
  let marked = "";
  let last: number | null = null;
  for (const { start, end } of highlights) {
    assert.ok(start < end && end <= snippet.length && start >= (last ?? 0), "highlights must be in order and inside");
    marked += (last === null || last === start ? "" : " ") + snippet.slice(start, end);
    last = end;
  }
  return marked;
}
