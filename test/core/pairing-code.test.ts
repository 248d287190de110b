import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Party } from "../../src/core/party.ts";
import { PAIRING_WINDOW_MS, isCodeOf, pairingCode, readPairingCode } from "../../src/core/pairing-code.ts";

const SECRET = Buffer.alloc(32, 1);
const NOW = Date.UTC(2026, 10, 22, 12, 30);
const ADA: Party = { platform: "telegram", account: "1", kind: "person", id: "4242" };

function isGood(code: string, party: Party, now: number, secret: Uint8Array = SECRET): boolean {
  const typed = readPairingCode(code);
  return typed !== null && typed.id === party.id && isCodeOf(secret, party, typed, now);
}

const id = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }).filter((text) => text.isWellFormed());
const party = fc.record<Party>({
  platform: fc.constantFrom("telegram", "slack"),
  account: fc.string({ minLength: 1 }),
  kind: fc.constantFrom("person", "chat"),
  id,
});

test("a code is the id, a dash and eight characters that no one mistakes for others", () => {
  assert.match(pairingCode(SECRET, ADA, NOW), /^4242-[0-9A-HJKMNP-TV-Z]{8}$/);
  assert.equal(pairingCode(SECRET, ADA, NOW), pairingCode(SECRET, ADA, NOW + 1), "nothing about it is random");
});

test("a code is good for an hour wherever in the hour it was given, and never for more than two", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: PAIRING_WINDOW_MS - 1 }), fc.nat(4 * PAIRING_WINDOW_MS), (into, later) => {
      const given = NOW + into;
      const good = isGood(pairingCode(SECRET, ADA, given), ADA, given + later);
      if (later <= PAIRING_WINDOW_MS) assert.ok(good);
      if (later >= 2 * PAIRING_WINDOW_MS) assert.ok(!good);
    }),
  );
  assert.ok(!isGood(pairingCode(SECRET, ADA, NOW + PAIRING_WINDOW_MS), ADA, NOW), "nor before it was given");
});

test("whatever an id holds, its code is one plain word and leads back to it", () => {
  fc.assert(
    fc.property(party, (anyone) => {
      const code = pairingCode(SECRET, anyone, NOW);
      assert.match(code, /^[A-Za-z0-9._%][A-Za-z0-9._%-]*$/);
      assert.ok(isGood(code, anyone, NOW));
      assert.ok(
        isGood(
          code.replace(/.{8}$/, (check) => check.toLowerCase()),
          anyone,
          NOW,
        ),
      );
    }),
  );
});

test("a code is of no use to anybody else, nor in another installation", () => {
  fc.assert(
    fc.property(party, party, (one, other) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other));
      const check = pairingCode(SECRET, one, NOW).slice(-8);
      assert.ok(!isCodeOf(SECRET, other, { check }, NOW));
      assert.ok(!isCodeOf(Buffer.alloc(32, 2), one, { check }, NOW));
    }),
  );
});

test("letters that look like digits are read as those digits", () => {
  const codes = Array.from({ length: 200 }, (_, n) => pairingCode(SECRET, { ...ADA, id: String(n) }, NOW));
  const code = codes.find((one) => /-(?=.*0)(?=.*1)/.test(one)) ?? assert.fail("some code holds 0 and 1");
  const at = code.length - 8;
  for (const one of ["I", "l"]) {
    const typed = code.slice(0, at) + code.slice(at).replaceAll("0", "o").replaceAll("1", one);
    assert.deepEqual(readPairingCode(typed), readPairingCode(code));
  }
});

test("what cannot be a code is none", () => {
  for (const text of [
    "",
    "-",
    "4242",
    "4242-",
    "-K7QX9M2P",
    "4242-K7QX9M2",
    "4242-K7QX9M2PP",
    "42 42-K7QX9M2P",
    "%-K7QX9M2P",
  ])
    assert.equal(readPairingCode(text), null, text);
  for (const text of ["%ff-K7QX9M2P", "東京-K7QX9M2P", "4242-K7QX9M2U", `${"a".repeat(257)}-K7QX9M2P`])
    assert.equal(readPairingCode(text), null, text);
  assert.deepEqual(readPairingCode("a-b-K7QX9M2P"), { id: "a-b", check: "K7QX9M2P" });
});
