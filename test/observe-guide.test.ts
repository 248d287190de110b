/** The commands of docs/guide/observe.md are run, and what it says of log lines and spans is compared with the code. */
import assert from "node:assert/strict";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { stopLines } from "../src/cli/stop-lines.ts";
import { createShell, readGuide } from "./read-guide.ts";

const ROOT = join(import.meta.dirname, "..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const { text: guide, blocks } = readGuide("observe");

test("what the guide says can be typed as it stands", async (t) => {
  const shell = createShell(t);
  const [script = ""] = blocks("js");
  writeFileSync(join(shell.folder, /^\/\/ (\S+)$/m.exec(script)?.[1] ?? "no-name.mjs"), script);
  const [install = "", asked = "", ...more] = blocks("sh");
  assert.deepEqual(more, []);
  // What would be installed is there already.
  const packages = install.trim().replace("npm install ", "").split(" ");
  for (const name of packages) assert.ok(read(`node_modules/${name}/package.json`).includes(`"${name}"`));
  symlinkSync(join(ROOT, "node_modules"), join(shell.folder, "node_modules"));

  const stdout = await shell.run(asked);
  assert.match(stdout, /^Hello$/m);
  assert.match(stdout, /name: 'parlor\.accept'/);
  assert.match(stdout, /name: 'invoke_agent echo'/);
});

test("every line of the log is described, and no other", () => {
  const written = ["src/telemetry/create-telemetry.ts", "src/telemetry/fault-log.ts"].flatMap((path) => [
    ...read(path).matchAll(/\blog(?:\.\w+|\[[^\]]+\])\((?:[^;]*?,\s*)?"([a-z ]+)",?\s*\)/g),
  ]);
  const described = [...guide.matchAll(/^\| `([a-z ]+)` +\| (?:info|debug|warn|error|trace)/gm)];
  const words = (found: readonly RegExpMatchArray[]): string[] => found.map(([, word = ""]) => word).toSorted();
  assert.ok(written.length > 10);
  assert.deepEqual(words(described), words(written));
});

test("what a stop says is said as the guide shows it", () => {
  const said = stopLines({
    finishedTurns: 2,
    leftTurns: ["trn_1"],
    doubtfulDeliveries: ["dlv_1"],
    waiting: { messages: 2, deliveries: 1, events: 3 },
  });
  assert.deepEqual(blocks("text"), [`${said.join("\n")}\n`]);
});

test("every attribute of a span is described, and no other", () => {
  const written = [...read("src/telemetry/spans.ts").matchAll(/"((?:gen_ai|parlor|messaging|error)\.[a-z_.]+)"/g)];
  const spans = new Set(["parlor.accept", "parlor.deliver"]);
  const described = [...guide.matchAll(/`((?:gen_ai|parlor|messaging|error)\.[a-z_.]+)`/g)];
  const words = (found: readonly RegExpMatchArray[]): string[] =>
    [...new Set(found.map(([, word = ""]) => word))].filter((word) => !spans.has(word)).toSorted();
  assert.deepEqual(words(described), words(written));
});
