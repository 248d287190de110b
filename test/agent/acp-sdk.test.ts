import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createAcpAgent } from "../../src/agent/acp.ts";
import type { Agent } from "../../src/agent/agent.ts";
import { createAgentFiles } from "../../src/agent/agent-files.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { createChat } from "./acp-setup.ts";
import { agentEntry } from "./agent-turn.ts";

const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");

function sdkAgent(t: TestContext): Agent {
  const agent = createAcpAgent({
    command: [process.execPath, join(import.meta.dirname, "sdk-acp-agent.ts")],
    cwd: tmpdir(),
    env: {},
    files: createAgentFiles({ clock: systemClock }),
  });
  t.after(() => agent.close?.());
  return agent;
}

test("an agent that checks all it is sent finds nothing wrong", async (t) => {
  const agent = sdkAgent(t);
  const chat = createChat();
  const ask = (): Promise<{ outcome: "chosen"; id: string }> => Promise.resolve({ outcome: "chosen", id: "yes" });
  assert.equal(await chat.say(agent, "one", { ask }), "one yes");
  assert.equal(await chat.say(agent, "two"), "two nobody");
  const attachments = [
    { url: `data:image/png;base64,${PNG.toString("base64")}`, mediaType: "image/png" },
    { url: "https://x.test/plan.pdf", name: "plan.pdf", mediaType: "application/pdf" },
  ];
  let said = "";
  for await (const part of chat.begin(agent, chat.turn(agentEntry({ seq: 9, text: "three", attachments })))) {
    if (part.type === "text") said += part.text;
  }
  assert.equal(said, "three<image><resource_link> nobody");
});

test("it stops when it is cancelled, and the next turn of the session goes on", async (t) => {
  const agent = sdkAgent(t);
  const chat = createChat();
  const controller = new AbortController();
  const parts = chat.begin(agent, chat.turn(chat.add("wait")), { signal: controller.signal });
  await parts.next();
  controller.abort(new Error("stop"));
  await assert.rejects(parts.next(), /stop/);
  assert.equal(await chat.say(agent, "one"), "one nobody");
});
