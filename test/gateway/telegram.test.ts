import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Agent } from "../../src/agent/agent.ts";
import type { Config } from "../../src/config/config.ts";
import { createSecret } from "../../src/config/secret.ts";
import { createGateway, type Gateway } from "../../src/gateway/gateway.ts";
import { openReader } from "../../src/gateway/open-store.ts";
import { createFakeAgent } from "../../src/testing/fake-agent.ts";
import { openFakeTelegram, type FakeTelegram } from "../../src/testing/fake-telegram.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { ADA, GROUP, commandUpdate, message, update } from "../platform/telegram-updates.ts";
import { configOf, createSilentGateway, scratchFolder, startGateway } from "./gateway-setup.ts";

interface Rig extends AsyncDisposable {
  readonly api: FakeTelegram;
  readonly config: Config;
  readonly gateway: Gateway & { readonly url: string };
}

/** A gateway on Telegram, where anybody may speak in a direct message. */
async function setUp(given: Partial<Config> & { readonly answer?: string } = {}): Promise<Rig> {
  const api = await openFakeTelegram();
  const home = scratchFolder();
  const { answer, ...rest } = given;
  const answers = answer === undefined ? {} : { answers: saying(answer) };
  const defaults = await configOf(home);
  const config: Config = {
    ...(await configOf(home, answers)),
    access: { ...defaults.access, dm: "open", allow: ["telegram:-1001"] },
    telegram: { token: createSecret(api.token), apiBaseUrl: api.baseUrl, streaming: true },
    ...rest,
  };
  const gateway = await startGateway(config);
  return {
    api,
    config,
    gateway,
    [Symbol.asyncDispose]: async () => {
      await gateway.stop();
      await api[Symbol.asyncDispose]();
    },
  };
}

/** An agent that always says the same, when it may. */
function saying(answer: string, may: Promise<void> = Promise.resolve()): Agent {
  return {
    name: "saying",
    async *run() {
      await may;
      yield { type: "text", text: answer };
      yield { type: "finish", reason: "done" };
    },
  };
}

const textsOf = ({ sent }: FakeTelegram): string[] => sent.map(({ text }) => text);

