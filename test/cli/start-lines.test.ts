import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { startFacts, startLines } from "../../src/cli/start-lines.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { createAgent } from "../../src/gateway/create-agent.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { createPlace } from "./parlor.ts";

const TOKEN = "0123456789abcdef";

/** The lines of a gateway with this environment, by name. */
async function lines(
  t: TestContext,
  env: Readonly<Record<string, string>>,
  url: string,
): Promise<ReadonlyMap<string, string>> {
  const { config } = await loadConfig({ env, cwd: createPlace(t).folder });
  const named = startLines(config, startFacts(config, "its-name", { url }));
  assert.ok(named.length <= 9);
  return new Map(named);
}

test("the open hook is tried where it is open: on loopback without a token", async (t) => {
  const url = "http://127.0.0.1:1";
  assert.match(
    (await lines(t, {}, url)).get("Try") ?? "",
    /^curl 'http:\/\/127\.0\.0\.1:1\/hooks\/demo\?wait=30' -H 'Content-Type/,
  );
  const guarded = (await lines(t, { PARLOR_TOKEN: TOKEN }, url)).get("Try") ?? "";
  assert.match(
    guarded,
    /127\.0\.0\.1:1\/api\/chats\/demo\/messages\?wait=30' -H "Authorization: Bearer \$PARLOR_TOKEN"/,
  );
});

test("a gateway on every address is tried on loopback", async (t) => {
  for (const [host, name] of [
    ["0.0.0.0", "127.0.0.1"],
    ["::", "[::1]"],
  ] as const) {
    const url = `http://${host.includes(":") ? `[${host}]` : host}:1`;
    const said = (await lines(t, { HOST: host, PARLOR_TOKEN: TOKEN }, url)).get("Try") ?? "";
    assert.ok(said.startsWith(`curl 'http://${name}:1/api/`), said);
  }
});

test("a model is named with its endpoint and the variable that names another one", async (t) => {
  const env = { PARLOR_MODEL: "its-name", OPENAI_BASE_URL: "http://127.0.0.1:2/v1", OPENAI_API_KEY: "a-secret-key" };
  const said = await lines(t, env, "http://127.0.0.1:1");
  assert.equal(said.get("Agent"), "its-name at http://127.0.0.1:2/v1; PARLOR_MODEL names another one");
  assert.ok(![...said.values()].join().includes(env.OPENAI_API_KEY));
});

test("a program is named with the folder it starts in, and nothing of its parameters or its environment", async (t) => {
  const { folder } = createPlace(t, {
    "parlor.config.ts": `export default { agent: { kind: "command", command: ["its-name", "a-secret"], env: ["KEY"] } };`,
  });
  const { config } = await loadConfig({ env: { KEY: "a-secret" }, cwd: folder });
  const said = new Map(startLines(config, startFacts(config, "its-name", { url: "http://127.0.0.1:1" })));
  assert.equal(said.get("Agent"), `its-name, started in ${folder} for each turn; agent.command names another program`);
  assert.ok(![...said.values()].join().includes("a-secret"));
});

test("an ACP agent is named with the folder it works in", async (t) => {
  const { folder } = createPlace(t, {
    "parlor.config.ts": `export default { agent: { kind: "acp", command: ["its-name", "a-secret"], cwd: "/work" } };`,
  });
  const { config } = await loadConfig({ env: {}, cwd: folder });
  const said = new Map(startLines(config, startFacts(config, "its-name", { url: "http://127.0.0.1:1" })));
  assert.equal(said.get("Agent"), "its-name, an ACP agent started in /work; agent.command names another program");
});

test("an endpoint is named by its host, and the rest of its address is not shown", async (t) => {
  const { folder } = createPlace(t);
  writeFileSync(
    join(folder, "parlor.config.ts"),
    `export default { agent: { kind: "http", url: "https://agents.example/turns?code=a-secret-code" } };`,
  );
  const env = { PARLOR_AGENT_SECRET: Buffer.alloc(24, 7).toString("base64") };
  const { config } = await loadConfig({ env, cwd: folder });
  const { name } = createAgent(config.agent, createLog({ level: "silent" }));
  const said = new Map(startLines(config, startFacts(config, name, { url: "http://127.0.0.1:1" })));
  assert.equal(
    said.get("Agent"),
    "agents.example, asked over HTTP; agent.url of the configuration file names another one",
  );
});

test("agents besides the default one are named, each with how many routes lead to it", async (t) => {
  const { folder } = createPlace(t, {
    "parlor.config.ts": `export default {
      agents: { sage: "echo", seer: "echo" },
      routes: [{ platform: "slack", agent: "sage" }, { platform: "telegram", agent: "sage" }],
    };`,
  });
  const { config } = await loadConfig({ env: {}, cwd: folder });
  const facts = startFacts(config, "echo", { url: "http://127.0.0.1:1" });
  assert.deepEqual(facts.agents, ["sage", "seer"]);
  assert.equal(new Map(startLines(config, facts)).get("Besides"), "sage (2 routes), seer (0 routes)");
});

test("nothing that is on is a reason to say which variable turns something on", async (t) => {
  const env = { HOST: "0.0.0.0", PARLOR_TOKEN: TOKEN };
  const said = await lines(t, env, "http://0.0.0.0:1");
  assert.equal(
    said.get("Platforms"),
    "none; set TELEGRAM_BOT_TOKEN for Telegram, PARLOR_WEBHOOK_<NAME>_SECRET for a signed webhook",
  );
});
