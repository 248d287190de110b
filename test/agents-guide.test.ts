/** The commands and programs of docs/guide/agents.md are run, in their order, with a model that is a fake endpoint. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createAcpAgent } from "../src/agent/acp.ts";
import { AgentError, type AgentPart, type AgentPorts } from "../src/agent/agent.ts";
import { AGENT_FAULTS } from "../src/agent/agent-fault.ts";
import { readCommandLine } from "../src/agent/command-line.ts";
import { NO_PORTS } from "../src/agent/no-ports.ts";
import { openFakeOpenAI } from "../src/testing/fake-openai.ts";
import { agentTurn, textOf } from "./agent/agent-turn.ts";
import { createPlace } from "./cli/parlor.ts";
import { createShell, readGuide } from "./read-guide.ts";

const { text: guide, blocks } = readGuide("agents");
const hasPython = spawnSync("python3", ["--version"]).status === 0;

/** The ACP agent: the only program that is written out in so many lines. */
const [acpAgent = ""] = blocks("javascript");

test("what the guide says can be typed as it stands", async (t) => {
  const shell = createShell(t);
  await using model = await openFakeOpenAI({ models: ["llama3.2"], answer: { steps: [{ text: "I am a model." }] } });
  const run = (code: string): Promise<string> => shell.run(code.replace("http://127.0.0.1:11434/v1", model.baseUrl));

  const acp = blocks("sh").find((code) => code.includes('kind: "acp"')) ?? "";
  const tools = blocks("sh").find((code) => code.includes("mcp:")) ?? "";
  const several = blocks("sh").find((code) => code.includes("routes:")) ?? "";
  const [echo = "", asked = "", python = "", script = "", ...more] = blocks("sh").filter(
    (code) => code !== several && code !== acp && code !== tools,
  );
  assert.deepEqual(more, []);
  assert.equal(await run(echo), "Hello\n");
  for (const code of [...blocks("python"), ...blocks("js")]) {
    const name = /^(?:#|\/\/) (\S+)$/m.exec(code)?.[1] ?? assert.fail("a program begins with its name");
    assert.ok(code.trimEnd().split("\n").length <= 12, `${name} has about ten lines`);
    writeFileSync(join(shell.folder, "bot", name), code);
  }
  assert.equal(await run(asked), "I am a model.\n");
  if (hasPython) assert.equal((await run(python)).trimEnd(), "olleH ereht");
  assert.match(await run(script), /^You said \d things before, and now: Hello there\n$/);
  model.next({ steps: [{ toolCall: { name: "dice_roll", arguments: "{}" } }] });
  assert.equal(await run(tools), "I am a model.\n");
  const rolled = model.requests.at(-1)?.body as
    | { readonly messages: readonly { readonly content: unknown }[] }
    | undefined;
  assert.match(String(rolled?.messages.at(-1)?.content), /^[1-6]$/);
  writeFileSync(join(shell.folder, "bot", "acp-agent.mjs"), acpAgent);
  assert.equal(await run(acp), "You said: Hello there\n");
  const [first = "", second = ""] = (await run(several)).split("\n");
  assert.deepEqual([first, second.replace(/\d+/, "n")], ["Hello", "You said n things before, and now: Hello"]);
});

test("the ACP agent of the guide asks before it writes", async (t) => {
  const { folder: cwd } = createPlace(t);
  writeFileSync(join(cwd, "acp-agent.mjs"), acpAgent);
  const agent = createAcpAgent({ command: [process.execPath, "acp-agent.mjs"], cwd, env: {} });
  t.after(() => agent.close?.());
  for (const [id, said] of [
    ["no", "Not noted."],
    ["yes", "Noted."],
  ] as const) {
    const ask: AgentPorts["ask"] = ({ text, choices }) => {
      assert.equal(text, "The agent asks for permission: write to notes.txt");
      assert.deepEqual(
        choices.map(({ label }) => label),
        ["Write it", "Leave it"],
      );
      return Promise.resolve({ outcome: "chosen", id });
    };
    const parts: AgentPart[] = [];
    const ports = { ...NO_PORTS, ask };
    for await (const part of agent.run(agentTurn(`note buy ${id} milk`), new AbortController().signal, ports))
      parts.push(part);
    assert.equal(textOf(parts), said);
  }
  assert.equal(readFileSync(join(cwd, "notes.txt"), "utf8"), "buy yes milk\n");
});

test("every line that the guide shows is of the protocol", () => {
  const lines = (blocks("jsonl")[0] ?? "").trimEnd().split("\n");
  const types = lines.map((line) => {
    try {
      return readCommandLine(line, "guide")?.type;
    } catch (error) {
      assert.ok(error instanceof AgentError && /reported an error \(rate_limited\)/.test(error.message));
      return "error";
    }
  });
  const described = [...guide.matchAll(/^\| `(\w+)` +\|/gm)].map(([, type]) => type);
  assert.deepEqual(new Set(types), new Set(described));
  const faults = [...guide.matchAll(/^\| `"(\w+)"` +\|/gm)].map(([, fault]) => fault);
  assert.deepEqual(faults, AGENT_FAULTS);
});

test("the turn that the guide shows has the fields of a turn, and no others", () => {
  const shown = JSON.parse(blocks("json")[0] ?? "") as ReturnType<typeof agentTurn>;
  const turn = agentTurn("hello");
  assert.deepEqual(Object.keys(shown), Object.keys(turn));
  assert.deepEqual(Object.keys(shown.source).toSorted(), Object.keys(turn.source).toSorted());
  for (const entry of [...shown.transcript, ...shown.messages]) {
    assert.deepEqual(Object.keys(entry).toSorted(), Object.keys(turn.messages[0] ?? {}).toSorted());
  }
});
