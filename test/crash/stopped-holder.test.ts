import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createSource } from "../../src/core/source.ts";
import type { Entry } from "../../src/core/transcript.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import type { FakeModelServer } from "../../src/testing/fake-model-server.ts";
import { openFakeOpenAI } from "../../src/testing/fake-openai.ts";
import { pause } from "./client.ts";
import { type GatewayChild, startGateway } from "./gateway-child.ts";

/** A lease ends soon, so that a stopped holder is beyond it. */
const CONFIG = `export default { turn: { leaseMs: 1000, maxAttempts: 100 } };`;
const SOURCE = createSource({ platform: "api", chatType: "group", chat: "main", user: "ada" });

interface Scene {
  readonly model: FakeModelServer;
  /** Lets the model go on with the answer that the stopped gateway waits for. */
  readonly releaseFirst: () => void;
  /** Lets the model go on with the answer of the gateway that took over. */
  readonly releaseSecond: () => void;
  readonly stopped: GatewayChild;
  readonly other: GatewayChild;
}

describe("a gateway that is stopped beyond its lease while another one takes its turn over", () => {
  it("finds its turn answered when it goes on, and stores nothing of its own", () =>
    play(async ({ model, releaseFirst, releaseSecond, stopped, other }) => {
      releaseSecond();
      await untilAnswered(other);
      releaseFirst();
      stopped.signal("SIGCONT");
      await say(stopped, "And now?");
      await until(() => model.requests.length === 3);
      await untilAnswered(stopped);
    }));

  it("goes on while the other one is still at it, both believing that the turn is theirs", () =>
    play(async ({ model, releaseFirst, releaseSecond, stopped, other }) => {
      releaseFirst();
      stopped.signal("SIGCONT");
      // It is awake and has had its answer when it takes another message.
      await say(stopped, "And now?");
      await pause(200);
      releaseSecond();
      await until(() => model.requests.length === 3);
      await untilAnswered(other);
    }));
});

/** Begins a turn on one gateway, stops that, and waits until another one has taken the turn over. */
async function play(go: (scene: Scene) => Promise<void>): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "parlor-stopped-"));
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using model = await openFakeOpenAI();
  model.next(
    { steps: [{ text: "The stopped " }, { wait: first.promise }, { text: "one." }] },
    { steps: [{ text: "The other " }, { wait: second.promise }, { text: "one." }] },
    { steps: [{ text: "Later." }] },
  );
  const gateways: GatewayChild[] = [];
  try {
    await writeFile(join(home, "parlor.config.js"), CONFIG);
    const start = async (): Promise<GatewayChild> => {
      const started = await startGateway(home, { OPENAI_BASE_URL: model.baseUrl, PARLOR_MODEL: "small" });
      gateways.push(started);
      return started;
    };
    const stopped = await start();
    await say(stopped, "Hello?");
    await until(() => model.requests.length === 1);
    stopped.signal("SIGSTOP");
    const other = await start();
    await until(() => model.requests.length === 2);
    await go({ model, releaseFirst: first.resolve, releaseSecond: second.resolve, stopped, other });
    await Promise.all(gateways.splice(0).map((gateway) => gateway.kill("SIGTERM")));
    await assertOneResult(join(home, "parlor.db"));
  } finally {
    first.resolve();
    second.resolve();
    await Promise.all(gateways.map((gateway) => gateway.kill("SIGKILL")));
    await rm(home, { recursive: true });
  }
}

async function assertOneResult(path: string): Promise<void> {
  await using store = await openSqliteStore({ path });
  const { id } = await store.getOrCreate(SOURCE);
  const entries = (await store.reader.transcript(id)).items;
  const answers = (role: Entry["role"]): readonly string[] =>
    entries.filter((entry) => entry.role === role).map(({ text }) => text);
  assert.deepEqual(answers("user"), ["Hello?", "And now?"]);
  assert.deepEqual(answers("assistant"), ["The other one.", "Later."], "one result of each turn is stored");
  const turns = (await store.reader.turns({ sessionId: id })).items;
  assert.deepEqual(
    turns.map(({ state, attempt }) => [state, attempt]),
    [
      ["done", 1],
      ["done", 2],
    ],
  );
  for (const { name, defects } of await store.reader.verify()) assert.equal(defects, 0, name);
}

async function say({ url }: GatewayChild, text: string): Promise<void> {
  const response = await fetch(`${url}/api/chats/main/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ from: "ada", text, id: text }),
  });
  assert.equal(response.status, 202, await response.text());
}

/** Waits until everything that was said is answered. */
async function untilAnswered({ url }: GatewayChild): Promise<void> {
  await until(async () => {
    const { sessions } = (await (await fetch(`${url}/api/sessions?glance=true`)).json()) as {
      readonly sessions: readonly { readonly isBusy: boolean }[];
    };
    return sessions.every(({ isBusy }) => !isBusy);
  });
}

async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await check())) await pause(20);
}
