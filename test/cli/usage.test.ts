import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createPlace, parlor } from "./parlor.ts";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

test("the version is told in three ways", async (t) => {
  const place = createPlace(t);
  assert.deepEqual(await parlor(place, ["--version"]), { code: 0, stdout: `${version}\n`, stderr: "" });
  assert.equal((await parlor(place, ["version"])).stdout, `Parlor ${version} on Node ${process.versions.node}\n`);
  const { stdout } = await parlor(place, ["version", "--json"]);
  assert.deepEqual(JSON.parse(stdout), { version, node: process.versions.node });
});

test("help goes to standard output, with examples and without escape sequences", async (t) => {
  const place = createPlace(t);
  for (const args of [["--help"], ["help", "sessions", "list"], ["sessions", "list", "--help"]]) {
    const { code, stdout, stderr } = await parlor(place, args, { NO_COLOR: "1" });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    if (args[0] !== "help") assert.match(stdout, /\nExamples:\n/);
    assert.ok(!stdout.includes("\u001b"));
    for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
  }
});

test("a command line that cannot be understood is answered with what may have been meant: exit code 64", async (t) => {
  const place = createPlace(t);
  const wrong: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [[], /^Usage: parlor /],
    [["sessions"], /^Usage: parlor sessions /],
    [["sesions"], /unknown command 'sesions'\n\(Did you mean sessions\?\)/],
    [
      ["sessions", "list", "--limt", "3"],
      /unknown option '--limt'\n\(Did you mean --limit\?\)\nTry: parlor sessions list --help\n$/,
    ],
    [["sessions", "list", "--limit", "201"], /whole number from 1 to 200/],
    [["sessions", "list", "--limit", "1e1"], /whole number from 1 to 200/],
    [["sessions", "list", "--live", "--ended"], /'--live' cannot be used with option '--ended'/],
    [["sessions", "show"], /missing required argument 'id'/],
    [["status", "\u001b[31m"], /too many arguments/],
  ];
  for (const [args, says] of wrong) {
    const { code, stdout, stderr } = await parlor(place, args);
    assert.deepEqual({ code, stdout }, { code: 64, stdout: "" }, args.join(" "));
    assert.match(stderr, says);
    assert.ok(!stderr.includes("\u001b"));
  }
});

test("with --json a wrong command line is answered with a document", async (t) => {
  const place = createPlace(t);
  const { code, stdout, stderr } = await parlor(place, ["sessions", "list", "--limt", "--json"]);
  assert.deepEqual({ code, stderr }, { code: 64, stderr: "" });
  assert.deepEqual(JSON.parse(stdout), { error: { code: "USAGE", message: "unknown option '--limt'" } });
});

test("a port that cannot be is a matter of the command line", async (t) => {
  for (const port of ["abc", "65536", "-1"]) {
    const { code, stderr } = await parlor(createPlace(t), ["start", "--port", port]);
    assert.deepEqual([code, /whole number from 0 to 65535/.test(stderr)], [64, true], stderr);
  }
});
