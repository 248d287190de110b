import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

/** The rules that a store was found to break, by the store's name. */
function brokenRules(): Map<string, string[]> {
  const fixture = fileURLToPath(new URL("./broken-stores.ts", import.meta.url));
  // Without its parent's variable the child reports as one that was started by hand.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = spawnSync(process.execPath, ["--test-reporter=tap", fixture], { env, encoding: "utf8" });
  const rules = new Map<string, string[]>();
  let store: string[] = [];
  for (const line of stdout.split("\n")) {
    const begun = /^# Subtest: the store contract on (.+)$/.exec(line)?.[1];
    if (begun !== undefined) rules.set(begun, (store = []));
    const failed = /^ +not ok \d+ - (I\d+ .+)$/.exec(line)?.[1];
    if (failed !== undefined) store.push(failed);
  }
  return rules;
}

describe("the store contract", () => {
  const rules = brokenRules();

  for (const [store, invariants] of [
    ["a store without receipts", ["I11", "I12", "I26"]],
    ["a store that writes a row whenever it is asked for one", ["I2", "I8", "I27"]],
    ["a store whose leases never end", ["I22", "I24"]],
  ] as const) {
    it(`is broken by ${store}`, () => {
      const found = rules.get(store) ?? [];
      for (const invariant of invariants) {
        assert.ok(
          found.some((rule) => rule.startsWith(`${invariant} `)),
          `a rule of ${invariant} must fail`,
        );
      }
    });
  }
});
