import assert from "node:assert/strict";
import type { AgentPart } from "../../agent/agent.ts";
import { DONE, toEnd, type AgentContract } from "./agent-scene.ts";

export function toolRules({ states }: AgentContract): void {
  states(
    "tools: each call is shown when it starts and when it ends, numbered from 0, behind what was said before it",
    [{ say: "Let me see." }, { call: "web_search" }],
    DONE,
    async ({ begin }) => {
      const said = await toEnd(begin());
      const calls = said.filter((part) => part.type === "tool");
      assert.deepEqual(
        calls.map(({ index, name }) => ({ index, name })),
        [
          { index: 0, name: "web_search" },
          { index: 0, name: "web_search" },
        ],
      );
      assert.equal(calls[0]?.state, "started");
      assert.match(calls[1]?.state ?? "", /^(finished|failed)$/);
      const first = (type: AgentPart["type"]): number => said.findIndex((part) => part.type === type);
      assert.ok(first("text") < first("tool"), "text and calls come in their order");
    },
  );
}

export function usageRules({ states }: AgentContract): void {
  states(
    "usage: what is reported arrives before the finish",
    [{ say: "Hello." }],
    { finish: "done", usage: { inputTokens: 12, outputTokens: 3 } },
    async ({ begin }) => {
      const [before, last] = (await toEnd(begin())).slice(-2);
      assert.ok(before?.type === "usage" && before.model !== "");
      assert.deepEqual([before.inputTokens, before.outputTokens, last?.type], [12, 3, "finish"]);
    },
  );
}

export function usageSumRules({ states }: AgentContract): void {
  states(
    "usageSum: several reports add up to what was used",
    [{ use: { inputTokens: 100, outputTokens: 20 } }, { say: "Hello." }, { use: { inputTokens: 30, outputTokens: 4 } }],
    { finish: "done", usage: { inputTokens: 12, outputTokens: 3 } },
    async ({ begin }) => {
      const reports = (await toEnd(begin())).filter((part) => part.type === "usage");
      const sum = (count: (report: (typeof reports)[number]) => number): number =>
        reports.reduce((total, report) => total + count(report), 0);
      assert.deepEqual([sum((report) => report.inputTokens), sum((report) => report.outputTokens)], [142, 27]);
    },
  );
}

export function finishRules({ states }: AgentContract): void {
  for (const reason of ["done", "length", "filtered"] as const) {
    states(`finish: the reason ${reason}`, [{ say: "Hello." }], { finish: reason, usage: null }, async ({ begin }) => {
      assert.deepEqual((await toEnd(begin())).at(-1), { type: "finish", reason });
    });
  }
}
