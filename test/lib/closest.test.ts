import assert from "node:assert/strict";
import { test } from "node:test";
import { closest } from "../../src/lib/closest.ts";

const WORDS = ["server", "port", "host", "dataDirectory", "PARLOR_TOKEN"];

test("a slip of the fingers is understood", () => {
  for (const [word, meant] of [
    ["prot", "port"],
    ["por", "port"],
    ["portt", "port"],
    ["pore", "port"],
    ["datadirectory", "dataDirectory"],
    ["dataDir", null],
    ["PARLOR_TOKN", "PARLOR_TOKEN"],
  ] as const) {
    assert.equal(closest(word, WORDS), meant, word);
  }
});

test("the nearest of several is meant, the first of equals", () => {
  assert.equal(closest("leasMs", ["lease", "leaseMs"]), "leaseMs");
  assert.equal(closest("bat", ["cat", "rat"]), "cat");
});

test("a word like none of them means none of them", () => {
  assert.equal(closest("zebra", WORDS), null);
  assert.equal(closest("", WORDS), null);
  assert.equal(closest("port", []), null);
});
