import assert from "node:assert/strict";
import { faultOf, SECRET, type AgentContract } from "./agent-scene.ts";

const RETRY_AFTER_MS = 7_000;

export function faultRules({ states }: AgentContract): void {
  for (const [fault, retryable, retryAfterMs] of [
    ["unavailable", true, null],
    ["unavailable", true, RETRY_AFTER_MS],
    ["quota", true, RETRY_AFTER_MS],
    ["quota", true, null],
    ["context", false, null],
    ["refused", false, null],
  ] as const) {
    const when = retryAfterMs === null ? "" : " that says when to ask again";
    states(
      `faults: ${fault}${when} is an AgentError of this kind that quotes nobody`,
      [],
      { fault, retryAfterMs },
      async ({ begin }) => {
        const error = await faultOf(begin({ words: SECRET }));
        assert.deepEqual([error.fault, error.retryable, error.retryAfterMs], [fault, retryable, retryAfterMs]);
      },
    );
  }

  states(
    "faults: a far side that is gone in the middle is worth another attempt",
    [{ say: "one " }],
    "break",
    async ({ begin }) => {
      const error = await faultOf(begin({ words: SECRET }));
      assert.deepEqual([error.fault, error.retryable], ["unavailable", true]);
    },
  );
}
