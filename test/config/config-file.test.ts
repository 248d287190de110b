import assert from "node:assert/strict";
import { test } from "node:test";
import type { ParlorConfig } from "../../src/config/parlor-config.ts";
import { defineConfig } from "../../src/config/parlor-config.ts";
import { settingsSchema } from "../../src/config/schema.ts";
import { createFolder, load, refusal } from "./loading.ts";
import { loadConfig } from "../../src/config/load-config.ts";

const EMPTY = "export default {};";

test("`parlor` is the running package in a folder without node_modules, whatever the folder says of its modules", async (t) => {
  const { config } = await load(t, {
    files: {
      "parlor.config.ts": `
        import { defineConfig, type Session } from "parlor";
        import { openSqliteStore } from "parlor/sqlite";
        const title = (session: Session): string | null => session.title;
        export default defineConfig({
          server: { port: 1 },
          agent: { name: [defineConfig, openSqliteStore, title].map((it) => typeof it).join(), async *run() {} },
        });`,
      "package.json": `{ "type": "commonjs" }`,
    },
  });
  assert.equal(config.server.port, 1);
  assert.ok(config.agent.kind === "code");
  assert.equal(config.agent.agent.name, "function,function,function");
});

test("JavaScript will do, and another place can be named", async (t) => {
  const js = await load(t, { files: { "parlor.config.js": `export default { server: { port: 2 } };` } });
  assert.equal(js.config.server.port, 2);
  assert.equal(js.origins["server.port"], "parlor.config.js");
  const files = { "other.ts": `export default { server: { port: 3 } };`, "parlor.config.ts": EMPTY };
  const named = await load(t, { files, overrides: { configFile: "other.ts" } });
  assert.equal(named.config.server.port, 3);
  assert.equal((await load(t, { files, env: { PARLOR_CONFIG: "other.ts" } })).origins["server.port"], "other.ts");
});

test("a named file that is missing and two files at once are refused", async (t) => {
  assert.match(
    await refusal(t, { env: { PARLOR_CONFIG: "gone.ts" } }),
    /must exist; there is none at .*gone\.ts\. Check --config/,
  );
  const both = await refusal(t, { files: { "parlor.config.ts": EMPTY, "parlor.config.mjs": EMPTY } });
  assert.match(both, /found parlor\.config\.ts and parlor\.config\.mjs/);
});

test("a file that cannot be run is answered in one line with file and line number", async (t) => {
  const cases = [
    ["parlor.config.ts", "export default {\n  server: {\n};\n", /parlor\.config\.ts:\d+ cannot be used: SyntaxError: /],
    ["parlor.config.mjs", "\n\nexport default ];\n", /parlor\.config\.mjs:3 cannot be used: SyntaxError: /],
    [
      "parlor.config.ts",
      "const a = 1;\nenum Colour { Red }\n",
      /parlor\.config\.ts:2 cannot be used: SyntaxError: TypeScript enum/,
    ],
    [
      "parlor.config.ts",
      "\n\nnowhere();\n",
      /parlor\.config\.ts:3 cannot be used: ReferenceError: nowhere is not defined\. /,
    ],
    ["parlor.config.ts", "throw 'fit';", /parlor\.config\.ts cannot be used: fit\. Correct the file\.$/],
    ["parlor.config.ts", "import './gone.ts';", /parlor\.config\.ts cannot be used: Cannot find module/],
    ["parlor.config.ts", "export const config = {};", /must end in "export default defineConfig\(\{ … \}\)"/],
  ] as const;
  for (const [name, text, expected] of cases) {
    const message = await refusal(t, { files: { [name]: text } });
    assert.match(message, expected);
    assert.ok(!message.includes("\n"));
  }
});

