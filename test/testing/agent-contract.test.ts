import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

/** The rules that an agent was found to break, by the agent's name. */
function brokenRules(): Map<string, string[]> {
  const fixture = fileURLToPath(new URL("./broken-agents.ts", import.meta.url));
  // Without its parent's variable the child reports as one that was started by hand.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = spawnSync(process.execPath, ["--test-reporter=tap", fixture], { env, encoding: "utf8" });
  const rules = new Map<string, string[]>();
  let broken: string[] = [];
  for (const line of stdout.split("\n")) {
    const begun = /^# Subtest: the agent contract on (.+)$/.exec(line)?.[1];
    if (begun !== undefined) rules.set(begun, (broken = []));
    const failed = /^ +not ok \d+ - (\w+)\\?: .+$/.exec(line)?.[1];
    if (failed !== undefined) broken.push(failed);
  }
  return rules;
}

describe("the agent contract", () => {
  const rules = brokenRules();

  for (const [agent, rule] of [
    ["an agent whose work goes on when it is aborted", "abort"],
    ["an agent that ends quietly when it is aborted", "abort"],
    ["an agent that speaks on after its finish", "finish"],
    ["an agent that loses a piece", "streaming"],
    ["an agent that shows a call before the words that led to it", "tools"],
    ["an agent whose runs share what they say", "streaming"],
    ["an agent that counts only its last report", "usageSum"],
    ["an agent that throws what nobody can judge", "faults"],
    ["an agent that takes one kind of fault for another", "faults"],
    ["an agent that forgets when it may ask again", "faults"],
    ["an agent that chooses for the person", "ask"],
    ["an agent that asks twice", "ask"],
    ["an agent whose time runs out while a person thinks", "ask"],
    ["an agent that cannot be closed twice", "close"],
    ["an agent that has something left to do when it is closed", "close"],
    ["an agent that waits for ever", "idleTimeout"],
    ["an agent that waits for ever", "totalTimeout"],
    ["an agent that does not say why it leaves something out", "tools"],
  ] as const) {
    it(`is broken by ${agent}`, () => {
      assert.ok(rules.get(agent)?.includes(rule), `a rule of ${rule} must fail; found ${rules.get(agent)?.join()}`);
    });
  }
});
