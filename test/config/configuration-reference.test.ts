import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { z } from "zod";
import { configValues } from "../../src/config/config-values.ts";
import {
  acpAgentSchema,
  commandAgentSchema,
  echoAgentSchema,
  httpAgentSchema,
  mcpServerSchema,
  modelAgentSchema,
} from "../../src/config/agent-schemas.ts";
import { settingsSchema } from "../../src/config/schema.ts";
import { VARIABLES } from "../../src/config/variables.ts";
import { load } from "./loading.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/reference/configuration.md"), "utf8");

/** The rows of the table under a heading, by the text in their first column. */
function rows(head: string): Map<string, readonly string[]> {
  const start = page.search(new RegExp(`^\\| ${head} +\\|`, "m"));
  assert.notEqual(start, -1, `there is a table that starts with ${head}`);
  const lines = page.slice(start).split("\n\n")[0]?.split("\n").slice(2) ?? [];
  const cells = lines.map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  return new Map(cells.map(([first = "", ...rest]) => [first.replaceAll("`", ""), rest]));
}

interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly innerType?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly options?: readonly z.ZodType[];
}

/** Every key that a schema knows. A value that is itself documented as a key, such as a list, stands before its parts. */
function keysOf(schema: z.ZodType, key = ""): string[] {
  const { type, shape, innerType, valueType, element, options } = schema.def as unknown as Definition;
  const dot = key === "" ? "" : `${key}.`;
  if (innerType !== undefined) return keysOf(innerType, key);
  if (type === "object") return Object.entries(shape ?? {}).flatMap(([name, inner]) => keysOf(inner, `${dot}${name}`));
  if (type === "union") return (options ?? []).flatMap((option) => keysOf(option, key));
  if (type === "record" && valueType !== undefined) return [`${key}.<name>`, ...keysOf(valueType, `${key}.<name>`)];
  const parts = type === "array" && element !== undefined ? keysOf(element, `${key}[]`) : [];
  return [key, ...parts.filter((part) => part !== `${key}[]`)];
}

test("every setting is documented, and nothing else", () => {
  const known = new Set([
    ...keysOf(settingsSchema),
    ...keysOf(echoAgentSchema, "agent"),
    ...keysOf(modelAgentSchema, "agent"),
    ...keysOf(commandAgentSchema, "agent"),
    ...keysOf(acpAgentSchema, "agent"),
    ...keysOf(httpAgentSchema, "agent"),
    ...keysOf(mcpServerSchema, "mcp.<name>"),
  ]);
  assert.ok(known.has("turn.backoff.firstMs") && known.has("reset.rules[].chatType"), "the schema was read");
  assert.deepEqual([...rows("key").keys()].toSorted(), [...known].toSorted());
});

test("the configuration is shown in the order of the reference", async (t) => {
  const { config } = await load(t, {
    env: { PARLOR_WEBHOOK_SHOP_SECRET: Buffer.alloc(32).toString("base64"), TELEGRAM_BOT_TOKEN: "1:a" },
    files: {
      "parlor.config.ts": `export default { agents: { slow: "echo" }, mcp: { dice: { command: ["dice"] } },
        hooks: { "turn:end": () => {} } };`,
    },
  });
  const first = (keys: Iterable<string>): string[] => [...new Set([...keys].map((key) => key.split(/[.[]/)[0] ?? ""))];
  const shown = first(configValues(config).map(({ key }) => key)).filter((key) => key !== "token");
  assert.deepEqual(shown, first(rows("key").keys()));
});

test("the documented defaults are the ones that hold", async (t) => {
  const values = configValues((await load(t)).config);
  const documented = rows("key");
  let compared = 0;
  for (const { key, value } of values) {
    const [cell = ""] = documented.get(key) ?? [];
    if (["agent.kind", "token", "telegram", "dataDirectory"].includes(key)) continue;
    assert.equal(cell, `\`${JSON.stringify(value)}\``, key);
    compared += 1;
  }
  assert.ok(compared > 15);
  const bot = await load(t, { env: { TELEGRAM_BOT_TOKEN: "4242:AAsecret" } });
  const api = configValues(bot.config).find(({ key }) => key === "telegram.apiBaseUrl");
  assert.equal(documented.get("telegram.apiBaseUrl")?.[0], `\`${JSON.stringify(api?.value)}\``);
  const model = await load(t, { env: { PARLOR_MODEL: "m", OPENAI_API_KEY: "k" } });
  const file = `export default { agent: { kind: "command", command: ["true"] } };`;
  const command = await load(t, { files: { "parlor.config.ts": file } });
  for (const { config } of [model, command]) {
    const idle = configValues(config).find(({ key }) => key === "agent.idleTimeoutMs");
    assert.equal(documented.get("agent.idleTimeoutMs")?.[0], `\`${String(idle?.value)}\``);
  }
  const http = await load(t, {
    env: { PARLOR_AGENT_SECRET: Buffer.alloc(24, 7).toString("base64") },
    files: { "parlor.config.ts": `export default { agent: { kind: "http", url: "https://agents.example/" } };` },
  });
  for (const key of ["agent.allowPrivate", "agent.idleTimeoutMs", "agent.totalTimeoutMs"]) {
    const { value } = configValues(http.config).find((each) => each.key === key) ?? {};
    assert.equal(documented.get(key)?.[0], `\`${String(value)}\``, key);
  }
});

test("every variable is documented with the setting it sets and whether it is secret, and nothing else", () => {
  const documented = rows("variable");
  const webhook = { name: "PARLOR_WEBHOOK_<NAME>_SECRET", key: "webhooks.<name>.secret", secret: true };
  const agents = [
    { name: "PARLOR_AGENT_<NAME>_API_KEY", key: "agents.<name>.apiKey", secret: true },
    { name: "PARLOR_AGENT_<NAME>_SECRET", key: "agents.<name>.secret", secret: true },
  ];
  const mcp = { name: "PARLOR_MCP_<NAME>_TOKEN", key: "mcp.<name>.token", secret: true };
  const known = [...VARIABLES, webhook, mcp, ...agents];
  assert.deepEqual([...documented.keys()].toSorted(), known.map(({ name }) => name).toSorted());
  for (const { name, key, secret } of known) {
    const [sets, meaning = ""] = documented.get(name) ?? [];
    assert.equal(sets, key === null ? "" : `\`${key}\``, name);
    assert.equal(meaning.endsWith("Secret."), secret, name);
  }
});

test("the example is a configuration that loads", async (t) => {
  const example = /```ts\n(.*?)```/s.exec(page)?.[1] ?? "";
  assert.match(example, /defineConfig/);
  const own = new URL("../../src/config/parlor-config.ts", import.meta.url).href;
  const { config } = await load(t, { files: { "parlor.config.ts": example.replace('"parlor"', JSON.stringify(own)) } });
  assert.equal(config.server.port, 9000);
  assert.equal(config.reset.default.mode, "daily");
  assert.equal(typeof config.hooks["session:start"], "function");
});
