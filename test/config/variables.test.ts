import assert from "node:assert/strict";
import { test } from "node:test";
import { describeConfig } from "../../src/config/config-values.ts";
import { load, refusal } from "./loading.ts";

const TOKEN = "a-token-of-16-characters-or-more";
const WEBHOOK_SECRET = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;

test("a secret can come from a file, whose ends are trimmed", async (t) => {
  const { config, origins } = await load(t, { env: { PARLOR_TOKEN_FILE: "token" }, files: { token: ` ${TOKEN}\n` } });
  assert.equal(config.token?.reveal(), TOKEN);
  assert.equal(origins["token"], "file PARLOR_TOKEN_FILE");
});

test("a secret file that is missing, empty or a folder is one problem that names it", async (t) => {
  const cases = [
    ["nowhere", /^PARLOR_TOKEN_FILE \(environment\) must name a file that can be read; found ENOENT.*nowhere/],
    ["empty", /^PARLOR_TOKEN_FILE \(environment\) must name a file that holds the secret; .*empty is empty\.$/],
    [".", /^PARLOR_TOKEN_FILE \(environment\) must name a file that can be read; found EISDIR/],
  ] as const;
  for (const [path, expected] of cases) {
    assert.match(await refusal(t, { env: { PARLOR_TOKEN_FILE: path }, files: { empty: "\n" } }), expected);
  }
});

test("a secret given both ways is refused", async (t) => {
  const message = await refusal(t, {
    env: { PARLOR_TOKEN: TOKEN },
    files: { ".env": "PARLOR_TOKEN_FILE=token\n", token: TOKEN },
  });
  assert.equal(message, "PARLOR_TOKEN (environment) and PARLOR_TOKEN_FILE (.env) are both set; keep one of them.");
});

test("a token that is too short or has a space is refused without being shown", async (t) => {
  for (const token of ["fifteen-letters", "sixteen letters and"]) {
    const message = await refusal(t, { env: { PARLOR_TOKEN: token } });
    assert.match(message, /^PARLOR_TOKEN \(environment\) must have 16 or more visible ASCII characters/);
    assert.ok(!message.includes(token));
  }
});

test("a variable makes a webhook of its name", async (t) => {
  const { config, origins } = await load(t, {
    env: { PARLOR_WEBHOOK_SHOP_SECRET: WEBHOOK_SECRET, PARLOR_WEBHOOK_FRONT_DOOR_SECRET_FILE: "door" },
    files: { door: Buffer.alloc(32, 1).toString("base64") },
  });
  assert.deepEqual(Object.keys(config.webhooks).toSorted(), ["front-door", "shop"]);
  assert.equal(config.webhooks["shop"]?.secret.reveal(), WEBHOOK_SECRET);
  assert.equal(config.webhooks["shop"]?.replyUrl, null);
  assert.equal(origins["webhooks.shop.secret"], "environment");
  assert.equal(origins["webhooks.front-door.secret"], "file PARLOR_WEBHOOK_FRONT_DOOR_SECRET_FILE");
});

test("a webhook of the file needs its secret, and keeps its reply address", async (t) => {
  const files = {
    "parlor.config.ts": `export default { webhooks: { "my-shop": { replyUrl: "https://shop.example/in" } } };`,
  };
  assert.match(
    await refusal(t, { files }),
    /^webhooks\.my-shop \(parlor\.config\.ts\) needs a secret; set PARLOR_WEBHOOK_MY_SHOP_SECRET /,
  );
  const { config, origins } = await load(t, { files, env: { PARLOR_WEBHOOK_MY_SHOP_SECRET: WEBHOOK_SECRET } });
  assert.equal(config.webhooks["my-shop"]?.replyUrl, "https://shop.example/in");
  assert.equal(origins["webhooks.my-shop.replyUrl"], "parlor.config.ts");
});

test("a webhook secret that is weak, not base64, misnamed or for the built-in demo is refused", async (t) => {
  const cases = [
    { PARLOR_WEBHOOK_SHOP_SECRET: "whsec_c2hvcnQ=" },
    { PARLOR_WEBHOOK_SHOP_SECRET: "this is no base64, however long it may be" },
    { PARLOR_WEBHOOK_shop_SECRET: WEBHOOK_SECRET },
    { PARLOR_WEBHOOK_DEMO_SECRET: WEBHOOK_SECRET },
  ];
  const expected = [
    /must be base64 of 24 bytes/,
    /must be base64 of 24 bytes/,
    /must have the form/,
    /choose another name/,
  ];
  for (const [index, env] of cases.entries()) {
    const message = await refusal(t, { env });
    assert.match(message, expected[index] ?? /^$/);
    for (const value of Object.values(env)) assert.ok(!message.includes(value));
  }
});

test("a shown configuration says that a secret is set, and nothing of it", async (t) => {
  const loaded = await load(t, {
    env: {
      PARLOR_TOKEN: TOKEN,
      PARLOR_WEBHOOK_SHOP_SECRET: WEBHOOK_SECRET,
      PARLOR_MODEL: "m",
      OPENAI_API_KEY: "sk-sesame",
    },
  });
  const shown = describeConfig(loaded);
  for (const key of ["token", "agent.apiKey", "webhooks.shop.secret"]) {
    assert.deepEqual(
      shown.find((value) => value.key === key),
      { key, value: "set", origin: "environment" },
    );
  }
  for (const text of [JSON.stringify(shown), JSON.stringify(loaded)]) {
    for (const secret of [TOKEN, WEBHOOK_SECRET, "sk-sesame"]) assert.ok(!text.includes(secret));
  }
});
