import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SESSION_ID_PATTERN, sessionId } from "../../src/core/session-id.ts";
import { sessionKey } from "../../src/core/session-key.ts";
import { anySource } from "./arbitraries.ts";

const anyIdentity = fc.record({
  secret: fc.uint8Array({ minLength: 16, maxLength: 32 }),
  key: anySource.map((source) => sessionKey(source)),
  epoch: fc.integer({ min: 1 }),
});

test("a session id has one form and length, and is the same each time it is computed (I1)", () => {
  fc.assert(
    fc.property(anyIdentity, ({ secret, key, epoch }) => {
      const id = sessionId(secret, key, epoch);
      assert.match(id, SESSION_ID_PATTERN);
      assert.equal(id.length, 30);
      assert.equal(sessionId(Uint8Array.from(secret), key, epoch), id);
    }),
  );
});

test("a session id is never computed differently by a later version (I1)", () => {
  const key = sessionKey({
    platform: "slack",
    account: "T1",
    chatType: "dm",
    chat: "D1",
    thread: null,
    user: "U1",
    chatName: null,
    userName: null,
  });
  assert.equal(key, '["slack","T1","dm","D1",null,"U1"]');
  assert.equal(sessionId(new Uint8Array(32), key, 1), "ses_qkz0aq7v4vyysb5mb5pa8h2b8r");
});

test("another key, epoch or secret is another session id (I1)", () => {
  fc.assert(
    fc.property(anyIdentity, anyIdentity, fc.subarray(["secret", "key", "epoch"] as const), (a, other, parts) => {
      const b = { ...a, ...Object.fromEntries(parts.map((part) => [part, other[part]])) };
      const same = Buffer.from(a.secret).equals(b.secret) && a.key === b.key && a.epoch === b.epoch;
      assert.equal(sessionId(a.secret, a.key, a.epoch) === sessionId(b.secret, b.key, b.epoch), same);
    }),
  );
});

test("digits cannot move between the epoch and the key (I1)", () => {
  fc.assert(
    fc.property(anyIdentity, fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 999 }), (identity, a, b) => {
      const { secret, key } = identity;
      const shifted = `${b}${key}` as typeof key;
      assert.notEqual(sessionId(secret, shifted, a), sessionId(secret, key, Number(`${a}${b}`)));
    }),
  );
});

test("a session id shows nothing of the key: no part of six characters of it (I1)", () => {
  fc.assert(
    fc.property(anyIdentity, fc.stringMatching(/^[0-9a-hjkmnp-tv-z]{6,20}$/), ({ secret, epoch }, user) => {
      const key = JSON.stringify([user]) as ReturnType<typeof sessionKey>;
      const id = sessionId(secret, key, epoch);
      for (let at = 0; at + 6 <= user.length; at += 1) assert.ok(!id.includes(user.slice(at, at + 6)));
    }),
  );
});