test("an unknown key is answered with the one that was meant, however deep", async (t) => {
  const message = await refusal(t, {
    files: {
      "parlor.config.ts": `export default { serevr: {}, turn: { backoff: { fristMs: 1 } }, hooks: { "sesion:start"() {} }, zebra: 1 };`,
    },
  });
  assert.match(message, /- serevr \(parlor\.config\.ts\) is not a setting; did you mean "server"\?\n/);
  assert.match(message, /- turn\.backoff\.fristMs \(parlor\.config\.ts\) is not a setting; did you mean "firstMs"\?\n/);
  assert.match(
    message,
    /- hooks\.sesion:start \(parlor\.config\.ts\) is not a setting; did you mean "session:start"\?\n/,
  );
  assert.match(
    message,
    /- zebra \(parlor\.config\.ts\) is not a setting; here it can be one of server, dataDirectory, /,
  );
});

test("a secret in the file is refused and not shown", async (t) => {
  const message = await refusal(t, {
    files: {
      "parlor.config.ts": `export default { token: "sesame", webhooks: { shop: { secret: "sesame" } }, agent: { kind: "model", provider: "anthropic", model: "m", apiKey: "sesame" } };`,
    },
  });
  for (const [key, variable] of [
    ["token", "PARLOR_TOKEN"],
    ["webhooks.shop.secret", "PARLOR_WEBHOOK_<NAME>_SECRET"],
    ["agent.apiKey", "OPENAI_API_KEY or ANTHROPIC_API_KEY, or PARLOR_AGENT_<NAME>_API_KEY for one of agents,"],
  ]) {
    assert.ok(
      message.includes(`- ${key} (parlor.config.ts) may not be written in a file: secrets come only from`),
      message,
    );
    assert.ok(message.includes(`set ${variable} there`));
  }
  assert.doesNotMatch(message, /sesame/);
});

test("a value outside its limits is refused", async (t) => {
  const refused = [
    [`server: { port: 65536 }`, /server\.port .* from 0 to 65535; found 65536/],
    [`server: 5`, /server \(parlor\.config\.ts\) must be an object; found 5/],
    [`server: { allowedHosts: ["https://x"] }`, /allowedHosts\.0 .* a host name/],
    [`reset: { mode: "dayly" }`, /reset\.mode .* one of none, idle, daily, both; found "dayly"/],
    [`reset: { mode: "idle" }`, /reset\.idleMs .* a whole number, 0 or more; found nothing/],
    [`reset: { mode: "daily", at: "soon", timeZone: "Europe/Berlin" }`, /reset\.at must be a cron expression/],
    [
      `reset: { mode: "none", rules: [{ mode: "daily", at: "0 4 * * *", timeZone: "Mars" }] }`,
      /found "0 4 \* \* \*" and "Mars"/,
    ],
    [`busy: { mode: "drop" }`, /busy\.mode .* one of queue, collect, interrupt; found "drop"/],
    [`busy: { maxWaiting: 0 }`, /busy\.maxWaiting .* from 1 to 10000; found 0/],
    [`busy: { debounceMs: 600001 }`, /busy\.debounceMs .* from 0 to 600000; found 600001/],
    [`busy: { rules: [{ debounce: 5 }] }`, /busy\.rules\.0\.debounce .* did you mean "debounceMs"/],
    [`busy: { mode: "queue", debounceMs: 5 }`, /busy\.debounceMs must be 0 with mode "queue".*; found 5/],
    [`busy: { rules: [{ mode: "queue", debounceMs: 5 }] }`, /busy\.debounceMs must be 0 with mode "queue".*; found 5/],
    [`receiptRetentionMs: 1000`, /receiptRetentionMs .* 86400000 or more; found 1000/],
    [`webhooks: { Shop: {} }`, /webhooks\.Shop .* must have a name of lower-case letters/],
    [
      `webhooks: { shop: { replyUrl: "https://ada:sesame@x.org" } }`,
      /replyUrl .* without user name and password; found a text that may hold/,
    ],
    [`hooks: { "turn:end": true }`, /hooks\.turn:end .* must be a function; found true/],
  ] as const;
  for (const [text, expected] of refused) {
    assert.match(await refusal(t, { files: { "parlor.config.ts": `export default { ${text} };` } }), expected);
  }
});

