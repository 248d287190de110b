import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { base32, randomId } from "../../src/lib/id.ts";

/** What the bits say, read as one number: the slow way. */
function decode(text: string, length: number): Uint8Array {
  let value = 0n;
  for (const letter of text) value = value * 32n + BigInt("0123456789abcdefghjkmnpqrstvwxyz".indexOf(letter));
  value >>= BigInt(text.length * 5 - length * 8);
  const bytes = new Uint8Array(length);
  for (let at = length - 1; at >= 0; at -= 1) {
    bytes[at] = Number(value & 255n);
    value >>= 8n;
  }
  return bytes;
}

test("base 32 keeps every bit and has one length for each number of bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const text = base32(bytes);
      assert.equal(text.length, Math.ceil((bytes.length * 8) / 5));
      assert.match(text, /^[0-9a-hjkmnp-tv-z]*$/);
      assert.deepEqual(decode(text, bytes.length), bytes);
    }),
    { numRuns: 500 },
  );
});

test("base 32 is Crockford's", () => {
  assert.equal(base32(new Uint8Array()), "");
  assert.equal(base32(Uint8Array.of(0)), "00");
  assert.equal(base32(Uint8Array.of(255)), "zw");
  assert.equal(base32(new TextEncoder().encode("foobar")), "csqpyrk1e8");
});

test("equally long ids sort as their bytes do", () => {
  const pair = fc.integer({ min: 0, max: 20 }).chain((length) => {
    const bytes = fc.uint8Array({ minLength: length, maxLength: length });
    return fc.tuple(bytes, bytes);
  });
  fc.assert(
    fc.property(pair, ([a, b]) => {
      const [left, right] = [base32(a), base32(b)];
      assert.equal(left < right ? -1 : Number(left > right), Buffer.compare(a, b));
    }),
  );
});

test("random ids have their prefix, one form, and differ", () => {
  const ids = Array.from({ length: 1_000 }, () => randomId("trn"));
  for (const id of ids) assert.match(id, /^trn_[0-9a-hjkmnp-tv-z]{26}$/);
  assert.equal(new Set(ids).size, ids.length);
});
