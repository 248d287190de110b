import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { AgentEntry } from "../../src/agent/agent.ts";
import { cutTranscript, type CutLimits } from "../../src/agent/transcript-cut.ts";
import { agentEntry } from "./agent-turn.ts";

const LIMITS: CutLimits = { tokens: 3, mostTokens: 100, entries: 100, beforeSeq: 100 };
const ONE = (): number => 1;

function entries(...seqs: readonly number[]): readonly AgentEntry[] {
  return seqs.map((seq) => agentEntry(seq % 2 === 1 ? { seq } : { seq, role: "assistant", sender: null }));
}

function cutAt(transcript: readonly AgentEntry[], limits: Partial<CutLimits> = {}): number | undefined {
  return cutTranscript(transcript, ONE, { ...LIMITS, ...limits })?.throughSeq;
}

test("as much of the newer part stays as may, and no answer without its question", () => {
  assert.equal(cutAt(entries(1, 2, 3, 4, 5, 6)), 4);
  assert.equal(cutAt(entries(1, 2, 3, 4, 5, 6), { tokens: 4 }), 2);
  assert.equal(cutAt(entries(1, 2, 3, 4, 5, 6), { tokens: 100, entries: 2 }), 4);
  assert.equal(cutAt(entries(1, 2, 3, 4, 5, 6), { tokens: 0 }), 6);
});

test("nothing that is to be answered goes, as long as the rest is short enough", () => {
  assert.equal(cutAt(entries(1, 2, 3, 6), { tokens: 0, beforeSeq: 5 }), 3);
  assert.equal(cutAt(entries(1, 2, 3, 6), { tokens: 0, mostTokens: 0, beforeSeq: 5 }), 6);
  assert.equal(cutAt(entries(11, 12, 13), { beforeSeq: 5 }), 12);
});

test("a transcript that leaves too much whatever goes is not parted", () => {
  assert.equal(cutAt(entries(1, 2), { mostTokens: -1 }), undefined);
  assert.equal(cutAt([]), undefined);
});

test("every entry is in one of the two parts, in its order, and a later prompt shows the newer one", () => {
  const shuffled = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1 });
  fc.assert(
    fc.property(shuffled, fc.nat(20), fc.nat(70), (seqs, tokens, beforeSeq) => {
      const transcript = entries(...seqs);
      const cut = cutTranscript(transcript, ONE, { ...LIMITS, tokens, beforeSeq });
      assert.ok(cut !== null && cut.older.length > 0);
      const { older, newer, throughSeq } = cut;
      assert.deepEqual(
        newer,
        transcript.filter(({ seq }) => (seq ?? 0) > throughSeq),
      );
      assert.deepEqual(
        older,
        transcript.filter(({ seq }) => (seq ?? 0) <= throughSeq),
      );
    }),
  );
});