test("a reset policy with exceptions becomes the rules of the store", async (t) => {
  const { config, origins } = await load(t, {
    files: {
      "parlor.config.ts": `export default { reset: { mode: "idle", idleMs: 5, rules: [{ platform: "slack", chatType: "dm", mode: "none" }] } };`,
    },
  });
  assert.deepEqual(config.reset, {
    default: { mode: "idle", idleMs: 5 },
    rules: [{ platform: "slack", chatType: "dm", policy: { mode: "none" } }],
  });
  assert.equal(origins["reset.idleMs"], "parlor.config.ts");
});

test("a busy policy with exceptions becomes the rules of the store, and what an exception leaves out is as elsewhere", async (t) => {
  const { config, origins } = await load(t, {
    files: {
      "parlor.config.ts": `export default { busy: { mode: "interrupt", debounceMs: 2000, rules: [
        { platform: "telegram", chatType: "group", maxWaiting: 20 },
        { chatType: "channel", mode: "queue" },
      ] } };`,
    },
  });
  assert.deepEqual(config.busy, {
    default: { mode: "interrupt", debounceMs: 2_000, maxWaiting: 100 },
    rules: [
      {
        platform: "telegram",
        chatType: "group",
        policy: { mode: "interrupt", debounceMs: 2_000, maxWaiting: 20 },
      },
      { chatType: "channel", policy: { mode: "queue", debounceMs: 0, maxWaiting: 100 } },
    ],
  });
  assert.deepEqual([origins["busy.mode"], origins["busy.maxWaiting"]], ["parlor.config.ts", "default"]);
});

test("turns of any age are run where the limit is 0", async (t) => {
  const { config } = await load(t, { files: { "parlor.config.ts": `export default { turn: { maxAgeMs: 0 } };` } });
  assert.equal(config.turn.maxAgeMs, 0);
});

test("what the types allow, the schema takes", () => {
  const everything: Required<ParlorConfig> = {
    server: {
      host: "localhost",
      port: 1,
      bodyLimitBytes: 4096,
      requestTimeoutMs: 1,
      drainMs: 0,
      allowedHosts: ["parlor.example.org", "[::1]"],
    },
    dataDirectory: "data",
    logLevel: "trace",
    agent: "echo",
    agents: { brief: { kind: "model", provider: "anthropic", model: "m" } },
    mcp: { files: { command: ["files-server"] }, web: { url: "https://mcp.example/" } },
    routes: [{ platform: "telegram", chatType: "dm", chat: "4242", user: "4242", agent: "brief" }],
    reset: {
      mode: "both",
      idleMs: 1,
      at: "0 4 * * *",
      timeZone: "Europe/Berlin",
      rules: [{ chatType: "group", mode: "none" }],
    },
    busy: {
      mode: "collect",
      debounceMs: 1,
      maxWaiting: 1,
      rules: [{ platform: "telegram", chatType: "dm", mode: "interrupt", debounceMs: 0, maxWaiting: 2 }],
    },
    scope: { group: "shared", thread: "person" },
    turn: {
      concurrency: 1,
      maxAttempts: 1,
      leaseMs: 1000,
      backoff: { firstMs: 0, maxMs: 0 },
      maxMessages: 1,
      maxAgeMs: 1,
    },
    telegram: { apiBaseUrl: "http://127.0.0.1:8081", streaming: false },
    access: { dm: "closed", allow: ["telegram:4242"], personPerMinute: 1, chatPerMinute: 1 },
    webhooks: { shop: { replyUrl: "https://example.org" } },
    hooks: { "session:start": (event) => assert.ok(event.epoch), "turn:end": async () => {} },
    receiptRetentionMs: 86_400_000,
    eventRetentionMs: 1,
  };
  assert.equal(defineConfig(everything), everything);
  assert.deepEqual(settingsSchema.parse(everything), everything);
});

test("a file is found in the given folder only", async (t) => {
  const { file } = await loadConfig({
    env: { HOME: "/home/ada" },
    cwd: createFolder(t, { "parlor.config.mjs": EMPTY }),
  });
  assert.match(file ?? "", /parlor\.config\.mjs$/);
});
