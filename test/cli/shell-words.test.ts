import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { shellWords } from "../../src/cli/shell-words.ts";

test("a shell reads the words that were meant", () => {
  const words = ["--home", "/a b/c", "it's", '"x"', "$HOME", "*", "", "東京", "a;b"];
  const read = execFileSync("sh", ["-c", `printf '%s\\n' ${shellWords(words)}`], { encoding: "utf8" });
  assert.deepEqual(read.split("\n").slice(0, -1), words);
});

test("plain words are not quoted", () => {
  assert.equal(shellWords(["parlor", "sessions", "list", "--limit", "5"]), "parlor sessions list --limit 5");
});
