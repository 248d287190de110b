import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { AgentConfig, Config } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { createSecret } from "../../src/config/secret.ts";
import { createGateway } from "../../src/gateway/gateway.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { openFakeOpenAI } from "../../src/testing/fake-openai.ts";
import { openFakeTelegram } from "../../src/testing/fake-telegram.ts";
import { sourceOf } from "../../src/testing/sources.ts";
import { PNG } from "../agent/file-server.ts";
import { isRunning } from "../agent/is-running.ts";
import { update } from "../platform/telegram-updates.ts";
import { configOf, scratchFolder, startGateway } from "./gateway-setup.ts";

const PROGRAM = join(import.meta.dirname, "../agent/mcp-program.ts");

/** A model as a configuration has it. */
async function modelAt(baseUrl: string, given: object = {}): Promise<Extract<AgentConfig, { kind: "model" }>> {
  const env = { HOME: "/", PARLOR_MODEL: "small", OPENAI_BASE_URL: baseUrl };
  const { agent } = (await loadConfig({ env, cwd: scratchFolder() })).config;
  assert.ok(agent.kind === "model");
  return { ...agent, ...given };
}

test("a photo from Telegram is shown to the model", async () => {
  await using api = await openFakeTelegram();
  await using model = await openFakeOpenAI({ answer: { steps: [{ text: "A dot." }] } });
  api.addFile("big-photo", PNG);
  const home = scratchFolder();
  const config: Config = {
    ...(await configOf(home)),
    telegram: { token: createSecret(api.token), apiBaseUrl: api.baseUrl, streaming: false },
    agent: await modelAt(model.baseUrl),
  };
  await using _gateway = await startGateway({ ...config, access: { ...config.access, dm: "open" } });
  const photo = [{ file_id: "big-photo", file_unique_id: "big-photo", width: 1, height: 1 }];
  api.push(update({ caption: "what is this?", photo }));
  await api.until(() => api.sent.length > 0);
  const asked = model.requests[0]?.body as { readonly messages: readonly { readonly content: unknown }[] } | undefined;
  assert.deepEqual(asked?.messages.at(-1)?.content, [
    { type: "text", text: 'what is this?\nAttachment: "photo" "telegram:file/big-photo" ("image/jpeg")' },
    { type: "image_url", image_url: { url: `data:image/png;base64,${PNG.toString("base64")}` } },
  ]);
});

test("an MCP server is started by the first turn and ends with the gateway; what it writes goes to the log at debug", async () => {
  await using model = await openFakeOpenAI();
  model.next({ steps: [{ toolCall: { name: "box_search", arguments: "{}" } }] }, { steps: [{ text: "Found." }] });
  const home = scratchFolder();
  const seen = join(home, "seen");
  writeFileSync(seen, "");
  const config: Config = {
    ...(await configOf(home)),
    mcp: { box: { command: [process.execPath, PROGRAM, seen], cwd: home, env: {} } },
    agent: await modelAt(model.baseUrl, { tools: ["box"] }),
  };
  const lines: string[] = [];
  const log = createLog({ level: "debug", destination: { write: (line) => void lines.push(line) } });
  const gateway = createGateway(config, { log });
  await gateway.start();
  assert.equal(readFileSync(seen, "utf8"), "");
  const source = sourceOf({ platform: "api", user: "ada" });
  await gateway.receive({ kind: "message", source, eventId: "1", text: "hello", fromBot: false, addressed: true });
  while (model.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  await gateway.stop();
  const [{ pid, child } = assert.fail("it was started")] = readFileSync(seen, "utf8")
    .split("\n")
    .slice(0, 1)
    .map((line) => JSON.parse(line) as { readonly pid: number; readonly child: number });
  assert.deepEqual([isRunning(String(pid)), isRunning(String(child))], [false, false]);
  const written = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.ok(
    written.some(({ level, server, line }) => level === "debug" && server === "box" && line === "toolbox: ready"),
  );
  assert.ok(!lines.join("").includes("Found nothing"), "what a tool says is in no line");
});
