import assert from "node:assert/strict";
import { test } from "node:test";
import { createModelBudget } from "../../src/agent/model-budget.ts";
import type { ModelPrompt } from "../../src/agent/model-prompt.ts";
import { estimateParts, estimateText } from "../../src/agent/token-estimate.ts";

function promptOf(content: string): ModelPrompt {
  return { instructions: null, messages: [{ role: "user", content }] };
}

test("four characters are a token, and one where a character is a word", () => {
  assert.equal(estimateText("four words of text."), 5);
  assert.equal(estimateText("茶が好き"), 4);
  assert.equal(estimateText("차 tea"), 2);
  assert.equal(estimateText(""), 0);
});

test("a file costs the same whatever is in it", () => {
  const data = new Uint8Array(1_000_000);
  const image = { type: "file", data, mediaType: "image/png" } as const;
  assert.equal(estimateParts([image]), estimateParts([{ ...image, data: new Uint8Array(1) }]));
  assert.ok(estimateParts([{ ...image, mediaType: "application/pdf" }]) > estimateParts([image]));
});

test("beside a prompt there is room for the answer, and of a short context never more than half", () => {
  const roomOf = (contextTokens: number, maxOutputTokens?: number): number =>
    createModelBudget({ contextTokens, maxOutputTokens }).room;
  assert.equal(roomOf(100_000), 95_904);
  assert.equal(roomOf(4_000), 3_000);
  assert.equal(roomOf(100_000, 1_000), 99_000);
  assert.equal(roomOf(4_000, 50_000), 2_000);
});

test("what an endpoint counts corrects the estimate upwards, within bounds, and not after a short prompt", () => {
  const budget = createModelBudget({ contextTokens: 100_000, maxOutputTokens: undefined });
  const long = promptOf("word ".repeat(4_000));
  const estimated = budget.ofPrompt(long);
  budget.learn(long, "", 2 * estimated);
  assert.ok(Math.abs(budget.ofPrompt(long) - 2 * estimated) <= 1);
  budget.learn(promptOf("hi"), "", 5_000);
  assert.ok(budget.ofPrompt(long) > estimated, "an endpoint adds to every prompt");
  budget.learn(long, "", 100 * estimated);
  assert.equal(budget.ofPrompt(long), 4 * estimated);
  budget.learn(long, "", 1);
  assert.equal(budget.ofPrompt(long), estimated);
});

test("a prompt with a file in it corrects nothing: what a file takes says nothing about words", () => {
  const budget = createModelBudget({ contextTokens: 100_000, maxOutputTokens: undefined });
  const long = promptOf("word ".repeat(4_000));
  const estimated = budget.ofPrompt(long);
  const file = { type: "file", data: new Uint8Array(1), mediaType: "application/pdf" } as const;
  budget.learn({ instructions: null, messages: [{ role: "user", content: [file] }] }, "", 50_000);
  assert.equal(budget.ofPrompt(long), estimated);
});

test("what describes the tools is part of what was counted", () => {
  const budget = createModelBudget({ contextTokens: 100_000, maxOutputTokens: undefined });
  const prompt = promptOf("word ".repeat(4_000));
  const estimated = budget.ofPrompt(prompt);
  budget.learn(prompt, "tool ".repeat(4_000), 2 * estimated);
  assert.ok(budget.ofPrompt(prompt) <= estimated + 5);
});
