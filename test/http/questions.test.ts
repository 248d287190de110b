import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Question } from "../../src/core/question.ts";
import { claim, MINUTE, resultOf } from "../../src/testing/contract/steps.ts";
import { type Answered, type AppUnderTest, assertProblem, openApp, START_MS } from "./app-setup.ts";

const CHOICES = [
  { id: "2", label: "Delete" },
  { id: "keep", label: "Keep" },
];

interface Asked {
  readonly question: Question;
  readonly path: string;
  readonly commit: () => Promise<unknown>;
}

async function ask(under: AppUnderTest): Promise<Asked> {
  await under.call("POST", "/api/chats/tea/messages", { body: { from: "ada", text: "tidy up" } });
  const { lease } = await claim(under.store);
  const expiresAt = START_MS + MINUTE;
  const asked = await under.store.askQuestion(lease, {
    id: "qst_1",
    text: "Sure?",
    choices: CHOICES,
    pieces: [],
    expiresAt,
  });
  assert.ok(asked.outcome === "asked");
  const commit = (): Promise<unknown> => under.store.commitTurn(lease, resultOf("done"));
  return { question: asked.question, path: `/api/sessions/${lease.sessionId}/question`, commit };
}

interface QuestionBody {
  readonly question: Readonly<Record<string, unknown>> | null;
}

describe("a question of a session (I32)", () => {
  test("is shown while it is open, and not when its time is over", async () => {
    await using under = await openApp();
    const { question, path } = await ask(under);
    const { status, body } = await under.call<QuestionBody>("GET", path);
    assert.equal(status, 200);
    const { id, turnId: turn, seq, text, choices, askedAt, expiresAt } = question;
    assert.deepEqual(body.question, { id, turn, seq, text, choices, state: "open", choice: null, askedAt, expiresAt });
    under.clock.advance(MINUTE);
    assert.equal((await under.call<QuestionBody>("GET", path)).body.question, null);
    const late = await under.call("POST", path, { body: { questionId: id, choice: "keep" } });
    assertProblem(late, 409, "question-closed");
  });

  test("is answered by the id of a choice, which stands for no number", async () => {
    await using under = await openApp();
    const { question, path } = await ask(under);
    const given = { body: { questionId: question.id, choice: "2" } };
    const { status, body } = await under.call<QuestionBody>("POST", path, given);
    assert.deepEqual([status, body.question?.["state"], body.question?.["choice"]], [200, "answered", "2"]);
    assert.equal((await under.store.reader.question(question.id))?.answeredBy, null);
    assert.equal((await under.call<QuestionBody>("GET", path)).body.question, null);
    assert.equal((await under.call("POST", path, given)).status, 200, "an answer that was lost is sent again");
    const other = await under.call("POST", path, { body: { questionId: question.id, choice: "keep" } });
    assertProblem(other, 409, "question-closed");
  });

  test("is closed when its turn has ended", async () => {
    await using under = await openApp();
    const { question, path, commit } = await ask(under);
    await commit();
    assert.equal((await under.call<QuestionBody>("GET", path)).body.question, null);
    const late = await under.call("POST", path, { body: { questionId: question.id, choice: "keep" } });
    assertProblem(late, 409, "question-closed");
  });

  test("refuses what is no choice, no question of the session, or no answer", async () => {
    await using under = await openApp();
    const { path } = await ask(under);
    const post = (body: object, at: string = path): Promise<Answered> => under.call("POST", at, { body });
    const wrong = await post({ questionId: "qst_1", choice: "1" });
    assertProblem(wrong, 400, "invalid-request");
    assert.equal(wrong.body.errors[0]?.path, "body.choice");
    assertProblem(await post({ questionId: "qst_1" }), 400, "invalid-request");
    assertProblem(await post({ questionId: "qst_2", choice: "keep" }), 404, "not-found");
    const elsewhere = `/api/sessions/ses_${"0".repeat(26)}/question`;
    assertProblem(await post({ questionId: "qst_1", choice: "keep" }, elsewhere), 404, "not-found");
    assertProblem(await under.call("GET", elsewhere), 404, "not-found");
  });

  test("of an erased session is gone", async () => {
    await using under = await openApp();
    const { question, path } = await ask(under);
    await under.store.erase(question.sessionId);
    assertProblem(await under.call("GET", path), 410, "gone");
    assertProblem(await under.call("POST", path, { body: { questionId: question.id, choice: "keep" } }), 410, "gone");
  });

  test("is told to who streams the reply, and what was chosen", async () => {
    await using under = await openApp();
    const response = await under.fetch("POST", "/api/chats/tea/messages", {
      body: { from: "ada", text: "tidy up" },
      headers: { accept: "text/event-stream" },
    });
    const { lease } = await claim(under.store);
    const { turnId, sessionId } = lease;
    const question = { id: "qst_1", text: "Sure?", choices: CHOICES, expiresAt: START_MS + MINUTE };
    under.live.publish(sessionId, { type: "start", turnId, attempt: 1, seqs: [1] });
    under.live.publish(sessionId, { type: "question", turnId, question });
    under.live.publish(sessionId, { type: "answer", turnId, questionId: "qst_1", choice: "keep" });
    await under.store.commitTurn(lease, resultOf("kept"));
    under.live.publish(sessionId, { type: "end", turnId, outcome: "done" });
    const text = await response.text();
    assert.ok(text.includes(`event: question\ndata: ${JSON.stringify(question)}\n`), text);
    assert.ok(text.includes('event: answer\ndata: {"questionId":"qst_1","choice":"keep"}\n'), text);
  });
});
