import assert from "node:assert/strict";
import { test } from "node:test";
import type { AgentConfig } from "../../src/config/config.ts";
import { describeConfig } from "../../src/config/config-values.ts";
import { load, refusal } from "./loading.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

function file(text: string): { readonly "parlor.config.ts": string } {
  return { "parlor.config.ts": `export default { ${text} };` };
}

const MODEL = `kind: "model", provider: "openai-compatible", model: "m"`;

/** The key and the address that a model of `agents` is used with. */
function usedBy(agent: AgentConfig | undefined): readonly unknown[] {
  return agent?.kind === "model" ? [agent.apiKey?.reveal() ?? null, agent.baseUrl] : [agent?.kind];
}

test("several agents are what one can be, each at a key of its own, and routes lead to them", async (t) => {
  const loaded = await load(t, {
    env: { PARLOR_AGENT_FAR_AWAY_SECRET: SECRET },
    files: file(`
      agents: {
        "far-away": { kind: "http", url: "https://agents.example/" },
        parrot: { name: "its own name", async *run() {} },
        slow: { kind: "echo", delayMs: 5 },
      },
      routes: [
        { platform: "telegram", chatType: "group", agent: "parrot" },
        { platform: "telegram", user: "4242", agent: "far-away" },
        { platform: "api", agent: "slow" },
        { platform: "api", chat: "C1", agent: "default" },
      ]`),
  });
  const { agents, routes } = loaded.config;
  assert.deepEqual(
    Object.entries(agents).map(([name, { kind }]) => [name, kind]),
    [
      ["far-away", "http"],
      ["parrot", "code"],
      ["slow", "echo"],
    ],
  );
  assert.deepEqual(routes.at(1), { platform: "telegram", user: "4242", agent: "far-away" });
  assert.deepEqual(loaded.notes, []);
  const shown = new Map(describeConfig(loaded).map(({ key, value, origin }) => [key, [value, origin]]));
  assert.deepEqual(shown.get("agents.far-away.secret"), ["set", "environment"]);
  assert.deepEqual(shown.get("agents.far-away.idleTimeoutMs"), [60_000, "default"]);
  assert.deepEqual(shown.get("agents.parrot.name"), ["its own name", "parlor.config.ts"]);
  assert.deepEqual(shown.get("agents.slow.delayMs"), [5, "parlor.config.ts"]);
  assert.equal(shown.get("routes")?.[1], "parlor.config.ts");
});

test("an agent has a key of its own, else the usual one, which no endpoint of its own is sent", async (t) => {
  const own = "http://127.0.0.1:1/v1";
  const files = file(`agents: {
    usual: { ${MODEL} }, keyed: { ${MODEL} }, elsewhere: { ${MODEL}, baseUrl: "${own}" },
    both: { ${MODEL}, baseUrl: "${own}" }, claude: { kind: "model", provider: "anthropic", model: "c" },
  }`);
  const { config, notes, origins } = await load(t, {
    env: {
      OPENAI_API_KEY: "usual",
      ANTHROPIC_API_KEY: "other",
      PARLOR_AGENT_KEYED_API_KEY: "keyed",
      PARLOR_AGENT_BOTH_API_KEY_FILE: "key",
    },
    files: { ...files, key: "both\n" },
  });
  const openAi = "https://api.openai.com/v1";
  assert.deepEqual(usedBy(config.agents["usual"]), ["usual", openAi]);
  assert.deepEqual(usedBy(config.agents["keyed"]), ["keyed", openAi]);
  assert.deepEqual(usedBy(config.agents["elsewhere"]), [null, own]);
  assert.deepEqual(usedBy(config.agents["both"]), ["both", own]);
  assert.deepEqual(usedBy(config.agents["claude"]), ["other", null]);
  assert.equal(origins["agents.both.apiKey"], "file PARLOR_AGENT_BOTH_API_KEY_FILE");
  assert.ok(!notes.some((note) => note.includes("_API_KEY")), "what one agent uses is not said to be unused");
});

