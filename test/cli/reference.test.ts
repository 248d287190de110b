import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import type { Command } from "commander";
import type { Cli } from "../../src/cli/cli.ts";
import { EXIT, EXIT_MEANINGS } from "../../src/cli/exit-code.ts";
import { commandsOf, createProgram } from "../../src/cli/program.ts";

const page = await readFile(new URL("../../docs/reference/cli.md", import.meta.url), "utf8");
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.split("\n", 1).join(), section]),
);
// None of it runs: only what is said of it is read.
const commands = commandsOf(createProgram({} as Cli)).map(({ path, command }) => ({ name: path.join(" "), command }));

test("every command has its section, in the order of the help, and no section speaks of another", () => {
  assert.deepEqual(
    [...sections.keys()].filter((title) => title.startsWith("`")),
    commands.map(({ name }) => `\`${name}\``),
  );
});

for (const { name, command } of commands) {
  describe(name, () => {
    const section = sections.get(`\`${name}\``) ?? "";

    test("is described as in its help", () => {
      assert.ok(section.includes(`\n${command.description()}\n`), section);
    });

    test("has its arguments and options, and no others", () => {
      const described = [
        ...command.registeredArguments.map((it) => [`<${it.name()}${it.variadic ? "..." : ""}>`, it.description]),
        ...command.options.map(({ flags, description }) => [flags, description]),
      ];
      assert.deepEqual(
        rowsOf(section).map(([flags = "", description]) => [flags.replaceAll("`", ""), description]),
        described,
      );
    });

    test("has its examples, of commands that exist", () => {
      const examples = examplesOf(command);
      const block = /```sh\n([^]*?)\n```/.exec(section)?.[1] ?? "";
      assert.equal(block, examples);
      assert.ok(examples !== "" || command.commands.length > 0, "a command that does something has an example");
      for (const line of examples.split("\n").filter((text) => text !== "" && !text.startsWith("#"))) {
        const words = line.replace(/^[A-Z]+=\S+ /, "");
        const called = commands.findLast((it) => words === it.name || words.startsWith(`${it.name} `));
        assert.equal(called?.command.commands.length, 0, line);
        for (const [flag] of words.matchAll(/(?<= )--[a-z-]+/g)) {
          assert.ok(
            called?.command.options.some(({ long }) => long === flag),
            `${line}: ${flag}`,
          );
        }
      }
    });

    test("can answer a program, where it answers at all", () => {
      const takesJson = command.options.some(({ long }) => long === "--json");
      assert.equal(takesJson, command.commands.length === 0);
    });
  });
}

test("every exit code has its meaning, and no other is promised", () => {
  const rows = rowsOf(sections.get("Exit codes") ?? "");
  assert.deepEqual(
    rows,
    Object.values(EXIT).map((code) => [String(code), EXIT_MEANINGS[code]]),
  );
});

/** The cells of every row of the tables, without their heads. */
function rowsOf(section: string): string[][] {
  const lines = section.split("\n");
  return lines
    .filter((line, index) => line.startsWith("|") && !isRule(line) && !isRule(lines[index + 1] ?? ""))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

function isRule(line: string): boolean {
  return /^\|[ |:-]+\|$/.test(line);
}

/** The examples of the help, without their indent. */
function examplesOf(command: Command): string {
  let help = "";
  command.configureOutput({ writeOut: (text) => (help += text) });
  command.outputHelp();
  const found = /\nExamples:\n((?: {2}.*\n|\n)*)/.exec(help)?.[1] ?? "";
  return found.replaceAll(/^ {2}/gm, "").trim();
}