describe("a gateway on Telegram", () => {
  it("answers a message where it was said", async () => {
    await using rig = await setUp();
    rig.api.push(update({ text: "Hello" }));
    await rig.api.until(() => rig.api.sent.length === 1);
    assert.deepEqual(rig.api.sent, [{ id: 1, chat: "7", thread: null, text: "Hello" }]);
    using reader = openReader(rig.config);
    const { sessions, messages } = await reader.stats();
    assert.deepEqual([sessions, messages.answered], [1, 1]);
  });

  it("says at the start who it is there", async () => {
    await using rig = await setUp();
    assert.deepEqual((await rig.gateway.start()).platforms, ["telegram @parlor_bot"]);
  });

  it("writes nothing for what is no message", async () => {
    await using rig = await setUp();
    const said = message({ text: "Helo" });
    rig.api.push(
      { edited_message: { ...said, text: "Hello", edit_date: 1_700_000_001 } },
      update({ chat: GROUP, new_chat_members: [ADA] }),
      update({ chat: GROUP, pinned_message: said }),
      update({ text: "   " }),
      update({ text: "/new", from: { id: 9, is_bot: true, first_name: "Other" }, chat: GROUP }),
      update({ chat: GROUP, text: "not for the bot" }),
    );
    await rig.api.until(() => rig.api.unconfirmed() === 0);
    using reader = openReader(rig.config);
    assert.equal((await reader.stats()).sessions, 0);
    assert.deepEqual(rig.api.sent, []);
  });

  it("sends a long reply whole, in several messages, in order", async () => {
    const paragraphs = Array.from({ length: 120 }, (_, index) =>
      `Paragraph ${index}. ${"Some words. ".repeat(9)}`.trim(),
    );
    const answer = paragraphs.join("\n\n");
    await using rig = await setUp({ answer });
    rig.api.push(update({ text: "Tell me everything" }));
    const whole = (): string => textsOf(rig.api).join("\n\n");
    await rig.api.until(() => whole().length >= answer.length);
    assert.equal(whole(), answer);
    assert.ok(rig.api.sent.length >= 3);
  });

  it("answers a command once, also when it is delivered again", async () => {
    await using rig = await setUp();
    const status = commandUpdate("/status");
    rig.api.push(status, status, update({ text: "after it" }));
    await rig.api.until(() => textsOf(rig.api).includes("after it"));
    assert.equal(rig.api.sent.length, 2);
    assert.match(textsOf(rig.api)[0] ?? "", /session/i);
  });

  it("answers the start button with help and stores no session", async () => {
    await using rig = await setUp();
    rig.api.push(commandUpdate("/start"));
    await rig.api.until(() => rig.api.sent.length === 1);
    assert.match(textsOf(rig.api)[0] ?? "", /^\/new - /);
    using reader = openReader(rig.config);
    assert.equal((await reader.stats()).sessions, 0);
  });

  it("says that it does not know a command, but not in a group, where it may be another bot's", async () => {
    await using rig = await setUp();
    rig.api.push(commandUpdate("/dance", { chat: GROUP }), commandUpdate("/dance"));
    await rig.api.until(() => rig.api.sent.length === 1);
    assert.deepEqual(rig.api.sent, [{ id: 1, chat: "7", thread: null, text: "Unknown command /dance. Try /help." }]);
  });

  it("shows that it is typing while it answers", async () => {
    const shown = Promise.withResolvers<void>();
    const agent = saying("There", shown.promise);
    await using rig = await setUp({ agent: { kind: "code", agent } });
    rig.api.push(update({ text: "Hello" }));
    await rig.api.until(() => rig.api.calls.includes("sendChatAction"));
    shown.resolve();
    await rig.api.until(() => rig.api.sent.length === 1);
  });

  it("keeps what came while it was stopped for its next start", async () => {
    await using rig = await setUp();
    await rig.gateway.stop();
    rig.api.push(update({ text: "Are you there?" }));
    assert.equal(rig.api.unconfirmed(), 1);
    const next = await startGateway(rig.config);
    await rig.api.until(() => rig.api.sent.length === 1);
    await next.stop();
    assert.deepEqual(textsOf(rig.api), ["Are you there?"]);
  });

  it("answers after an outage what was sent just now, and asks about what was sent yesterday", async () => {
    const agent = createFakeAgent({
      script: ({ messages }) => [`You said: ${messages.map(({ text }) => text).join(", ")}`],
    });
    await using rig = await setUp({ agent: { kind: "code", agent } });
    await rig.gateway.stop();
    const now = Math.floor(Date.now() / 1000);
    rig.api.push(
      update({ text: "Reset my password", date: now - 86_400 }),
      update({ text: "What time is it?", date: now }),
    );
    const next = await startGateway(rig.config);
    await rig.api.until(() => rig.api.sent.length === 2);
    assert.deepEqual(textsOf(rig.api), [
      'Your message from 24 hours ago, "Reset my password", has waited too long, so I have not acted on it. ' +
        "Shall I still answer it? Send /retry, and I will.",
      "You said: What time is it?",
    ]);
    assert.deepEqual(agent.runs[0]?.turn.transcript, []);
    const retry = commandUpdate("/retry");
    rig.api.push(retry, retry);
    await rig.api.until(() => textsOf(rig.api).includes("You said: Reset my password"));
    assert.ok(textsOf(rig.api).includes("I will answer your message now after all."));
    await rig.api.until(() => rig.api.unconfirmed() === 0);
    assert.deepEqual([rig.api.sent.length, agent.runs.length], [4, 2], "once, also when the command comes twice");
    await next.stop();
    using reader = openReader(rig.config);
    assert.equal((await reader.stats()).messages.answered, 2);
  });

  it("says when a conversation has no room for one more message", async () => {
    const gate = Promise.withResolvers<void>();
    const agent = saying("There", gate.promise);
    const busy = { default: { mode: "collect", debounceMs: 0, maxWaiting: 1 } } as const;
    await using rig = await setUp({ agent: { kind: "code", agent }, busy });
    rig.api.push(update({ text: "one" }));
    await rig.api.until(() => rig.api.calls.includes("sendChatAction"));
    rig.api.push(update({ text: "two" }), update({ text: "three" }));
    await rig.api.until(() => rig.api.sent.length === 1);
    assert.match(
      textsOf(rig.api)[0] ?? "",
      /^1 message waits for an answer here already, so your last one was not kept/,
    );
    gate.resolve();
    await rig.api.until(() => rig.api.sent.length === 3);
    using reader = openReader(rig.config);
    assert.equal((await reader.stats()).messages.answered, 2);
  });

  it("does not start with a token that Telegram does not know, and says so in one sentence", async () => {
    await using api = await openFakeTelegram();
    const config = await configOf(scratchFolder(), {
      telegram: { token: createSecret("4242:wrong"), apiBaseUrl: api.baseUrl, streaming: true },
    });
    await assert.rejects(createSilentGateway(config).start(), { code: "START_FAILED", message: /TELEGRAM_BOT_TOKEN/ });
  });

  it("starts without a network, with a warning", async () => {
    await using gone = await openFakeTelegram();
    await gone[Symbol.asyncDispose]();
    const lines: string[] = [];
    const config = await configOf(scratchFolder(), {
      telegram: { token: createSecret(gone.token), apiBaseUrl: gone.baseUrl, streaming: true },
    });
    const log = createLog({ level: "warn", destination: { write: (line: string) => void lines.push(line) } });
    await using gateway = createGateway(config, { log });
    assert.deepEqual((await gateway.start()).platforms, ["telegram (not reached yet)"]);
    assert.match(lines.join(""), /"where":"telegram".*cannot be reached \(ECONNREFUSED\)/);
    assert.ok(!lines.join("").includes("fake-token"));
  });
});