test("the endpoint of the variables is the one of an agent that names none, and of nothing else", async (t) => {
  const usual = "http://127.0.0.1:2/v1";
  const { config } = await load(t, {
    env: { OPENAI_BASE_URL: usual, OPENAI_API_KEY: "k", PARLOR_MODEL: "big", PARLOR_SYSTEM_PROMPT: "Be brief." },
    files: file(`agents: { a: { ${MODEL} }, b: { ${MODEL}, baseUrl: "http://127.0.0.1:1/v1" }, c: "echo" }`),
  });
  assert.deepEqual(usedBy(config.agents["a"]), ["k", usual]);
  assert.deepEqual(usedBy(config.agents["b"]), [null, "http://127.0.0.1:1/v1"]);
  assert.equal(config.agents["c"]?.kind, "echo");
  const { a } = config.agents;
  assert.ok(a?.kind === "model" && a.model === "m" && a.system === null, "those variables are about the default agent");
});

test("what does nothing is noted: an agent that nobody is led to, a route behind its like, a secret too many", async (t) => {
  const { notes } = await load(t, {
    env: { PARLOR_AGENT_SAGE_API_KEY: "k", PARLOR_AGENT_GONE_API_KEY: "k" },
    files: file(`agents: { sage: "echo", seer: "echo" },
      routes: [{ platform: "api", agent: "seer" }, { platform: "api", agent: "default" }]`),
  });
  assert.deepEqual(notes, [
    "PARLOR_AGENT_SAGE_API_KEY is set but not used: agents.sage has no use for it.",
    "PARLOR_AGENT_GONE_API_KEY is set but not used: agents names no agent it could be for.",
    "routes.1 never holds: routes.0 is for the same.",
    "agents.sage (parlor.config.ts) is in no route: it answers only a call of OpenAI's API without a session that names it.",
  ]);
});

test("a secret under a name that nobody reads is noted with the names that are read", async (t) => {
  const env = { PARLOR_AGENT_sage_API_KEY: "k", PARLOR_AGENT_SAGE_KEY: "k", PARLOR_MCP_GITHUB_KEY_FILE: "key" };
  const cluster = { PARLOR_MCP_PORT_80_TCP: "tcp://10.0.0.1:80" };
  const { notes } = await load(t, { env: { ...env, ...cluster } });
  const agents =
    "secrets of agents are PARLOR_AGENT_SECRET, PARLOR_AGENT_<NAME>_API_KEY and PARLOR_AGENT_<NAME>_SECRET";
  const form = `the name in upper case with "_" for "-".`;
  assert.deepEqual(notes, [
    `PARLOR_AGENT_sage_API_KEY is not a variable of Parlor; ${agents}, ${form}`,
    `PARLOR_AGENT_SAGE_KEY is not a variable of Parlor; ${agents}, ${form}`,
    `PARLOR_MCP_GITHUB_KEY is not a variable of Parlor; tokens of servers are PARLOR_MCP_<NAME>_TOKEN, ${form}`,
  ]);
});

test("a key in the file is refused with the variable that it belongs into", async (t) => {
  const message = await refusal(t, { files: file(`agents: { sage: { ${MODEL}, apiKey: "sesame" } }`) });
  assert.match(
    message,
    /^agents\.sage\.apiKey .*; set OPENAI_API_KEY or ANTHROPIC_API_KEY, or PARLOR_AGENT_<NAME>_API_KEY for one of agents, there\.$/m,
  );
  assert.doesNotMatch(message, /sesame/);
});

test("of a kind that there is not, only that is said", async (t) => {
  const message = await refusal(t, {
    files: file(`agent: { kind: "comand", command: ["node", "agent.mjs"], cwd: "." }`),
  });
  assert.equal(
    message,
    'agent.kind (parlor.config.ts) must be one of echo, model, command, acp, http; found "comand".',
  );
});

test("a variable that one of several agents uses is not said to be unused by another", async (t) => {
  const routes = `routes: [{ platform: "api", agent: "one" }, { platform: "webhook", agent: "two" }]`;
  const env = { PARLOR_AGENT_SECRET: SECRET, OPENAI_BASE_URL: "http://127.0.0.1:1/v1", OPENAI_API_KEY: "k" };
  const http = `{ kind: "http", url: "https://a.example" }`;
  const shared = `agents: { one: ${http}, two: { ${MODEL} } }, ${routes}`;
  for (const text of [shared, `agent: ${http}, agents: { one: { ${MODEL} }, two: "echo" }, ${routes}`]) {
    assert.deepEqual((await load(t, { env, files: file(text) })).notes, []);
  }
  const { notes } = await load(t, { env, files: file(`agents: { one: "echo", two: "echo" }, ${routes}`) });
  assert.deepEqual(notes, [
    'PARLOR_AGENT_SECRET is set but not used: only an agent of kind "http" is sent anything signed.',
    "OPENAI_BASE_URL and OPENAI_API_KEY are set but not used: set PARLOR_MODEL to let a model answer.",
  ]);
});

