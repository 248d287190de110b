import assert from "node:assert/strict";
import type { Lease } from "../../core/turn.ts";
import type { Contract, SceneBody } from "./contract.ts";
import { CHOICES, HERE, SHOWN, ask } from "./question-steps.ts";
import { claim, LEASE_MS, MINUTE, resultOf, say, sentResultOf, transcriptOf } from "./steps.ts";

/** What a running turn asks: I32. */
export function questions(contract: Contract): void {
  contract.states("I32 question: stands in the transcript and is sent", async ({ store, clock }) => {
    const { session } = await say(store, "hello");
    const { lease } = await claim(store);
    const asked = await ask(store, lease, { pieces: ["May", "I?"], expiresAt: clock.now() + MINUTE });
    assert.deepEqual(asked, {
      id: asked.id,
      sessionId: session.id,
      turnId: lease.turnId,
      seq: 2,
      text: "May I?",
      choices: CHOICES,
      state: "open",
      choice: null,
      answerSeq: null,
      answeredBy: null,
      askedAt: clock.now(),
      expiresAt: clock.now() + MINUTE,
    });
    assert.deepEqual(await store.reader.question(asked.id), asked);
    assert.deepEqual(await store.reader.openQuestion(session.id), asked);
    const [, entry] = await transcriptOf(store, session.id);
    assert.deepEqual([entry?.role, entry?.text, entry?.turnId], ["notice", SHOWN, lease.turnId]);
    const { items } = await store.reader.deliveries({ sessionId: session.id });
    assert.deepEqual(
      items.map(({ text, seq, state }) => [text, seq, state]),
      [
        ["I?", 2, "pending"],
        ["May", 2, "pending"],
      ],
    );
    await store.commitTurn(lease, sentResultOf("done"));
  });

  contract.states("I32 question: one at a time; the next one withdraws it", async ({ store }) => {
    const { session } = await say(store, "hello");
    const { lease } = await claim(store);
    const first = await ask(store, lease);
    const second = await ask(store, lease);
    assert.equal((await store.reader.question(first.id))?.state, "withdrawn");
    assert.deepEqual(await store.answerQuestion({ questionId: first.id }, { by: null, choice: "1" }), {
      outcome: "none",
    });
    assert.deepEqual(await store.reader.openQuestion(session.id), second);
  });

  contract.states("I32 question: asked again under its id, it is not asked twice", async ({ store }) => {
    const { session } = await say(store, "hello");
    const { lease } = await claim(store);
    const asked = await ask(store, lease, { id: "qst_1", pieces: ["May I?"] });
    assert.deepEqual(await ask(store, lease, { id: "qst_1", pieces: ["May I?"] }), asked);
    const answered = await store.answerQuestion(HERE, { by: "ada", choice: "1" });
    assert.ok(answered.outcome === "answered");
    assert.deepEqual(await ask(store, lease, { id: "qst_1", pieces: ["May I?"] }), answered.question);
    assert.equal((await transcriptOf(store, session.id)).length, 3);
    assert.equal((await store.reader.deliveries({ sessionId: session.id })).items.length, 1);
  });

  contract.states("I32 question: a stale holder asks nothing", async ({ store, clock }) => {
    const { session } = await say(store, "hello");
    const { lease: stale } = await claim(store, "node-a");
    clock.advance(LEASE_MS);
    await claim(store, "node-b");
    const pieces = ["May I?"];
    const question = { id: "qst_1", text: "May I?", choices: CHOICES, pieces, expiresAt: clock.now() + MINUTE };
    assert.deepEqual(await store.askQuestion(stale, question), { outcome: "lost" });
    assert.equal((await transcriptOf(store, session.id)).length, 1);
    assert.equal((await store.reader.stats()).deliveries.pending, 0);
  });

  for (const [name, end] of Object.entries(ENDS)) {
    contract.states(`I32 question: is withdrawn by ${name}`, async (scene) => {
      const { store } = scene;
      const { session } = await say(store, "hello");
      const { lease } = await claim(store);
      const asked = await ask(store, lease);
      await end({ ...scene, lease });
      assert.equal((await store.reader.question(asked.id))?.state, "withdrawn");
      assert.equal(await store.reader.openQuestion(session.id), null);
      assert.deepEqual(await store.answerQuestion({ questionId: asked.id }, { by: null, choice: "1" }), {
        outcome: "none",
      });
    });
  }

  contract.states("I17 deletion: of a question nothing is left", async ({ store }) => {
    const { session } = await say(store, "hello");
    const { lease } = await claim(store);
    const asked = await ask(store, lease, { pieces: [SHOWN] });
    await store.erase(session.id);
    assert.equal(await store.reader.question(asked.id), null);
    assert.equal(await store.reader.openQuestion(session.id), null);
    assert.equal(await store.expireQuestion(asked.id), null);
    assert.equal((await store.reader.stats()).deliveries.pending, 0);
  });

  contract.states(
    "I25 pieces: a question stands between what was streamed and the rest of the answer",
    async ({ store }) => {
      const { session } = await say(store, "hello");
      const { lease } = await claim(store);
      await store.openDelivery(lease);
      await store.recordPost(lease, "remote");
      const asked = await ask(store, lease, { pieces: ["May", "I?"] });
      await store.answerQuestion(HERE, { by: "ada", choice: "1" });
      await store.commitTurn(lease, { entries: [{ role: "assistant", text: "so be it", pieces: ["so", "be it"] }] });
      const { items } = await store.reader.deliveries({ sessionId: session.id });
      assert.deepEqual(
        items.toReversed().map(({ text, seq }) => [text, seq]),
        [
          ["so", asked.seq + 2],
          ["May", asked.seq],
          ["I?", asked.seq],
          ["be it", asked.seq + 2],
        ],
      );
    },
  );

  contract.states("I32 question: that cannot be shown is refused, and the turn goes on", async ({ store }) => {
    await say(store, "hello");
    const { lease } = await claim(store);
    const [one] = CHOICES;
    assert.ok(one !== undefined);
    const wrong = [
      { text: " " },
      { text: "x".repeat(10_001) },
      { choices: [one] },
      { choices: Array.from({ length: 11 }, (_, n) => ({ id: String(n), label: "x" })) },
      { choices: [one, one] },
      { choices: [one, { id: "", label: "x" }] },
      { choices: [one, { id: "blank", label: "\n\u200b" }] },
      { choices: [one, { id: "long", label: "x".repeat(501) }] },
      { expiresAt: 0.5 },
    ];
    for (const part of wrong) {
      const asked = { id: "qst_1", text: "May I?", choices: CHOICES, pieces: [], expiresAt: Number.MAX_SAFE_INTEGER };
      await assert.rejects(store.askQuestion(lease, { ...asked, ...part }), { code: "INVALID_INPUT" });
    }
    assert.equal((await store.commitTurn(lease, resultOf("hi"))).outcome, "committed");
  });
}

/** Whatever ends an attempt. */
const ENDS: Readonly<
  Record<string, (scene: Parameters<SceneBody>[0] & { readonly lease: Lease }) => Promise<unknown>>
> = {
  "the result": ({ store, lease }) => store.commitTurn(lease, resultOf("hi")),
  "a failed attempt": ({ store, lease, clock }) =>
    store.failTurn(lease, { reason: "x", retryAt: clock.now() + MINUTE, notice: "", pieces: [] }),
  "the death of its turn": ({ store, lease }) =>
    store.failTurn(lease, { reason: "x", retryAt: null, notice: "sorry", pieces: [] }),
  "a cancellation": ({ store }) => store.cancelTurn(HERE),
  "a reset": ({ store }) => store.reset(HERE),
  "another attempt": async ({ store, clock }) => {
    clock.advance(LEASE_MS);
    await claim(store, "node-b");
  },
};
