import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { Agent } from "../../src/agent/agent.ts";
import type { AgentConfig, Config } from "../../src/config/config.ts";
import { errorMessage } from "../../src/core/errors.ts";
import { createSource } from "../../src/core/source.ts";
import { type AgentsDeps, createAgents } from "../../src/gateway/agents.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { createFakeAgent } from "../../src/testing/fake-agent.ts";
import { all, clientOf } from "../http/openai-client.ts";
import { call, configOf, createSilentGateway, scratchFolder, startGateway } from "./gateway-setup.ts";

const written = (agent: Agent): AgentConfig => ({ kind: "code", agent });

/** An agent that says its name, and counts how often it was closed. */
function named(name: string): Agent & { closed: number } {
  const agent = {
    ...createFakeAgent({ name, script: () => [`I am ${name}.`] }),
    closed: 0,
    close: () => {
      agent.closed += 1;
      return Promise.resolve();
    },
  };
  return agent;
}

const deps: AgentsDeps = {
  create: (given) => (given.kind === "code" ? given.agent : named("echo")),
  clock: systemClock,
  onFault: assert.ifError,
};

/** A gateway with a default agent and two more: `sage` for one chat of the API, `seer` for nobody. */
async function serve(
  routes: Config["routes"] = [{ platform: "api", chat: "lobby", agent: "sage" }],
  given: Partial<Config> = {},
) {
  const [first, sage, seer] = [named("first"), named("llama"), named("llama")];
  const config = await configOf(scratchFolder(), { ...given, answers: first });
  const gateway = await startGateway({ ...config, agents: { sage: written(sage), seer: written(seer) }, routes });
  return { gateway, first, sage, seer, [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() };
}

async function reply(url: string, chat: string, from: string): Promise<unknown> {
  const { body } = await call(`${url}/api/chats/${chat}/messages?wait=30`, "POST", { from, text: "hello" });
  return body["reply"];
}

describe("several agents", () => {
  test("answer whom the routes say, side by side", async () => {
    await using rig = await serve([
      { platform: "api", chat: "lobby", agent: "sage" },
      { platform: "api", user: "eve", agent: "seer" },
    ]);
    const { url } = rig.gateway;
    const replies = await Promise.all([
      reply(url, "lobby", "ada"),
      reply(url, "own", "ada"),
      reply(url, "hers", "eve"),
    ]);
    assert.deepEqual(replies, ["I am llama.", "I am first.", "I am llama."]);
  });

  test("stay with a session that somebody else has opened, and answer the next one", async () => {
    const scope = { group: "shared", thread: "shared" } as const;
    await using rig = await serve([{ platform: "api", user: "eve", agent: "sage" }], { scope });
    const { url } = rig.gateway;
    assert.equal(await reply(url, "lobby", "ada"), "I am first.");
    assert.equal(await reply(url, "lobby", "eve"), "I am first.");
    await call(`${url}/api/chats/lobby/messages`, "POST", { from: "eve", text: "/new" });
    assert.equal(await reply(url, "lobby", "eve"), "I am llama.");
    assert.equal(await reply(url, "lobby", "ada"), "I am llama.");
  });

  test("are models of OpenAI's API by the names of the configuration", async () => {
    await using rig = await serve();
    const client = clientOf(rig.gateway.url);
    const names = (await all(client.models.list())).map(({ id }) => id);
    assert.deepEqual(names, ["first", "sage", "seer"]);
    for (const [model, said] of [
      ["parlor", "first"],
      ["first", "first"],
      ["seer", "llama"],
    ] as const) {
      const completion = await client.chat.completions.create({ model, messages: [{ role: "user", content: "hi" }] });
      assert.equal(completion.choices[0]?.message.content, `I am ${said}.`);
    }
  });

  test("are not chosen by a call to a session, which may only name the one that answers there", async () => {
    await using rig = await serve();
    const client = clientOf(rig.gateway.url);
    for (const model of ["parlor", "sage"]) {
      const response = await client.responses.create({ model, conversation: "lobby", input: "hi" });
      assert.deepEqual([response.model, response.output_text], ["sage", "I am llama."]);
    }
    for (const ask of [
      () => client.responses.create({ model: "first", conversation: "lobby", input: "hi" }),
      () =>
        client.chat.completions.create(
          { model: "seer", messages: [{ role: "user", content: "x" }] },
          {
            headers: { "X-Session-Id": "lobby" },
          },
        ),
    ]) {
      await assert.rejects(ask, { status: 400, code: "invalid_value", message: /answered by "sage".*or "parlor"/ });
    }
    const other = await client.responses.create({ model: "first", conversation: "own", input: "hi" });
    assert.equal(other.output_text, "I am first.");
  });

  test("are each closed once when the gateway stops, whatever another one throws", async () => {
    const [first, sage] = [named("first"), named("llama")];
    const config = await configOf(scratchFolder(), { answers: first });
    const bad: Agent = { ...named("bad"), close: () => Promise.reject(new Error("no")) };
    const agents = { bad: written(bad), sage: written(sage), again: written(sage) };
    const gateway = await startGateway({ ...config, agents });
    await gateway.stop();
    await gateway.stop();
    assert.deepEqual([first.closed, sage.closed], [1, 1]);
  });

  test("are closed when the gateway cannot start", async () => {
    await using taken = await serve();
    const first = named("first");
    const config = await configOf(scratchFolder(), { answers: first });
    const port = Number(new URL(taken.gateway.url).port);
    await assert.rejects(startGateway({ ...config, server: { ...config.server, port } }), { code: "START_FAILED" });
    assert.equal(first.closed, 1);
  });

  test("are closed when the store cannot be opened, and by a gateway that was never started", async () => {
    const file = join(scratchFolder(), "file");
    writeFileSync(file, "");
    const [first, second] = [named("first"), named("second")];
    await assert.rejects(startGateway(await configOf(scratchFolder(), { answers: first, dataDirectory: file })));
    await createSilentGateway(await configOf(scratchFolder(), { answers: second })).stop();
    assert.deepEqual([first.closed, second.closed], [1, 1]);
  });
});

test("an agent that does not close holds up the end of the others no longer than its time, and is told", async () => {
  const clock = createManualClock(0);
  const faults: unknown[] = [];
  const [first, hanging] = [named("first"), { ...named("x"), close: () => new Promise<void>(() => {}) }];
  const thrower: Agent = {
    ...named("y"),
    close: () => {
      throw new Error("no");
    },
  };
  const config = { agent: written(hanging), agents: { first: written(first), thrower: written(thrower) }, routes: [] };
  const agents = createAgents(config, { ...deps, clock, onFault: (error) => faults.push(error) });
  const closed = agents.close();
  assert.equal(first.closed, 1);
  // What is closed at once has been.
  await setImmediate();
  clock.advance(5_000);
  await closed;
  assert.deepEqual(faults.map(errorMessage), ["no", 'The agent "x" has not closed in 5 seconds and is left behind.']);
});

test("an agent may not have the name of the default one", () => {
  const config = { agent: written(named("llama")), agents: { llama: written(named("x")) }, routes: [] };
  assert.throws(() => createAgents(config, deps), {
    code: "INVALID_CONFIG",
    message: /^agents\.llama must have another name: the default agent is called "llama", too\.$/,
  });
});

test("an agent keeps its limit of the transcript under its other name", () => {
  const config = {
    agent: written(named("first")),
    agents: { brief: written({ ...named("x"), transcriptLimit: 3 }) },
    routes: [{ platform: "api", agent: "brief" }],
  };
  const agents = createAgents(config, deps);
  const { name, transcriptLimit } = agents.agentFor(createSource({ platform: "api", user: "ada" }));
  assert.deepEqual([name, transcriptLimit], ["brief", 3]);
});
