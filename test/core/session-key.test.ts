import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DEFAULT_SCOPE, sessionKey, type Scope } from "../../src/core/session-key.ts";
import type { Source } from "../../src/core/source.ts";
import { anySource, anyText } from "./arbitraries.ts";

const anyScope: fc.Arbitrary<Scope> = fc.record({
  group: fc.constantFrom("person", "shared"),
  thread: fc.constantFrom("person", "shared"),
});

const ADDRESS = ["platform", "account", "chatType", "chat", "thread"] as const;

function isPersonal({ chatType }: Source, scope: Scope): boolean {
  if (chatType === "dm") return true;
  return (chatType === "thread" ? scope.thread : scope.group) === "person";
}

/** Two sources that differ in few parts, or in none. */
const twoSources = fc
  .tuple(anySource, anySource, fc.uniqueArray(fc.constantFrom(...ADDRESS, "user", "chatName", "userName")))
  .map(
    ([source, other, parts]) =>
      [source, { ...source, ...Object.fromEntries(parts.map((part) => [part, other[part]])) }] as const,
  );

test("two sources have one key exactly when they have one address, whatever characters it is made of (I5)", () => {
  fc.assert(
    fc.property(twoSources, anyScope, ([a, b], scope) => {
      const sameUser = a.user === b.user || !isPersonal(a, scope);
      const sameAddress = ADDRESS.every((part) => a[part] === b[part]) && sameUser;
      assert.equal(sessionKey(a, scope) === sessionKey(b, scope), sameAddress);
    }),
    { numRuns: 2_000 },
  );
});

test("characters moved from one part of a source to its neighbour make another key (I5)", () => {
  fc.assert(
    fc.property(anySource, anyText, fc.nat(), anyScope, (source, text, cut, scope) => {
      const at = cut % (text.length + 1);
      const split = { ...source, account: text.slice(0, at), chat: text.slice(at) };
      const whole = { ...source, account: text, chat: "" };
      assert.equal(sessionKey(split, scope) === sessionKey(whole, scope), at === text.length);
    }),
  );
});

test("half a surrogate pair and the text of its escape are different users (I5)", () => {
  fc.assert(
    fc.property(anySource, fc.integer({ min: 0xd800, max: 0xdfff }), (source, unit) => {
      const half = sessionKey({ ...source, chatType: "dm", user: String.fromCharCode(unit) });
      const escaped = sessionKey({ ...source, chatType: "dm", user: `\\u${unit.toString(16)}` });
      assert.notEqual(half, escaped);
      assert.ok(half.isWellFormed(), "a key that a database would change");
    }),
  );
});

test("a group is per person and a thread is shared unless it is said otherwise", () => {
  fc.assert(fc.property(anySource, (source) => assert.equal(sessionKey(source), sessionKey(source, DEFAULT_SCOPE))));
  assert.deepEqual(DEFAULT_SCOPE, { group: "person", thread: "shared" });
});

/** What JSON escapes. The other control characters are refused in ids before a key is made of them. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const C0 = /[\u0000-\u001f]/;

test("a key is one line of text", () => {
  fc.assert(fc.property(anySource, anyScope, (source, scope) => assert.doesNotMatch(sessionKey(source, scope), C0)));
});
