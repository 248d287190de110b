import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import type { Delivery } from "../../src/core/delivery.ts";
import { openSqliteReader } from "../../src/sqlite.ts";
import type { FakeModelServer } from "../../src/testing/fake-model-server.ts";
import { openFakeOpenAI } from "../../src/testing/fake-openai.ts";
import { openFakeTelegram, type FakeTelegram } from "../../src/testing/fake-telegram.ts";
import { pause } from "./client.ts";
import { type GatewayChild, startGateway } from "./gateway-child.ts";

const BEGINNING = "The first sentence of it.";
const WHOLE = `${BEGINNING} And the rest.`;

interface Rig extends AsyncDisposable {
  readonly api: FakeTelegram;
  readonly model: FakeModelServer;
  start(): Promise<GatewayChild>;
  /** The newest delivery, as soon as it is like that. */
  until(isFound: (delivery: Delivery) => boolean): Promise<Delivery>;
}

/** Somebody has said hello to a bot whose model streams. */
async function setUp(t: TestContext): Promise<Rig> {
  const home = await mkdtemp(join(tmpdir(), "parlor-streaming-"));
  const stack = new AsyncDisposableStack();
  const api = stack.use(await openFakeTelegram());
  const model = stack.use(await openFakeOpenAI());
  const agent = { kind: "model", provider: "openai-compatible", model: "small", baseUrl: model.baseUrl };
  const config = { agent, access: { dm: "open" }, turn: { maxAttempts: 20 } };
  await writeFile(join(home, "parlor.config.js"), `export default ${JSON.stringify(config)};`);
  const children: GatewayChild[] = [];
  t.after(async () => {
    for (const child of children) await child.kill("SIGKILL");
    await rm(home, { recursive: true });
  });
  const person = { id: 7, first_name: "Ada" };
  const date = Math.floor(Date.now() / 1_000);
  const from = { ...person, is_bot: false };
  api.push({ message: { message_id: 1, from, chat: { ...person, type: "private" }, date, text: "hello" } });
  return {
    api,
    model,
    start: async () => {
      const child = await startGateway(home, {
        TELEGRAM_BOT_TOKEN: api.token,
        TELEGRAM_API_BASE_URL: api.baseUrl,
      });
      const killed: GatewayChild = {
        ...child,
        kill: async (signal) => {
          if (children.includes(killed)) children.splice(children.indexOf(killed), 1);
          await child.kill(signal);
        },
      };
      children.push(killed);
      return killed;
    },
    until: async (isFound) => {
      for (;;) {
        using reader = openSqliteReader(join(home, "parlor.db"));
        const found = (await reader.deliveries()).items.find(isFound);
        if (found !== undefined) return found;
        await pause(20);
      }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const BROKEN_OFF = { steps: [{ text: `${BEGINNING} And` }, "hang" as const] };
const ANSWERED = { steps: [{ text: WHOLE }] };

describe("a gateway that is killed while a reply is shown", () => {
  it("goes on in the same message when it is killed in mid-stream", { timeout: 60_000 }, async (t) => {
    await using rig = await setUp(t);
    rig.model.next(BROKEN_OFF, ANSWERED);
    const first = await rig.start();
    await rig.until(({ state, remoteId }) => state === "open" && remoteId === "1");
    await first.kill("SIGKILL");
    assert.deepEqual(
      rig.api.sent.map(({ text }) => text),
      [BEGINNING],
    );
    await rig.start();
    await rig.api.until(() => rig.api.sent[0]?.text === WHOLE);
    await rig.until(({ state }) => state === "sent");
    assert.equal(rig.api.sent.length, 1);
  });

  it("says the whole once when it is killed before it knows its message", { timeout: 60_000 }, async (t) => {
    await using rig = await setUp(t);
    rig.model.next(BROKEN_OFF, ANSWERED);
    rig.api.next("sendMessage", "hang");
    const first = await rig.start();
    await rig.api.until(() => rig.api.sent.length === 1);
    await first.kill("SIGKILL");
    await rig.start();
    await rig.until(({ state }) => state === "sent");
    assert.deepEqual(
      rig.api.sent.map(({ text }) => text),
      [BEGINNING, WHOLE],
    );
  });

  it("finishes the message when it is killed while that becomes the whole", { timeout: 60_000 }, async (t) => {
    await using rig = await setUp(t);
    const shown = Promise.withResolvers<void>();
    rig.model.next({ steps: [{ text: `${BEGINNING} And` }, { wait: shown.promise }, { text: " the rest." }] });
    const first = await rig.start();
    await rig.until(({ remoteId }) => remoteId === "1");
    rig.api.next("editMessageText", "hang");
    shown.resolve();
    await rig.until(({ state }) => state === "sending");
    await rig.api.until(() => rig.api.edits.length === 1);
    await first.kill("SIGKILL");
    await rig.start();
    const { text, remoteId } = await rig.until(({ state }) => state === "sent");
    assert.deepEqual([text, remoteId], [WHOLE, "1"]);
    assert.deepEqual(
      rig.api.sent.map((message) => message.text),
      [WHOLE],
    );
  });
});
