import assert from "node:assert/strict";
import { test } from "node:test";
import { describeConfig } from "../../src/config/config-values.ts";
import { load, refusal } from "./loading.ts";

const URL = "http://127.0.0.1:11434/v1";

test("a model and an address are enough for an OpenAI-compatible agent", async (t) => {
  const { config, origins } = await load(t, { env: { PARLOR_MODEL: "llama", OPENAI_BASE_URL: URL } });
  assert.deepEqual(config.agent, {
    kind: "model",
    provider: "openai-compatible",
    model: "llama",
    baseUrl: URL,
    apiKey: null,
    system: null,
    contextTokens: 100_000,
    maxOutputTokens: null,
    idleTimeoutMs: 60_000,
    totalTimeoutMs: null,
    tools: [],
    maxSteps: 20,
    toolTimeoutMs: 60_000,
    files: true,
    allowPrivateFiles: false,
  });
  assert.equal(origins["agent.provider"], "environment");
  assert.equal(origins["agent.idleTimeoutMs"], "default");
});

test("the file says how much a model takes at once, how long an answer may be, and how long it may take", async (t) => {
  const agent = `{ kind: "model", provider: "openai-compatible", model: "m", contextTokens: 8192, maxOutputTokens: 512, totalTimeoutMs: 60000 }`;
  const env = { OPENAI_BASE_URL: URL };
  const { config } = await load(t, { env, files: { "parlor.config.ts": `export default { agent: ${agent} };` } });
  assert.ok(config.agent.kind === "model");
  const { contextTokens, maxOutputTokens, totalTimeoutMs } = config.agent;
  assert.deepEqual([contextTokens, maxOutputTokens, totalTimeoutMs], [8_192, 512, 60_000]);
  const little = agent.replace("8192", "100");
  assert.match(
    await refusal(t, { env, files: { "parlor.config.ts": `export default { agent: ${little} };` } }),
    /agent\.contextTokens .*must be a whole number, 1000 or more/,
  );
});

test("the keys that are set decide the provider", async (t) => {
  const provider = async (env: Record<string, string>): Promise<unknown> => {
    const { agent } = (await load(t, { env: { PARLOR_MODEL: "m", ...env } })).config;
    return agent.kind === "model" ? [agent.provider, agent.baseUrl, agent.apiKey?.reveal()] : agent;
  };
  assert.deepEqual(await provider({ OPENAI_API_KEY: "o" }), ["openai-compatible", "https://api.openai.com/v1", "o"]);
  assert.deepEqual(await provider({ ANTHROPIC_API_KEY: "a" }), ["anthropic", null, "a"]);
  assert.deepEqual(await provider({ ANTHROPIC_API_KEY: "a", OPENAI_API_KEY: "o" }), ["anthropic", null, "a"]);
  assert.deepEqual(await provider({ ANTHROPIC_API_KEY: "a", OPENAI_BASE_URL: URL }), [
    "openai-compatible",
    URL,
    undefined,
  ]);
});

test("a model without an address is refused with the variables that give one", async (t) => {
  const message = await refusal(t, { env: { PARLOR_MODEL: "m" } });
  for (const name of ["OPENAI_BASE_URL", "OPENAI_API_KEY", "ANTHROPIC_API_KEY"]) assert.ok(message.includes(name));
});

test("an address or a key without a model leaves the echo and says what is missing", async (t) => {
  const { config, notes } = await load(t, { env: { OPENAI_BASE_URL: URL, OPENAI_API_KEY: "o" } });
  assert.deepEqual(config.agent, { kind: "echo", delayMs: 0 });
  assert.deepEqual(notes, [
    "OPENAI_BASE_URL and OPENAI_API_KEY are set but not used: set PARLOR_MODEL to let a model answer.",
  ]);
});

test("an echo that was chosen needs no note, and a model variable wins over it", async (t) => {
  const files = { "parlor.config.ts": `export default { agent: "echo" };` };
  const { config, notes, origins } = await load(t, { env: { OPENAI_API_KEY: "o" }, files });
  assert.deepEqual(
    [config.agent, notes, origins["agent.kind"]],
    [{ kind: "echo", delayMs: 0 }, [], "parlor.config.ts"],
  );
  const louder = await load(t, { env: { OPENAI_API_KEY: "o", PARLOR_MODEL: "m" }, files });
  assert.equal(louder.config.agent.kind, "model");
  assert.equal(louder.origins["agent.kind"], "environment");
});

test("variables win over the model of the file, value by value", async (t) => {
  const { config, origins } = await load(t, {
    env: { PARLOR_MODEL: "large", ANTHROPIC_API_KEY: "a", OPENAI_BASE_URL: URL },
    files: {
      "parlor.config.ts": `export default { agent: { kind: "model", provider: "anthropic", model: "small", system: "Be brief." } };`,
    },
  });
  assert.equal(config.agent.kind, "model");
  assert.deepEqual(
    ["model", "provider", "system", "apiKey", "idleTimeoutMs"].map((key) => origins[`agent.${key}`]),
    ["environment", "parlor.config.ts", "parlor.config.ts", "environment", "default"],
  );
  assert.ok(config.agent.kind === "model" && config.agent.model === "large" && config.agent.baseUrl === null);
});

