import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { agentName } from "../../src/config/agent-name.ts";
import type { AgentConfig } from "../../src/config/config.ts";
import { createSecret } from "../../src/config/secret.ts";
import { createAgent } from "../../src/gateway/create-agent.ts";
import { VERSION } from "../../src/gateway/version.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { createFakeAgent } from "../../src/testing/fake-agent.ts";
import { ACP_COMMAND, openAcpPlace } from "../agent/acp-subject.ts";
import { agentTurn, partsOf, textOf } from "../agent/agent-turn.ts";

const SCRIPT = `echo warning >&2; echo '{"type":"text","text":"'$KEY'"}'; echo '{"type":"finish"}'`;

const DONE = { finish: "done", usage: null } as const;

const program = {
  kind: "command" as const,
  command: ["sh", "-c", SCRIPT] as [string, ...string[]],
  cwd: tmpdir(),
  env: { PATH: createSecret(process.env["PATH"] ?? ""), KEY: createSecret("sesame") },
  idleTimeoutMs: 60_000,
  totalTimeoutMs: null,
} satisfies AgentConfig;

test("a program of the configuration is handed its variables, and its standard error goes to the log at debug", async () => {
  const lines: string[] = [];
  const log = createLog({ level: "debug", destination: { write: (line) => void lines.push(line) } });
  assert.equal(textOf(await partsOf(createAgent(program, log), agentTurn("hello"))), "sesame");
  while (lines.length === 0) await new Promise(setImmediate);
  const { level, turnId, line } = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
  assert.deepEqual([level, turnId, line], ["debug", "trn_1", "warning"]);
});

test("above level debug nothing of a program's standard error is in the log", async () => {
  const lines: string[] = [];
  const log = createLog({ level: "info", destination: { write: (line) => void lines.push(line) } });
  await partsOf(createAgent(program, log), agentTurn("hello"));
  assert.deepEqual(lines, []);
});

test("every kind of agent is called what the configuration expects", async (t) => {
  const timeouts = { idleTimeoutMs: 60_000, totalTimeoutMs: null };
  const secret = createSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  const model = { ...timeouts, baseUrl: "http://127.0.0.1:1/v1", apiKey: null, system: null, contextTokens: 100_000 };
  const means = { maxOutputTokens: null, tools: [], maxSteps: 1, toolTimeoutMs: 1, files: false };
  const agents: readonly AgentConfig[] = [
    { kind: "echo", delayMs: 0 },
    { kind: "code", agent: createFakeAgent({ name: "parrot" }) },
    { ...program, command: ["/opt/bin/bot.sh", "--all"] },
    { ...program, kind: "acp", command: ["/opt/bin/bot.sh"], permissions: "ask" },
    { kind: "http", url: "https://a.example:8443/bot", secret, allowPrivate: false, ...timeouts, totalTimeoutMs: 1 },
    { kind: "model", provider: "openai-compatible", model: "m", ...model, ...means, allowPrivateFiles: false },
  ];
  for (const config of agents) {
    const agent = createAgent(config, createLog({ level: "silent" }));
    t.after(() => agent.close?.());
    assert.equal(agentName(config), agent.name);
  }
});

test("an ACP agent of the configuration is handed its variables, told Parlor's version, and its standard error goes to the log", async (t) => {
  await using place = openAcpPlace({ prompts: [{ acts: [{ say: "Hello." }], ending: DONE }], stderr: ["warning"] });
  const lines: string[] = [];
  const log = createLog({ level: "debug", destination: { write: (line) => void lines.push(line) } });
  const { cwd, idleTimeoutMs, totalTimeoutMs } = { ...program, cwd: place.folder };
  const env = { PATH: createSecret(process.env["PATH"] ?? "") };
  const command = ["sh", "-c", `test -n "$PATH" && exec '${ACP_COMMAND.join("' '")}'`] as const;
  const config: AgentConfig = { kind: "acp", command, cwd, env, permissions: "deny", idleTimeoutMs, totalTimeoutMs };
  const agent = createAgent(config, log);
  t.after(() => agent.close?.());
  assert.equal(textOf(await partsOf(agent, agentTurn("hello"))), "Hello.");
  while (lines.length === 0) await new Promise(setImmediate);
  const { level, program: said, line } = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
  assert.deepEqual([level, said, line], ["debug", "sh", "warning"]);
  const [{ clientInfo } = {}] = place.received("initialize");
  assert.deepEqual(clientInfo, { name: "parlor", title: "Parlor", version: VERSION });
});
