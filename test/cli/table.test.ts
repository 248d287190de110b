import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { displayWidth } from "../../src/cli/display-width.ts";
import { formatFacts, formatTable } from "../../src/cli/table.ts";
import { MARKED, plainScreen } from "./screen.ts";

const COLUMNS = [{ title: "ID" }, { title: "TITLE", flexible: true }, { title: "ON", maxWidth: 6 }] as const;

describe("a table", () => {
  test("stands in columns, whatever the width of its characters", () => {
    const rows = [
      ["a", "東京", "slack"],
      ["bcd", "Rome", "web"],
    ];
    assert.equal(
      formatTable(plainScreen(), COLUMNS, rows),
      ["ID   TITLE  ON", "a    東京   slack", "bcd  Rome   web"].join("\n"),
    );
  });

  test("is no wider than the screen: the flexible column gives way, and a long name of another", () => {
    const rows = [["ses_1", "とても長いタイトル".repeat(9), "a-long-platform"]];
    const lines = formatTable(plainScreen(40), COLUMNS, rows).split("\n");
    for (const line of lines) assert.ok(displayWidth(line) <= 40, line);
    assert.match(lines[1] ?? "", /^ses_1 {2}とても.*… +a-lon…$/);
  });

  test("shows what it is given on one line and without effect", () => {
    const [, row] = formatTable(plainScreen(), COLUMNS, [["a", "x\u001b[31m\ny", ""]]).split("\n");
    assert.equal(row, String.raw`a   x\x1b[31m\ny`);
  });

  test("has its titles in a style", () => {
    assert.match(formatTable(MARKED, COLUMNS, [["a", "b", "c"]]), /^<bold>ID {2}TITLE {2}ON<\/>\na {3}b {6}c$/);
  });
});

test("facts stand in two columns, without effect", () => {
  const facts = [
    ["Data", "/x\u009b"],
    ["Messages", "1"],
  ] as const;
  assert.equal(formatFacts(plainScreen(), facts), String.raw`Data      /x\x9b` + "\nMessages  1");
});
