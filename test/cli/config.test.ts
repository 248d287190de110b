import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { createPlace, parlor, parlorJson } from "./parlor.ts";

interface Shown {
  readonly file: string | null;
  readonly values: readonly { readonly key: string; readonly value: unknown; readonly origin: string }[];
}

test("config show has every value and where it came from", async (t) => {
  const place = createPlace(t, {
    ".env": "LOG_LEVEL=warn\n",
    "parlor.config.ts": "export default { turn: { maxAttempts: 3 } };\n",
  });
  const { file, values } = await parlorJson<Shown>(place, ["config", "show", "--port", "9000"], { HOST: "localhost" });
  assert.equal(file, join(place.folder, "parlor.config.ts"));
  const origins = new Map(values.map(({ key, value, origin }) => [key, [value, origin]]));
  assert.deepEqual(origins.get("server.host"), ["localhost", "environment"]);
  assert.deepEqual(origins.get("server.port"), [9000, "command line"]);
  assert.deepEqual(origins.get("logLevel"), ["warn", ".env"]);
  assert.deepEqual(origins.get("turn.maxAttempts"), [3, "parlor.config.ts"]);
  assert.deepEqual(origins.get("turn.leaseMs")?.[1], "default");
});

test("no command prints a secret", async (t) => {
  const place = createPlace(t);
  const secrets = {
    PARLOR_TOKEN: "tok-0123456789abcdef",
    OPENAI_API_KEY: "sk-0123456789abcdef",
    PARLOR_WEBHOOK_CRM_SECRET: Buffer.from("a secret of thirty-two bytes …!!").toString("base64"),
  };
  const env = { ...secrets, PARLOR_MODEL: "some-model", OPENAI_BASE_URL: "http://127.0.0.1:1/v1", LOG_LEVEL: "trace" };
  const shown = await parlor(place, ["config", "show"], env);
  assert.match(shown.stdout, /^token +environment +set$/m);
  assert.match(shown.stdout, /^agent\.apiKey +environment +set$/m);
  assert.match(shown.stdout, /^webhooks\.crm\.secret +environment +set$/m);
  const runs = [
    shown,
    await parlor(place, ["config", "show", "--json"], env),
    await parlor(place, ["status", "--port", "0"], env),
    await parlor(place, ["start", "--port", "x"], env),
  ];
  for (const { stdout, stderr } of runs) {
    for (const secret of Object.values(secrets)) assert.ok(!(stdout + stderr).includes(secret), stdout + stderr);
  }
});

test("of an address no more is shown than where it is", async (t) => {
  const place = createPlace(t, {
    "parlor.config.ts": `export default {
      agent: { kind: "http", url: "https://agents.example/bot?key=sesame-1" },
      mcp: { maps: { url: "https://mcp.example/mcp?token=sesame-2#sesame-3" }, plain: { url: "https://mcp.example/x" } },
      webhooks: { crm: { replyUrl: "https://crm.example/hook?sig=sesame-4" } },
    };`,
  });
  const secret = Buffer.from("a secret of thirty-two bytes …!!").toString("base64");
  const env = { PARLOR_AGENT_SECRET: secret, PARLOR_WEBHOOK_CRM_SECRET: secret };
  const shown = await parlor(place, ["config", "show"], env);
  assert.match(shown.stdout, /^agent\.url +parlor\.config\.ts +https:\/\/agents\.example\/bot\?…$/m);
  assert.match(shown.stdout, /^mcp\.maps\.url +parlor\.config\.ts +https:\/\/mcp\.example\/mcp\?…$/m);
  assert.match(shown.stdout, /^mcp\.plain\.url +parlor\.config\.ts +https:\/\/mcp\.example\/x$/m);
  assert.match(shown.stdout, /^webhooks\.crm\.replyUrl .* https:\/\/crm\.example\/hook\?…$/m);
  const json = await parlor(place, ["config", "show", "--json"], env);
  const wrong = createPlace(t, {
    "parlor.config.ts": `export default { mcp: { a: { url: "htps://mcp.example/?token=sesame-5" }, b: { url: "https://me:sesame-6@b.example" } } };`,
  });
  const refused = await parlor(wrong, ["config", "show"]);
  assert.match(refused.stderr, /mcp\.a\.url .*\n.*mcp\.b\.url /);
  for (const { stdout, stderr } of [shown, json, refused]) assert.doesNotMatch(stdout + stderr, /sesame/);
});

test("a configuration that cannot hold is refused with all that is wrong", async (t) => {
  const place = createPlace(t);
  const { code, stderr } = await parlor(place, ["config", "show"], { PORT: "x", HOST: "0.0.0.0" });
  assert.equal(code, 1);
  assert.match(stderr, /PORT \(environment\)/);
  assert.match(stderr, /PARLOR_TOKEN/);
  assert.doesNotMatch(stderr, /\n +at /);
});
