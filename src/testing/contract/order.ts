import assert from "node:assert/strict";
import { groupByTurn } from "../../core/transcript.ts";
import { messageOf, sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { answer, claim, resultOf, say, stored, transcriptOf } from "./steps.ts";

/** What comes after what: I13. */
export function order(contract: Contract): void {
  contract.states("I13 order: sequence numbers are given in the order of commits, without gaps", async ({ store }) => {
    const { session } = await say(store, "one");
    await say(store, "elsewhere", { source: sourceOf({ user: "bob" }) });
    await say(store, "two");
    await answer(store, "to one and two");
    await say(store, "three");
    const entries = await transcriptOf(store, session.id);
    assert.deepEqual(
      entries.map(({ seq, text }) => [seq, text]),
      [
        [1, "one"],
        [2, "two"],
        [3, "to one and two"],
        [4, "three"],
      ],
    );
    assert.equal((await stored(store, session.id)).lastSeq, 4);
  });

  contract.states("I13 order: duplicates, conflicts and refusals use up no number", async ({ store }) => {
    await say(store, "one", { eventId: "e1" });
    await store.accept(messageOf("one", { eventId: "e1" }));
    await store.accept(messageOf("another one", { eventId: "e1" }));
    await assert.rejects(store.accept(messageOf("")));
    assert.equal((await say(store, "two")).seq, 2);
  });

  contract.states("I13 order: each life counts from one", async ({ store }) => {
    await say(store, "one");
    await say(store, "two");
    await store.reset({ source: sourceOf() });
    assert.equal((await say(store, "anew")).seq, 1);
  });

  contract.states("I13 order: what is said while a turn runs is grouped behind its answer", async ({ store }) => {
    const { session } = await say(store, "question");
    const turn = await claim(store);
    await say(store, "meanwhile");
    await store.commitTurn(turn.lease, resultOf("answer"));
    const entries = await transcriptOf(store, session.id);
    assert.deepEqual(
      entries.map(({ text }) => text),
      ["question", "meanwhile", "answer"],
    );
    assert.deepEqual(
      groupByTurn(entries).map(({ text }) => text),
      ["question", "answer", "meanwhile"],
    );
  });

  contract.states("I13 order: text comes back as it was said, but for what no store can hold", async ({ store }) => {
    const { session } = await say(store, "a\0b\ud800c 😀 'quoted' \"twice\"\r\n\ttail ");
    const [entry] = await transcriptOf(store, session.id);
    assert.equal(entry?.text, "a\ufffdb\ufffdc 😀 'quoted' \"twice\"\r\n\ttail ");
  });

  if (!contract.oneNode) return;

  contract.states("I13 order: messages that arrive together keep the order of their arrival", async ({ store }) => {
    const texts = Array.from({ length: 50 }, (_, n) => `message ${n}`);
    const outcomes = await Promise.all(texts.map((text) => say(store, text)));
    assert.deepEqual(
      outcomes.map(({ seq }) => seq),
      texts.map((_, n) => n + 1),
    );
    const entries = await transcriptOf(store, outcomes[0]?.session.id ?? "");
    assert.deepEqual(
      entries.map(({ text }) => text),
      texts,
    );
  });
}
