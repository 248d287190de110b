import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { describeConfig } from "../../src/config/config-values.ts";
import { load, refusal } from "./loading.ts";

const file = (more: string): Record<string, string> => ({
  "parlor.config.ts": `export default { agent: { kind: "acp", command: ["an-agent", "--acp"], ${more} } };`,
});

test("an ACP agent needs only its command", async (t) => {
  const { config, notes, origins } = await load(t, { env: { PATH: "/bin" }, files: file("") });
  assert.ok(config.agent.kind === "acp");
  const { env, cwd, ...agent } = config.agent;
  assert.deepEqual(agent, {
    kind: "acp",
    command: ["an-agent", "--acp"],
    permissions: "ask",
    idleTimeoutMs: 300_000,
    totalTimeoutMs: null,
  });
  assert.deepEqual(Object.keys(env), ["PATH", "HOME"]);
  assert.match(cwd, /parlor-config-\w+$/);
  assert.deepEqual([notes, origins["agent.permissions"]], [[], "default"]);
});

test("what it is handed of the environment is declared, and shown without its value", async (t) => {
  const more = `cwd: "work", env: ["API_KEY", "MISSING"], permissions: "deny", idleTimeoutMs: 5, totalTimeoutMs: 6`;
  const loaded = await load(t, { env: { API_KEY: "sesame", PARLOR_MODEL: "m" }, files: file(more) });
  const { agent } = loaded.config;
  assert.ok(agent.kind === "acp");
  assert.equal(agent.env["API_KEY"]?.reveal(), "sesame");
  assert.deepEqual([agent.permissions, agent.idleTimeoutMs, agent.totalTimeoutMs], ["deny", 5, 6]);
  assert.ok(agent.cwd.endsWith(join("/", "work")));
  assert.ok(!JSON.stringify(describeConfig(loaded)).includes("sesame"));
  assert.deepEqual(loaded.notes, [
    "PARLOR_MODEL is set but not used: the agent is a program of the Agent Client Protocol.",
    "agent.env (parlor.config.ts) names MISSING, which is not set.",
  ]);
});

test("it can stand beside other agents", async (t) => {
  const files = {
    "parlor.config.ts": `export default {
      agents: { coder: { kind: "acp", command: ["an-agent"] } },
      routes: [{ platform: "api", agent: "coder" }],
    };`,
  };
  assert.equal((await load(t, { files })).config.agents["coder"]?.kind, "acp");
});

test("what is wrong with it is said", async (t) => {
  for (const [more, said] of [
    [`permissions: "allow"`, /^agent\.permissions \(.*\) must be one of ask, deny; found "allow"/],
    [`env: ["A=b"]`, /must be the name of a variable; found "A=b"/],
    [`idleTimeoutMs: 0`, /must be a whole number from 1 to/],
    [`permission: "ask"`, /did you mean "permissions"\?/],
  ] as const) {
    assert.match(await refusal(t, { files: file(more) }), said);
  }
});
