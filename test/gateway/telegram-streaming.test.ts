import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, it, type TestContext } from "node:test";
import type { Agent } from "../../src/agent/agent.ts";
import { createSecret } from "../../src/config/secret.ts";
import { openFakeTelegram, type FakeTelegram } from "../../src/testing/fake-telegram.ts";
import { commandUpdate, update } from "../platform/telegram-updates.ts";
import { createFastClock } from "./fast-clock.ts";
import { configOf, scratchFolder, startGateway } from "./gateway-setup.ts";

/** A second of the gateway takes so many parts of a real one. */
const SPEED = 20;

/** A gateway on Telegram whose agent says the first half, and the second when it may. */
async function setUp(t: TestContext, streaming: boolean) {
  const api = await openFakeTelegram();
  const second = Promise.withResolvers<void>();
  const agent: Agent = {
    name: "slow",
    async *run() {
      yield { type: "text", text: "The first half. And" };
      await second.promise;
      yield { type: "text", text: " the second." };
      yield { type: "finish", reason: "done" };
    },
  };
  const config = await configOf(scratchFolder(), { answers: agent });
  const gateway = await startGateway(
    {
      ...config,
      access: { ...config.access, dm: "open" },
      turn: { ...config.turn, maxAgeMs: 0 },
      telegram: { token: createSecret(api.token), apiBaseUrl: api.baseUrl, streaming },
    },
    createFastClock(SPEED),
  );
  t.after(async () => {
    second.resolve();
    await gateway.stop();
    await api[Symbol.asyncDispose]();
  });
  return { api, goOn: second.resolve };
}

const textsOf = ({ sent }: FakeTelegram): string[] => sent.map(({ text }) => text);

describe("an answer on Telegram that takes its time", () => {
  it("appears after its first words and ends as one whole message", async (t) => {
    const { api, goOn } = await setUp(t, true);
    api.push(update({ text: "hello" }));
    await api.until(() => textsOf(api)[0] === "The first half.");
    goOn();
    await api.until(() => textsOf(api)[0] === "The first half. And the second.");
    assert.equal(api.sent.length, 1);
  });

  it("stays, marked, when it is stopped", async (t) => {
    const { api } = await setUp(t, true);
    api.push(update({ text: "hello" }));
    await api.until(() => api.sent.length === 1);
    api.push(commandUpdate("/stop"));
    await api.until(() => /^The first half\..*\n\n\(stopped\)$/s.test(textsOf(api)[0] ?? "") && api.sent.length === 2);
  });

  it("is sent as a whole where streaming is turned off", async (t) => {
    const { api, goOn } = await setUp(t, false);
    api.push(update({ text: "hello" }));
    await api.until(() => api.calls.includes("sendChatAction"));
    // Three seconds of the gateway, in which a reply that is shown would have begun.
    await sleep(3_000 / SPEED);
    goOn();
    await api.until(() => api.sent.length === 1);
    assert.deepEqual([textsOf(api), api.edits], [["The first half. And the second."], []]);
  });
});
