import assert from "node:assert/strict";
import { test } from "node:test";
import { load, refusal } from "./loading.ts";

test("who may speak comes from the file, and the variables win value by value", async (t) => {
  const files = {
    "parlor.config.ts": `export default { access: { dm: "closed", allow: ["telegram:1", "slack:T1:U2"], chatPerMinute: 9 } };`,
  };
  const { config } = await load(t, { files });
  assert.deepEqual(config.access, {
    dm: "closed",
    allow: ["telegram:1", "slack:T1:U2"],
    personPerMinute: 20,
    chatPerMinute: 9,
  });
  const loaded = await load(t, { files, env: { PARLOR_DM: "open", PARLOR_ALLOW: " telegram:4242, telegram:-1001,," } });
  assert.deepEqual(loaded.config.access.allow, ["telegram:4242", "telegram:-1001"]);
  assert.equal(loaded.config.access.dm, "open");
  assert.equal(loaded.origins["access.allow"], "environment");
  assert.equal(loaded.origins["access.chatPerMinute"], "parlor.config.ts");
});

test("an entry that is not platform:id is refused, and so is a name on Telegram", async (t) => {
  for (const entry of [
    "4242",
    "telegram:",
    ":4242",
    "Telegram:4242",
    "telegram:ada",
    "telegram:@ada",
    "telegram:007",
    "slack: U1",
  ]) {
    const text = `export default { access: { allow: ["telegram:1", ${JSON.stringify(entry)}] } };`;
    const message = await refusal(t, { files: { "parlor.config.ts": text } });
    assert.match(message, /^access\.allow\.1 \(parlor\.config\.ts\) must be platform:id, such as telegram:4242/, entry);
  }
  assert.match(
    await refusal(t, { env: { PARLOR_ALLOW: "telegram:1,telegram:@ada" } }),
    /^PARLOR_ALLOW \(environment\) must be platform:id, .*; found "telegram:@ada"\.$/,
  );
  assert.match(
    await refusal(t, { env: { PARLOR_DM: "closde" } }),
    /^PARLOR_DM \(environment\) must be one of pairing, closed, open; found "closde"\.$/,
  );
});