test("a platform that no message comes from is noted with the one that was probably meant", async (t) => {
  const { notes } = await load(t, {
    files: file(`routes: [{ platform: "telegarm", agent: "default" }, { platform: "webhook", agent: "default" }],
      reset: { mode: "none", rules: [{ platform: "api", mode: "none" }, { platform: "tele", mode: "none" }] },
      busy: { rules: [{ platform: "webhok", mode: "queue" }, { platform: "telegram", mode: "queue" }] }`),
  });
  assert.deepEqual(notes.toSorted(), [
    'busy.rules.0.platform (parlor.config.ts) is "webhok", which no message comes from; did you mean "webhook"?',
    'reset.rules.1.platform (parlor.config.ts) is "tele", which no message comes from; platforms are telegram, api, webhook.',
    'routes.0.platform (parlor.config.ts) is "telegarm", which no message comes from; did you mean "telegram"?',
  ]);
});

test("an agent that is called as the default one is refused when the configuration is read", async (t) => {
  const named = (name: string): string => `agents: { ${name}: "echo" }`;
  for (const [name, agent] of [
    ["echo", `"echo"`],
    ["llama", `{ ${MODEL}, model: "llama", baseUrl: "http://127.0.0.1:1/v1" }`],
    ["bot", `{ kind: "command", command: ["/opt/bin/bot"] }`],
    ["parrot", `{ name: "parrot", async *run() {} }`],
  ] as const) {
    const message = await refusal(t, { files: file(`agent: ${agent}, ${named(name)}`) });
    assert.equal(
      message.split("\n")[0],
      `agents.${name} (parlor.config.ts) must have another name; the default agent is called "${name}", too.`,
    );
  }
  const wrong = await refusal(t, { files: file(`agent: { kind: "comand" }, ${named("echo")}`) });
  assert.doesNotMatch(wrong, /another name/, "nobody knows what it would be called");
});

test("what is wrong with agents and routes is said, all of it at once", async (t) => {
  for (const [text, said] of [
    [`agents: []`, /^agents \(.*\) must be an object of agents by name/],
    [`agents: { "Big One": "echo" }`, /^agents\.Big One \(.*\) must have a name of lower-case letters/],
    [`agents: { default: "echo" }`, /^agents\.default \(.*\) must have another name; "default" already means an agent/],
    [`agents: { parlor: "echo" }`, /"parlor" already means an agent/],
    [`agents: { a: undefined }`, /^agents\.a \(.*\) must be "echo", an object with kind/],
    [`agents: { a: { kind: "model", provider: "anthropic" } }`, /^agents\.a\.model must be the name of a model/],
    [`agents: { a: { kind: "command", command: [], x: 1 } }`, /agents\.a\.command\.0 .*\n- agents\.a\.x \(/s],
    [`agents: { a: { ${MODEL} } }`, /needs an endpoint: set OPENAI_BASE_URL, or PARLOR_AGENT_A_API_KEY for the one/],
    [
      `agents: { a: { kind: "model", provider: "anthropic", model: "m" } }`,
      /needs a key: set PARLOR_AGENT_A_API_KEY\./,
    ],
    [`agents: { a: { kind: "http", url: "https://a.example" } }`, /^agents\.a\.kind \(.*set PARLOR_AGENT_A_SECRET to/],
    [`routes: [{ platform: "api", agent: "a" }]`, /^routes\.0\.agent .* one of default; found "a"\.$/],
    [`routes: [{ agent: "default" }]`, /^routes\.0 .* must say whom it is for/],
    [`routes: [{ user: "4242", agent: "default" }]`, /^routes\.0\.user .* must have a platform beside it/],
    [`routes: [{ platfrom: "slack", agent: "default" }]`, /did you mean "platform"\?/],
  ] as const) {
    assert.match(await refusal(t, { files: file(text) }), said);
  }
  const files = file(
    `agents: { a: { kind: "http", url: "https://a.example" }, b: { kind: "http", url: "https://b.example" } }`,
  );
  const shared = await refusal(t, { files, env: { PARLOR_AGENT_SECRET: "c2hvcnQ=" } });
  assert.equal(shared.split("must be base64 of 24 bytes").length, 2, "what two agents share is wrong once");
});
