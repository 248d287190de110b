import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { LIFECYCLE_TYPES } from "../../src/core/lifecycle-event.ts";
import { PROBLEMS } from "../../src/http/problem.ts";
import { openApp } from "./app-setup.ts";

const page = await readFile(new URL("../../docs/reference/http.md", import.meta.url), "utf8");

/** The rows of the table below a heading, without its head, as cells. */
function table(heading: string): string[][] {
  const section = page.split(`# ${heading}\n`)[1]?.split(/^#/m)[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe("docs/reference/http.md", () => {
  test("has every route with its summary and its access, in order, and no other", async () => {
    await using under = await openApp();
    const routes = under.app.routes.map(({ method, path, summary, access }) => [
      `\`${method} ${path}\``,
      summary,
      access === "token" || access === "bearer" ? "yes" : "no",
    ]);
    assert.deepEqual(table("Routes"), routes);
  });

  test("has every problem with its status, and no other", () => {
    assert.deepEqual(
      table("Problems").map(([name, status]) => [name, status]),
      Object.entries(PROBLEMS).map(([name, { status }]) => [`\`${name}\``, String(status)]),
    );
  });

  test("has the events of a stream", () => {
    assert.deepEqual(
      table("Streaming").map(([name]) => name),
      ["`accepted`", "`start`", "`text`", "`tool`", "`question`", "`answer`", "`interrupted`", "`end`"],
    );
  });

  test("has every live event, and which of them are stored", () => {
    const stored = LIFECYCLE_TYPES.map((type) => [`\`${type}\``, "yes"]);
    const replies = ["start", "text", "tool", "question", "answer", "end"].map((part) => [`\`reply:${part}\``, "no"]);
    assert.deepEqual(
      table("Live events").map(([name, hasId]) => [name, hasId]),
      [["`open`", "yes"], ["`gap`", "yes"], ...stored, ["`message:accept`", "no"], ...replies, ["`cut`", "no"]],
    );
  });
});
