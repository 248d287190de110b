/** An ACP agent behind a whole gateway. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AgentConfig, Config } from "../../src/config/config.ts";
import { createSecret } from "../../src/config/secret.ts";
import { openFakeTelegram, type FakeTelegram } from "../../src/testing/fake-telegram.ts";
import { openAcpPlace, ACP_COMMAND, type AcpPlace } from "../agent/acp-subject.ts";
import { isAlive } from "../agent/command-subject.ts";
import { update } from "../platform/telegram-updates.ts";
import { configOf, say, scratchFolder, startGateway, transcript } from "./gateway-setup.ts";

const DONE = { finish: "done", usage: null } as const;
const OPTIONS = [
  { optionId: "yes", name: "Allow", kind: "allow_once" },
  { optionId: "no", name: "Reject", kind: "reject_once" },
] as const;

function acpConfig(place: AcpPlace): AgentConfig {
  return {
    kind: "acp",
    command: ACP_COMMAND,
    cwd: place.folder,
    env: {},
    permissions: "ask",
    idleTimeoutMs: 60_000,
    totalTimeoutMs: null,
  };
}

/** The last line of each prompt: the words that are to be answered. */
function lastLines(place: AcpPlace): readonly (string | undefined)[] {
  return place.received("session/prompt").map(({ prompt }) => {
    const [block] = prompt as { text: string }[];
    return block?.text.split("\n").at(-1);
  });
}

async function onTelegram(api: FakeTelegram, agent: AgentConfig): Promise<Config> {
  const config = await configOf(scratchFolder(), { agent });
  const telegram = { token: createSecret(api.token), apiBaseUrl: api.baseUrl, streaming: false };
  return { ...config, access: { ...config.access, dm: "open" }, telegram };
}

describe("an ACP agent behind a gateway", () => {
  it("asks for permission in the chat, and a number answers it", async () => {
    await using place = openAcpPlace({
      prompts: [{ acts: [{ permit: "rm -rf build", options: OPTIONS }, { say: " Done." }], ending: DONE }],
    });
    await using api = await openFakeTelegram();
    await using gateway = await startGateway(await onTelegram(api, acpConfig(place)));
    assert.ok(gateway.url.startsWith("http"));
    const texts = (): string => api.sent.map(({ text }) => text).join("\n");
    api.push(update({ text: "Clean up" }));
    await api.until(() => /rm -rf build[^]*1[^\n]*Allow[^]*2[^\n]*Reject/.test(texts()));
    api.push(update({ text: "2" }));
    await api.until(() => texts().includes("[no] Done."));
    assert.equal(place.received("session/prompt").length, 1);
  });

  it("is interrupted by a newer message, and told that alone", async () => {
    await using place = openAcpPlace({
      prompts: [
        { acts: [{ say: "I begin. " }, "hold"], ending: DONE },
        { acts: [{ say: "Both." }], ending: DONE },
      ],
    });
    const busy = { default: { mode: "interrupt", debounceMs: 0, maxWaiting: 100 }, rules: [] } as const;
    await using gateway = await startGateway(await configOf(scratchFolder(), { agent: acpConfig(place), busy }));
    await say(gateway.url, "one");
    while (place.lines("asked").length === 0) await new Promise(setImmediate);
    const second = await say(gateway.url, "two", { wait: 20 });
    assert.equal(second.body["reply"], "Both.");
    assert.equal(place.received("session/new").length, 1);
    assert.deepEqual(lastLines(place), ["> one", "> two"]);
    const [, { prompt } = {}] = place.received("session/prompt");
    assert.ok(!JSON.stringify(prompt).includes("> one"), "what the agent has seen is not told again");
  });

  it("is started again for the next attempt when it ends in the middle of a turn", async () => {
    await using place = openAcpPlace({ prompts: [{ acts: [{ say: "I begin. " }, "exit"], ending: DONE }] });
    const defaults = await configOf(scratchFolder(), { agent: acpConfig(place) });
    const turn = { ...defaults.turn, backoff: { firstMs: 1, maxMs: 1 } };
    await using gateway = await startGateway({ ...defaults, turn });
    const asked = say(gateway.url, "one", { wait: 20 });
    while (place.lines("asked").length === 0) await new Promise(setImmediate);
    place.play({ prompts: [{ acts: [{ say: "Hello." }], ending: DONE }] });
    assert.equal((await asked).body["reply"], "Hello.");
    assert.deepEqual(new Set(lastLines(place)), new Set(["> one"]));
  });

  it("ends with the gateway, and goes on with the session in the next one", async () => {
    await using place = openAcpPlace({ prompts: [{ acts: [{ say: "Hello." }], ending: DONE }], can: { resume: true } });
    const config = await configOf(scratchFolder(), { agent: acpConfig(place) });
    const before = await startGateway(config);
    const first = await say(before.url, "one", { wait: 20 });
    assert.equal(first.status, 200);
    await before.stop();
    assert.equal(isAlive(Number(place.lines("started")[0])), false);

    await using after = await startGateway(config);
    const second = await say(after.url, "two", { wait: 20 });
    assert.deepEqual(await transcript(after.url, second.body["session"]), [
      "user one answered",
      "assistant Hello. said",
      "user two answered",
      "assistant Hello. said",
    ]);
    assert.equal(place.received("session/new").length, 1);
    assert.equal(place.received("session/resume").length, 1);
    const [{ prompt } = {}] = place.received("session/prompt").slice(-1);
    assert.ok(!JSON.stringify(prompt).includes("one"), "what the agent has seen is not told again");
  });
});