test("a model of the file is refused without its key, its address or its name", async (t) => {
  const agent = async (text: string): Promise<string> =>
    await refusal(t, { files: { "parlor.config.ts": `export default { agent: ${text} };` } });
  assert.match(
    await agent(`{ kind: "model", provider: "anthropic", model: "m" }`),
    /needs a key: set ANTHROPIC_API_KEY/,
  );
  assert.match(
    await agent(`{ kind: "model", provider: "openai-compatible", model: "m" }`),
    /set OPENAI_BASE_URL, or OPENAI_API_KEY/,
  );
  assert.match(await agent(`{ kind: "model", provider: "anthropic" }`), /^agent\.model must be the name of a model/);
  assert.match(await agent(`{ kind: "model", provider: "anthropic", modle: "m" }`), /did you mean "model"\?/);
  assert.match(await agent(`"parrot"`), /^agent \(parlor\.config\.ts\) must be "echo", an object with kind/);
});

test("an agent written in code is taken as it is, and shown by its name", async (t) => {
  const loaded = await load(t, {
    env: { PARLOR_MODEL: "m" },
    files: {
      "parlor.config.ts": `export default { agent: { name: "parrot", async *run() { yield { type: "finish", reason: "done" }; } } };`,
    },
  });
  const { agent } = loaded.config;
  assert.ok(agent.kind === "code" && agent.agent.name === "parrot" && typeof agent.agent.run === "function");
  assert.deepEqual(loaded.notes, ["PARLOR_MODEL is set but not used: the agent is written in code."]);
  assert.deepEqual(
    describeConfig(loaded).filter(({ key }) => key.startsWith("agent")),
    [
      { key: "agent.kind", value: "code", origin: "parlor.config.ts" },
      { key: "agent.name", value: "parrot", origin: "parlor.config.ts" },
    ],
  );
});

const program = (more: string): Record<string, string> => ({
  "parlor.config.ts": `export default { agent: { kind: "command", command: ["python3", "agent.py"], ${more} } };`,
});

test("a program is handed PATH, HOME, LANG and what is declared, and nothing else", async (t) => {
  const loaded = await load(t, {
    env: { PATH: "/bin", SECRET: "sesame", API_KEY: "sesame", PARLOR_TOKEN: "0123456789abcdef" },
    files: { ...program(`env: ["API_KEY", "FROM_FILE", "PATH"]`), ".env": "FROM_FILE=sesame\nAPI_KEY=other\n" },
  });
  const { agent } = loaded.config;
  assert.ok(agent.kind === "command");
  assert.deepEqual(agent.command, ["python3", "agent.py"]);
  assert.deepEqual(
    Object.entries(agent.env).map(([name, value]) => [name, value.reveal()]),
    [
      ["PATH", "/bin"],
      ["HOME", "/home/ada"],
      ["API_KEY", "sesame"],
      ["FROM_FILE", "sesame"],
    ],
  );
  const shown = describeConfig(loaded).filter(({ key }) => key.startsWith("agent.env."));
  assert.deepEqual(shown.at(2), { key: "agent.env.API_KEY", value: "set", origin: "environment" });
  assert.deepEqual(shown.at(3), { key: "agent.env.FROM_FILE", value: "set", origin: ".env" });
  assert.deepEqual(loaded.notes, []);
});

test("a program starts in the working directory, or in a folder relative to it", async (t) => {
  for (const [more, end] of [
    ["", /parlor-config-\w+$/],
    [`cwd: "bot"`, /parlor-config-\w+\/bot$/],
    [`cwd: "/srv/bot"`, /^\/srv\/bot$/],
  ] as const) {
    const { agent } = (await load(t, { files: program(more) })).config;
    assert.ok(agent.kind === "command");
    assert.match(agent.cwd, end);
    assert.deepEqual([agent.idleTimeoutMs, agent.totalTimeoutMs], [60_000, null]);
  }
});

test("what a program is missing is noted, and what does nothing for it too", async (t) => {
  const { notes } = await load(t, { env: { PARLOR_MODEL: "m" }, files: program(`env: ["API_KEY"]`) });
  assert.deepEqual(notes, [
    "PARLOR_MODEL is set but not used: the agent is a command.",
    "agent.env (parlor.config.ts) names API_KEY, which is not set.",
  ]);
});

test("what is wrong with a program is said", async (t) => {
  for (const [agent, said] of [
    [`command: "python3 agent.py"`, /^agent\.command \(.*\) must be a list of a program and its parameters.*found "/],
    [`command: []`, /^agent\.command\.0 \(.*\) must be the name or path of a program; found nothing\.$/],
    [`command: [" "]`, /must be the name or path of a program; found " "/],
    [`command: ["a", 1]`, /must be text without a NUL character; found 1/],
    [`command: ["a"], env: ["A=b"]`, /must be the name of a variable; found "A=b"/],
    [`command: ["a"], env: { A: "b" }`, /must be a list of names of variables; found/],
    [`command: ["a"], totalTimeoutMs: 0`, /must be a whole number from 1 to/],
    [`command: ["a"], comand: 1`, /did you mean "command"\?/],
  ] as const) {
    const files = { "parlor.config.ts": `export default { agent: { kind: "command", ${agent} } };` };
    assert.match(await refusal(t, { files }), said);
  }
});
