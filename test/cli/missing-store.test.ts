import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createPlace, parlor, parlorJson } from "./parlor.ts";

const ID = "ses_0123456789abcdefghjkmnpqrs";

/** Every command that needs a store. */
const COMMANDS: readonly (readonly string[])[] = [
  ["doctor"],
  ["sessions", "list"],
  ["sessions", "show", ID],
  ["sessions", "search", "word"],
  ["sessions", "title", ID, "Title"],
  ["sessions", "reset", ID],
  ["sessions", "delete", ID, "--yes"],
  ["sessions", "stats"],
  ["turns", "list"],
  ["turns", "show", "trn_none"],
  ["turns", "retry", "trn_none"],
  ["turns", "cancel", "trn_none"],
  ["deliveries", "list"],
  ["deliveries", "retry", "dlv_none"],
  ["deliveries", "drop", "dlv_none", "--yes"],
];

for (const command of COMMANDS) {
  test(`parlor ${command.slice(0, 2).join(" ")} without a store says where it looked and makes none`, async (t) => {
    const place = createPlace(t);
    const { code, stdout, stderr } = await parlor(place, command);
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.equal(stderr.split("\n").length, 2, stderr);
    assert.ok(stderr.includes(join(place.home, "parlor.db")), stderr);
    assert.deepEqual(readdirSync(place.folder), []);
  });
}

test("commands that look after the store need none of the gateway's secrets", async (t) => {
  const place = createPlace(t, {
    "parlor.config.js": `export default { server: { host: "0.0.0.0" }, webhooks: { deploy: {} } };`,
  });
  const { stderr } = await parlor(place, ["doctor"], { OPENAI_API_KEY_FILE: "/nowhere", PARLOR_MODEL: "small" });
  assert.match(stderr, /^There is no Parlor database/);
  assert.match((await parlor(place, ["start"])).stderr, /PARLOR_TOKEN must be set/);
});

test("with --json it says so in a document", async (t) => {
  const place = createPlace(t);
  const { error } = await parlorJson<{ error: { code: string; message: string } }>(place, ["sessions", "list"]);
  assert.equal(error.code, "STORE_MISSING");
  assert.ok(error.message.includes(place.home));
});

test("parlor status names the agents that there are, also where a secret is missing here", async (t) => {
  const place = createPlace(t, {
    "parlor.config.ts": `export default {
      agents: { far: { kind: "http", url: "https://agents.example" } },
      routes: [{ platform: "slack", agent: "far" }],
    };`,
  });
  const { stdout } = await parlor(place, ["status", "--port", "0"]);
  assert.match(stdout, /^Agents +the default one, far \(1 route\)$/m);
});

test("parlor status without a store and a gateway says both, and makes nothing", async (t) => {
  const place = createPlace(t);
  const { code, stdout, stderr } = await parlor(place, ["status", "--port", "0"]);
  assert.deepEqual({ code, stderr }, { code: 2, stderr: "" });
  assert.match(stdout, /^Gateway +not running: /m);
  assert.match(stdout, /^Data +none yet at .*parlor\.db$/m);
  assert.equal(existsSync(place.home), false);
});

test("parlor config show and version make nothing", async (t) => {
  const place = createPlace(t);
  for (const command of [["config", "show"], ["version"]]) assert.equal((await parlor(place, command)).code, 0);
  assert.deepEqual(readdirSync(place.folder), []);
});
