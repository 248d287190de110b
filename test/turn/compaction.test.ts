/** A model agent in the turn runner: a conversation that outgrows its model. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createModelAgent } from "../../src/agent/model.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import { openFakeOpenAI } from "../../src/testing/fake-openai.ts";
import { messageOf, sourceOf } from "../../src/testing/sources.ts";
import { createLive } from "../../src/turn/live.ts";
import { createTurnRunner } from "../../src/turn/turn-runner.ts";
import { createRecordingTelemetry } from "./recording-telemetry.ts";
import { OPTIONS } from "./turn-setup.ts";

const ROUNDS = 30;
const FILLER = "word ".repeat(160);

interface Body {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

test("a conversation that outgrows its model stays one session, whole, with a summary in the prompt", async () => {
  await using server = await openFakeOpenAI();
  await using store = await openSqliteStore({ path: ":memory:" });
  const telemetry = createRecordingTelemetry();
  const agent = createModelAgent({
    endpoint: { api: "openai-compatible", baseUrl: server.baseUrl },
    model: "small",
    contextTokens: 4_000,
  });
  const runner = createTurnRunner({
    store,
    agentFor: () => agent,
    telemetry,
    live: createLive({ onFault: (error) => telemetry.faulted({ where: "live", error }) }),
    clock: systemClock,
    node: "node-1",
    options: { ...OPTIONS, maxAgeMs: 0 },
    pieces: () => [],
  });
  await using _ = { [Symbol.asyncDispose]: async () => void (await runner.stop({ drainMs: 0 })) };
  runner.start();

  const sessions = new Set<string>();
  for (let round = 1; round <= ROUNDS; round += 1) {
    const accepted = await store.accept(
      messageOf(`question ${round} ${FILLER}`, { source: sourceOf({ user: "ada" }) }),
    );
    assert.ok(accepted.outcome === "accepted");
    sessions.add(accepted.session.id);
    runner.newer(accepted.session.id);
    while (telemetry.of("turnEnded").length < round) await sleep(1);
  }

  assert.deepEqual(new Set(telemetry.of("turnEnded").map(([{ outcome }]) => outcome)), new Set(["done"]));
  const [id = "", ...more] = sessions;
  assert.deepEqual(more, [], "the session stays the same");
  const { items } = await store.reader.transcript(id, { limit: 200 });
  assert.equal(items.length, 2 * ROUNDS, "nothing of what was said is gone");
  const summary = await store.reader.summary(id);
  assert.equal(summary?.text, "Hello.");

  const prompts = server.requests.map(({ body }) => body as Body);
  const answers = prompts.filter(({ messages }) => messages[0]?.role !== "system");
  assert.equal(answers.length, ROUNDS);
  const summaries = prompts.length - answers.length;
  assert.ok(summaries > 0 && summaries < ROUNDS / 2, `not every turn is summarised; found ${summaries}`);
  const words =
    answers
      .at(-1)
      ?.messages.map(({ content }) => content)
      .join("\n") ?? "";
  assert.match(words, /^\(What was said before, in short[^\n]*\n> Hello\.\n\nquestion /);
  for (let round = 1; round <= ROUNDS; round += 1) {
    const isBehind: boolean = 2 * round - 1 > summary.throughSeq;
    assert.equal(words.includes(`question ${round} `), isBehind, `question ${round}`);
  }

  let kept = 0;
  for (const [index, answer] of answers.slice(1).entries()) {
    const before = JSON.stringify(answers[index]?.messages).slice(0, -1);
    if (JSON.stringify(answer.messages).startsWith(before)) kept += 1;
  }
  assert.equal(kept, ROUNDS - 1 - summaries, "but for summaries, each prompt begins with the one before it");
  const checks = await store.reader.verify();
  assert.deepEqual(
    checks.filter(({ defects }) => defects > 0),
    [],
  );
});
