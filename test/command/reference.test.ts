import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { CHAT_COMMANDS } from "../../src/command/commands.ts";

test("docs/reference/commands.md has every command with its summary, in order, and no other", async () => {
  const page = await readFile(new URL("../../docs/reference/commands.md", import.meta.url), "utf8");
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  const cells = rows.map((row) => row.split("|").map((cell) => cell.trim()));
  assert.deepEqual(
    cells,
    CHAT_COMMANDS.map(({ usage, summary }) => ["", `\`${usage}\``, summary, ""]),
  );
});
