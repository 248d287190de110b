/** The steps that the rules of questions are told in. */
import assert from "node:assert/strict";
import type { Choice, Question } from "../../core/question.ts";
import type { Source } from "../../core/source.ts";
import type { Lease } from "../../core/turn.ts";
import { randomId } from "../../lib/id.ts";
import type { Store } from "../../store/store.ts";
import { sourceOf } from "../sources.ts";

export const CHOICES: readonly Choice[] = [
  { id: "yes", label: "Allow" },
  { id: "no", label: "Do not allow" },
];
export const SHOWN = "May I?\n\n1. Allow\n2. Do not allow\n\nAnswer with a number.";
export const HERE: { readonly source: Source } = { source: sourceOf() };

/** Asks whether it may, in a turn that runs. */
export async function ask(
  store: Store,
  lease: Lease,
  asked: { readonly id?: string; readonly pieces?: readonly string[]; readonly expiresAt?: number } = {},
): Promise<Question> {
  const outcome = await store.askQuestion(lease, {
    id: randomId("qst"),
    text: "May I?",
    choices: CHOICES,
    pieces: [],
    expiresAt: Number.MAX_SAFE_INTEGER,
    ...asked,
  });
  assert.ok(outcome.outcome === "asked", `the holder of a turn must be able to ask; was ${outcome.outcome}`);
  return outcome.question;
}
