import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, test } from "node:test";
import { loadConfig } from "../../src/config/load-config.ts";
import { createAgent } from "../../src/gateway/create-agent.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { agentTurn, partsOf, textOf } from "../agent/agent-turn.ts";
import { createFolder } from "../config/loading.ts";

const LOG = createLog({ level: "silent" });

const ROOT = join(import.meta.dirname, "../..");
const SECRET = Buffer.alloc(32, 7).toString("base64");
const page = readFileSync(join(ROOT, "docs/guide/http-agent.md"), "utf8");

function block(language: string): string {
  return new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(page)?.[1] ?? assert.fail(`no ${language} in the guide`);
}

/** The agent of the guide, on a port that the system gives. */
async function openGuideAgent(): Promise<AsyncDisposable & { readonly port: string }> {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", block("js")], {
    cwd: ROOT,
    env: { PARLOR_AGENT_SECRET: SECRET, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const [line] = (await Promise.race([
    once(createInterface(child.stdout), "line"),
    exited.then(() => assert.fail("the agent of the guide ended")),
  ])) as [string];
  return {
    port: /port (\d+)/.exec(line)?.[1] ?? assert.fail(line),
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await exited;
    },
  };
}

describe("docs/guide/http-agent.md", () => {
  test("shows an agent that answers what its configuration asks, and nobody else", async (t) => {
    await using guide = await openGuideAgent();
    const own = new URL("../../src/config/parlor-config.ts", import.meta.url).href;
    const text = block("ts").replace('"parlor"', JSON.stringify(own)).replace(":9000", `:${guide.port}`);
    const cwd = createFolder(t, { "parlor.config.ts": text });
    const agentWith = async (secret: string): Promise<ReturnType<typeof createAgent>> =>
      createAgent((await loadConfig({ env: { PARLOR_AGENT_SECRET: secret }, cwd })).config.agent, LOG);

    const parts = await partsOf(await agentWith(SECRET), agentTurn("Good morning,", "ärger dich nicht 👋"));
    assert.equal(textOf(parts), "You said: Good morning, ärger dich nicht 👋 ");
    assert.ok(parts.filter(({ type }) => type === "text").length > 5, "it is streamed word by word");
    assert.deepEqual(parts.at(-1), { type: "finish", reason: "done" });

    const stranger = await agentWith(Buffer.alloc(32, 8).toString("base64"));
    await assert.rejects(partsOf(stranger, agentTurn("hello")), {
      message: `http://127.0.0.1:${guide.port} did not accept the question (401). Does it check signatures with the secret in PARLOR_AGENT_SECRET?`,
      retryable: false,
    });
  });
});
