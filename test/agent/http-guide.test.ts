import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ANSWER_EVENTS } from "../../src/agent/http-events.ts";
import { agentTurn, partsOf } from "./agent-turn.ts";
import { agentOf, answering, json, openEndpoint, sse, streaming } from "./http-endpoint-server.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/guide/http-agent.md"), "utf8");

/** The first column of the table that begins with this heading. */
function rows(head: string): readonly string[] {
  const start = page.search(new RegExp(`^\\| ${head} +\\|`, "m"));
  assert.notEqual(start, -1);
  const lines = page.slice(start).split("\n\n")[0]?.split("\n").slice(2) ?? [];
  return lines.map((line) => (line.split("|")[1] ?? "").trim().replaceAll("`", ""));
}

describe("the tables of docs/guide/http-agent.md", () => {
  test("have every field of a question, and no other", async () => {
    await using server = await openEndpoint(json({ text: "Hi." }));
    await partsOf(agentOf(server), agentTurn("hello"));
    assert.deepEqual(Object.keys(JSON.parse(server.asked[0]?.body ?? "") as object), rows("field"));
  });

  test("have every event that is read, and no other", async () => {
    const read: string[] = [];
    for (const event of [...ANSWER_EVENTS, "from-the-future"]) {
      await using server = await openEndpoint(streaming(sse(event, null), sse("text", { text: "a" }), sse("finish")));
      const parts = await partsOf(agentOf(server), agentTurn("hello")).catch(() => null);
      if (parts === null || parts[0]?.type !== "text") read.push(event);
    }
    assert.deepEqual(read, [...ANSWER_EVENTS]);
    assert.deepEqual(rows("event"), [...ANSWER_EVENTS]);
  });

  test("show an answer in JSON that is one", async () => {
    const shown = /```json\n([^]*?)```/.exec(page)?.[1] ?? "";
    await using server = await openEndpoint(answering(200, { "content-type": "application/json" }, shown));
    assert.deepEqual(
      (await partsOf(agentOf(server), agentTurn("hello"))).map(({ type }) => type),
      ["text", "usage", "finish"],
    );
  });
});
