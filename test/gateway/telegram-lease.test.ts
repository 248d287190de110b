import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Config } from "../../src/config/config.ts";
import { createSecret } from "../../src/config/secret.ts";
import { createGateway } from "../../src/gateway/gateway.ts";
import { openReader } from "../../src/gateway/open-store.ts";
import { createFakeAgent } from "../../src/testing/fake-agent.ts";
import { openFakeTelegram, type FakeTelegram } from "../../src/testing/fake-telegram.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { update } from "../platform/telegram-updates.ts";
import { configOf, scratchFolder, startGateway } from "./gateway-setup.ts";

async function telegramConfig(home: string, api: FakeTelegram, agent = createFakeAgent()): Promise<Config> {
  const config = await configOf(home, { answers: agent });
  return {
    ...config,
    access: { ...config.access, dm: "open" },
    telegram: { token: createSecret(api.token), apiBaseUrl: api.baseUrl, streaming: false },
  };
}

describe("two gateways on one data directory", () => {
  it("I31 ask Telegram one at a time: the second one stands by, says so, and takes over", async () => {
    await using api = await openFakeTelegram();
    const home = scratchFolder();
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const log = createLog({ level: "info", destination });
    const first = createGateway(await telegramConfig(home, api), { log });
    await first.start();
    await api.until(() => api.calls.includes("getUpdates"));
    await using second = createGateway(await telegramConfig(home, api), { log });
    await second.start();
    const hasSaid = (text: string): boolean => lines.some((line) => line.includes(text));
    while (!hasSaid("standing by")) await new Promise((resolve) => setImmediate(resolve));

    api.push(update({ text: "Hello" }));
    await api.until(() => api.sent.length === 1 && api.unconfirmed() === 0);
    await first.stop();
    api.push(update({ text: "Are you there?" }));
    await api.until(() => api.sent.length === 2);
    assert.ok(hasSaid("taking the messages of this platform"));
    assert.ok(!hasSaid("other getUpdates request"), "no two ask at once");
    using reader = openReader(await telegramConfig(home, api));
    assert.equal((await reader.stats()).messages.answered, 2);
  });
});

describe("a question on Telegram", () => {
  it("I32 is asked there, answered there with a number, and the choice is confirmed", async () => {
    await using api = await openFakeTelegram();
    const agent = createFakeAgent();
    const question = {
      text: "Shall I delete it?",
      choices: [
        { id: "yes", label: "Delete" },
        { id: "no", label: "Keep" },
      ],
    };
    agent.next([{ ask: question, say: (choice) => JSON.stringify(choice) }]);
    await using _gateway = await startGateway(await telegramConfig(scratchFolder(), api, agent));
    api.push(update({ text: "Delete the file" }));
    await api.until(() => api.sent.length === 1);
    api.push(update({ text: "2" }));
    await api.until(() => api.sent.length === 3);
    const texts = api.sent.map(({ text }) => text.replaceAll("\\", ""));
    assert.equal(texts[0], "Shall I delete it?\n\n1. Delete\n2. Keep\n\nAnswer with a number.");
    assert.deepEqual(texts.slice(1).toSorted(), ["Chosen: Keep", '{"outcome":"chosen","id":"no"}']);
  });
});
