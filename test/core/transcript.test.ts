import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { groupByTurn, type Entry, type Role } from "../../src/core/transcript.ts";

function entryOf(seq: number, role: Role, turnId: string | null, follows: number | null = null): Entry {
  return {
    sessionId: "ses_1",
    seq,
    role,
    text: "",
    attachments: [],
    state: role === "user" ? "answered" : "said",
    sender: null,
    turnId,
    reason: null,
    follows,
    sentAt: seq,
    createdAt: seq,
  };
}

type Step = "say" | "overhear" | "notice" | "claim" | "commit" | "die" | "cancel" | "interrupt";

/** The transcripts that a store can hold: steps of a life, each leaving what the store would write. */
const anyTranscript: fc.Arbitrary<Entry[]> = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constant<Step>("say") },
      { weight: 3, arbitrary: fc.constantFrom<Step>("claim", "commit") },
      { weight: 1, arbitrary: fc.constantFrom<Step>("overhear", "notice", "die", "cancel", "interrupt") },
    ),
    { maxLength: 40 },
  )
  .map((steps) => {
    const entries: Entry[] = [];
    const waiting: number[] = [];
    let answering: number[] = [];
    let turns = 0;
    let running: string | null = null;
    const add = (role: Role, turnId: string | null): number => entries.push(entryOf(entries.length + 1, role, turnId));
    for (const step of steps) {
      if (step === "say") waiting.push(add("user", null) - 1);
      if (step === "overhear") add("user", null);
      if (step === "notice") add("notice", null);
      if (step === "claim" && running === null && waiting.length > 0) {
        running = `trn_${(turns += 1)}`;
        answering = waiting.splice(0);
        for (const index of answering) entries[index] = entryOf(index + 1, "user", running);
      }
      if (step === "interrupt" && running !== null && waiting.length > 0) {
        entries.push(entryOf(entries.length + 1, "assistant", running, (answering.at(-1) ?? 0) + 1));
        for (const index of answering) entries[index] = entryOf(index + 1, "user", null);
        waiting.unshift(...answering);
        running = null;
      }
      if (step === "commit" && running !== null) {
        add("assistant", running);
        add("assistant", running);
      }
      if (step === "die" && running !== null) add("notice", running);
      if (step === "commit" || step === "die" || step === "cancel") running = null;
    }
    return entries;
  });

const isOutput = (entry: Entry): boolean => entry.role !== "user" && entry.turnId !== null;
const lastInput = (entries: readonly Entry[], { turnId, follows }: Entry): number =>
  follows ??
  Math.max(...entries.filter((entry) => entry.role === "user" && entry.turnId === turnId).map(({ seq }) => seq));

test("grouping loses nothing, adds nothing and leaves what it was given alone (I13)", () => {
  fc.assert(
    fc.property(anyTranscript, (entries) => {
      const before = [...entries];
      const grouped = groupByTurn(entries);
      assert.deepEqual(entries, before);
      assert.deepEqual(new Set(grouped), new Set(entries));
      assert.equal(grouped.length, entries.length);
    }),
  );
});

test("a turn's answers stand directly behind its last message (I13)", () => {
  fc.assert(
    fc.property(anyTranscript, (entries) => {
      const grouped = groupByTurn(entries);
      for (const [index, entry] of grouped.entries()) {
        if (!isOutput(entry)) continue;
        const previous = grouped[index - 1];
        const behindItsInput = previous?.role === "user" && previous.seq === lastInput(entries, entry);
        const behindItsOutput =
          previous !== undefined && isOutput(previous) && lastInput(entries, previous) === lastInput(entries, entry);
        assert.ok(behindItsInput || behindItsOutput);
      }
    }),
    { numRuns: 500 },
  );
});

test("what people said, what was announced and each turn's answers keep their own order (I13)", () => {
  fc.assert(
    fc.property(anyTranscript, (entries) => {
      const grouped = groupByTurn(entries);
      const groups = [
        grouped.filter((entry) => !isOutput(entry)),
        ...Map.groupBy(grouped.filter(isOutput), ({ turnId }) => turnId).values(),
      ];
      for (const group of groups)
        assert.deepEqual(
          group,
          group.toSorted((a, b) => a.seq - b.seq),
        );
    }),
  );
});

test("a message that arrives while a turn runs stands behind that turn's answer (I13)", () => {
  const entries = [
    entryOf(1, "user", "trn_1"),
    entryOf(2, "user", "trn_2"),
    entryOf(3, "assistant", "trn_1"),
    entryOf(4, "user", null),
    entryOf(5, "assistant", "trn_2"),
  ];
  assert.deepEqual(
    groupByTurn(entries).map(({ seq }) => seq),
    [1, 3, 2, 5, 4],
  );
});

test("what an interrupted turn had said stands between its messages and the one that interrupted it (I13)", () => {
  const entries = [
    entryOf(1, "user", "trn_3"),
    entryOf(2, "user", "trn_3"),
    entryOf(3, "assistant", "trn_1", 1),
    entryOf(4, "user", "trn_3"),
    entryOf(5, "assistant", "trn_2", 2),
    entryOf(6, "assistant", "trn_3"),
  ];
  assert.deepEqual(
    groupByTurn(entries).map(({ seq }) => seq),
    [1, 3, 2, 5, 4, 6],
  );
});

test("the order does not depend on the order in which entries were read, and grouping twice changes nothing (I13)", () => {
  const shuffled = anyTranscript.chain((entries) =>
    fc.tuple(fc.constant(entries), fc.shuffledSubarray(entries, { minLength: entries.length })),
  );
  fc.assert(
    fc.property(shuffled, ([entries, others]) => {
      const grouped = groupByTurn(entries);
      assert.deepEqual(groupByTurn(others), grouped);
      assert.deepEqual(groupByTurn(grouped), grouped);
    }),
    { numRuns: 500 },
  );
});

test("answers whose messages stand on another page keep their place (I13)", () => {
  const entries = [entryOf(3, "assistant", "trn_1"), entryOf(4, "user", "trn_2"), entryOf(5, "assistant", "trn_2")];
  assert.deepEqual(groupByTurn(entries), entries);
});
