import assert from "node:assert/strict";
import { messageOf, sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { HERE, SHOWN, ask } from "./question-steps.ts";
import { answer, claim, MINUTE, resultOf, say, transcriptOf } from "./steps.ts";

/** Who answers a question, and with what: I32. */
export function questionAnswers(contract: Contract): void {
  contract.states("I32 question: is answered once, and the choice stands in the transcript", async ({ store }) => {
    const { session } = await say(store, "hello");
    const { lease } = await claim(store);
    const asked = await ask(store, lease);
    const answered = { ...asked, state: "answered", choice: "no", answerSeq: 3, answeredBy: "ada" };
    assert.deepEqual(await store.answerQuestion(HERE, { by: "ada", choice: " 2 " }), {
      outcome: "answered",
      question: answered,
    });
    assert.deepEqual(await store.reader.question(asked.id), answered);
    assert.equal(await store.reader.openQuestion(session.id), null);
    assert.deepEqual(await store.answerQuestion(HERE, { by: "ada", choice: "1" }), { outcome: "none" });
    assert.deepEqual(await store.answerQuestion({ questionId: asked.id }, { by: null, choice: "1" }), {
      outcome: "none",
    });
    await store.commitTurn(lease, resultOf("then not"));
    const entries = await transcriptOf(store, session.id);
    assert.deepEqual(
      entries.map(({ role, text }) => [role, text]),
      [
        ["user", "hello"],
        ["notice", SHOWN],
        ["notice", "Chosen: Do not allow"],
        ["assistant", "then not"],
      ],
    );
    assert.deepEqual((await store.reader.question(asked.id))?.state, "answered", "the end of the turn leaves it");
    const reply = await store.reader.reply(session.id, 1);
    assert.deepEqual(
      reply?.entries.map(({ text }) => text),
      ["then not"],
      "what was asked on the way is no part of the reply",
    );
  });

  contract.states("I32 question: a label counts in whatever case", async ({ store }) => {
    await say(store, "hello");
    const { lease } = await claim(store);
    await ask(store, lease);
    assert.deepEqual(await store.answerQuestion(HERE, { by: "ada", choice: "3" }), { outcome: "unfit" });
    assert.deepEqual(await store.answerQuestion(HERE, { by: "ada", choice: "allow it" }), { outcome: "unfit" });
    const { outcome } = await store.answerQuestion(HERE, { by: "ada", choice: "aLLow" });
    assert.equal(outcome, "answered");
  });

  contract.states(
    "I32 question: only those whose messages the turn answers may, and the operator",
    async ({ store }) => {
      const group = { chatType: "thread", chat: "room", thread: "topic" } as const;
      const [ada, bob] = ["ada", "bob"].map((user) => ({ source: sourceOf({ ...group, user }) }));
      assert.ok(ada !== undefined && bob !== undefined);
      const { session } = await say(store, "hello", ada);
      const { lease } = await claim(store);
      assert.equal((await say(store, "me, too", bob)).session.id, session.id);
      const first = await ask(store, lease);
      assert.deepEqual(await store.answerQuestion(bob, { by: "bob", choice: "1" }), { outcome: "unfit" });
      assert.equal((await store.answerQuestion(bob, { by: "ada", choice: "1" })).outcome, "answered");
      const second = await ask(store, lease);
      assert.notEqual(second.id, first.id);
      const byOperator = await store.answerQuestion({ questionId: second.id }, { by: null, choice: "Allow" });
      assert.ok(byOperator.outcome === "answered");
      assert.deepEqual([byOperator.question.choice, byOperator.question.answeredBy], ["yes", null]);
    },
  );

  contract.states("I20 command: an answer that is delivered again acts once", async ({ store }) => {
    const { session } = await say(store, "hello");
    const { lease } = await claim(store);
    await ask(store, lease);
    const command = { ...HERE, eventId: "answer-1" };
    const typed = { by: "ada", choice: "1" };
    assert.equal((await store.answerQuestion(HERE, typed, command)).outcome, "answered");
    assert.deepEqual(await store.answerQuestion(HERE, typed, command), { outcome: "duplicate" });
    const second = await ask(store, lease);
    assert.deepEqual(await store.answerQuestion(HERE, typed, command), { outcome: "duplicate" });
    assert.deepEqual(await store.reader.openQuestion(session.id), second);
    assert.deepEqual((await store.accept(messageOf("1", { eventId: "answer-1" }))).outcome, "conflict");
  });

  contract.states("I12 receipts: a message that came before the question does not answer it", async ({ store }) => {
    const { session } = await say(store, "1", { eventId: "before" });
    const { lease } = await claim(store);
    const asked = await ask(store, lease);
    const command = { ...HERE, eventId: "before" };
    assert.deepEqual(await store.answerQuestion(HERE, { by: "ada", choice: "1" }, command), { outcome: "none" });
    assert.deepEqual(await store.reader.openQuestion(session.id), asked);
  });

  contract.states("I32 question: cannot be answered when its time is over", async ({ store, clock }) => {
    await say(store, "hello");
    const { lease } = await claim(store);
    const asked = await ask(store, lease, { expiresAt: clock.now() + MINUTE });
    clock.advance(MINUTE);
    assert.deepEqual(await store.answerQuestion(HERE, { by: "ada", choice: "1" }), { outcome: "none" });
    assert.deepEqual(await store.expireQuestion(asked.id), { ...asked, state: "expired" });
    assert.deepEqual(await store.expireQuestion(asked.id), { ...asked, state: "expired" });
    assert.equal(await store.expireQuestion("qst_none"), null);
  });

  contract.states("I32 question: answered at the last moment, it stays answered", async ({ store }) => {
    await say(store, "hello");
    const { lease } = await claim(store);
    const asked = await ask(store, lease);
    await store.answerQuestion(HERE, { by: "ada", choice: "1" });
    assert.equal((await store.expireQuestion(asked.id))?.state, "answered");
  });

  contract.states(
    "I32 question: an answer where nothing was asked finds none, and makes nothing",
    async ({ store }) => {
      assert.deepEqual(await store.answerQuestion(HERE, { by: "ada", choice: "1" }), { outcome: "none" });
      await say(store, "hello");
      await answer(store, "hi");
      assert.deepEqual(await store.answerQuestion(HERE, { by: "ada", choice: "1" }), { outcome: "none" });
      assert.deepEqual(await store.answerQuestion({ questionId: "qst_none" }, { by: null, choice: "1" }), {
        outcome: "none",
      });
      const { sessions, entries } = await store.reader.stats();
      assert.deepEqual([sessions, entries], [1, 2]);
    },
  );
}
