import assert from "node:assert/strict";
import { test } from "node:test";
import { shellVariables } from "../../src/config/shell.ts";

test("every variable that a service would miss is named, those of webhooks, servers and agents too", () => {
  const missed = {
    OPENAI_API_KEY_FILE: "/run/key",
    PARLOR_AGENT_FAR_AWAY_API_KEY: "k",
    PARLOR_AGENT_FAR_AWAY_SECRET_FILE: "/run/secret",
    PARLOR_MCP_GITHUB_TOKEN: "t",
    PARLOR_MODEL: "m",
    PARLOR_WEBHOOK_SHOP_SECRET: "s",
  };
  const others = { HOME: "/root", PARLOR_MODEL_FILE: "x", PARLOR_MCP_TOKEN: "x", PARLOR_SYSTEM_PROMPT: "" };
  assert.deepEqual(shellVariables({ ...others, ...missed }), Object.keys(missed));
});
