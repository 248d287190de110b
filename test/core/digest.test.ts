import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { digest } from "../../src/core/digest.ts";
import { anyText } from "./arbitraries.ts";

const anyParts = fc.array(fc.option(anyText), { maxLength: 4 });
const anySecret = fc.uint8Array({ minLength: 16, maxLength: 32 });
const hex = (secret: Uint8Array, parts: readonly (string | null)[]): string =>
  Buffer.from(digest(secret, ...parts)).toString("hex");

test("a digest has 128 bits, and equal ones are of equal parts", () => {
  fc.assert(
    fc.property(anySecret, anyParts, anyParts, (secret, a, b) => {
      assert.equal(digest(secret, ...a).length, 16);
      assert.equal(hex(secret, a) === hex(secret, b), JSON.stringify(a) === JSON.stringify(b));
    }),
    { numRuns: 500 },
  );
});

test("characters moved from one part to the next make another digest", () => {
  fc.assert(
    fc.property(anySecret, anyText, fc.nat(), fc.nat(), (secret, text, one, other) => {
      const [a, b] = [one % (text.length + 1), other % (text.length + 1)];
      assert.equal(
        hex(secret, [text.slice(0, a), text.slice(a)]) === hex(secret, [text.slice(0, b), text.slice(b)]),
        a === b,
      );
      assert.notEqual(hex(secret, [text, null]), hex(secret, [text, ""]));
      assert.notEqual(hex(secret, [text]), hex(secret, [text, null]));
    }),
  );
});

test("another secret is another digest", () => {
  fc.assert(
    fc.property(anySecret, anySecret, anyParts, (a, b, parts) => {
      assert.equal(hex(a, parts) === hex(b, parts), Buffer.from(a).equals(b));
    }),
  );
});
