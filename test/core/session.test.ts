import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { deserialize, serialize } from "node:v8";
import fc from "fast-check";
import { draftSession, storedSession, type Session, type SessionFields } from "../../src/core/session.ts";
import { sessionKey } from "../../src/core/session-key.ts";
import { anySource, anyText } from "./arbitraries.ts";

const anyTime = fc.option(fc.integer({ min: 0 }));

const anyReset = fc.option(
  fc.record({
    reason: fc.constantFrom("idle" as const, "daily" as const, "command" as const),
    hadActivity: fc.boolean(),
  }),
);

const anyFields: fc.Arbitrary<SessionFields> = fc.record(
  {
    id: anyText,
    key: anySource.map((source) => sessionKey(source)),
    epoch: fc.integer({ min: 1 }),
    source: anySource,
    title: fc.option(anyText),
    startedAt: anyTime,
    lastUserMessageAt: anyTime,
    activeAt: anyTime,
    lastSeq: fc.nat(),
    reset: anyReset,
    endedAt: anyTime,
    endReason: fc.option(fc.constantFrom("idle" as const, "daily" as const, "command" as const)),
    pinnedAt: anyTime,
    memoryFlushed: fc.boolean(),
    usage: fc.record({ inputTokens: fc.nat(), outputTokens: fc.nat() }),
  },
  { noNullPrototype: true },
);

const anySession: fc.Arbitrary<Session> = fc.oneof(anyFields.map(storedSession), anyFields.map(draftSession));

/** Ways in which a session leaves the process, or is copied inside it. */
const COPIES: Readonly<Record<string, (session: Session) => object>> = {
  JSON: (session) => JSON.parse(JSON.stringify(session)) as object,
  structuredClone: (session) => structuredClone(session),
  "v8.serialize": (session) => deserialize(serialize(session)) as object,
  spread: (session) => ({ ...session }),
  "Object.assign": (session) => Object.assign({}, session),
  "Object.entries": (session) => Object.fromEntries(Object.entries(session)),
  "a for-in loop": (session) => {
    const copy: Record<string, unknown> = {};
    for (const name in session) copy[name] = session[name as keyof Session];
    return copy;
  },
};

for (const [name, copy] of Object.entries(COPIES)) {
  test(`${name} leaves \`persisted\` behind, and what comes back does not claim to be stored`, () => {
    fc.assert(
      fc.property(anySession, (session) => {
        const back = copy(session);
        assert.ok(!("persisted" in back));
        assert.ok(!(back as Session).persisted);
      }),
    );
  });
}

test("a session shows whether it is stored, and nobody can change or print it", () => {
  fc.assert(
    fc.property(anyFields, (fields) => {
      assert.equal(storedSession(fields).persisted, true);
      const draft = draftSession(fields);
      assert.equal(draft.persisted, false);
      assert.throws(() => Object.assign(draft, { persisted: true }), TypeError);
      assert.equal(draft.persisted, false);
      assert.deepEqual(Object.keys(draft).toSorted(), Object.keys(fields).toSorted());
    }),
  );
  assert.doesNotMatch(inspect(fc.sample(anySession, 1)[0]), /persisted/);
});

test("what was read back cannot bring its own `persisted`", () => {
  fc.assert(
    fc.property(anyFields, (fields) => {
      const forged = { ...fields, persisted: true };
      assert.throws(() => draftSession(forged), TypeError);
      assert.throws(() => storedSession({ ...fields, persisted: false } as SessionFields), TypeError);
    }),
  );
});

test("a draft has its identity, title and reset, and nothing of a stored life", () => {
  fc.assert(
    fc.property(anyFields, (fields) => {
      const { id, key, epoch, source, title, reset } = fields;
      assert.deepEqual(
        { ...draftSession(fields) },
        {
          id,
          key,
          epoch,
          source,
          title,
          reset,
          startedAt: null,
          lastUserMessageAt: null,
          activeAt: null,
          lastSeq: 0,
          endedAt: null,
          endReason: null,
          pinnedAt: null,
          memoryFlushed: false,
          usage: { inputTokens: 0, outputTokens: 0 },
        },
      );
    }),
  );
});

test("a stored session has exactly the fields it was given", () => {
  fc.assert(fc.property(anyFields, (fields) => assert.deepEqual({ ...storedSession(fields) }, { ...fields })));
});
