import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { createSource } from "../../src/core/source.ts";
import { openSqliteReader, openSqliteStore } from "../../src/sqlite.ts";
import type { StoreReader } from "../../src/store/reader.ts";
import { type Person, createPeople, makeNoise, pause, talk } from "./client.ts";
import { type GatewayChild, startGateway } from "./gateway-child.ts";

const KILLS = 50;
const LONGEST_LIFE_MS = 300;
/** A reply takes some time, so that many kills fall into one; and a turn that meets many of them is not given up. */
const CONFIG = `export default { agent: { kind: "echo", delayMs: 5 }, turn: { maxAttempts: 100 } };`;

describe("a gateway that is killed again and again", () => {
  it(`loses nothing that it acknowledged, over ${KILLS} kills under load`, async () => {
    const home = await mkdtemp(join(tmpdir(), "parlor-kills-"));
    try {
      await writeFile(join(home, "parlor.config.js"), CONFIG);
      const people = createPeople(12);
      await liveThroughKills(home, people);
      const path = join(home, "parlor.db");
      await answerRest(home, path);
      await assertNothingLost(path, people);
      await assertDoctorClean(home);
    } finally {
      await rm(home, { recursive: true });
    }
  });
});

async function liveThroughKills(home: string, people: readonly Person[]): Promise<void> {
  let gateway: GatewayChild | null = null;
  const stop = new AbortController();
  const url = (): string | null => gateway?.url ?? null;
  const load = [...people.map((person) => talk(person, url, stop.signal)), makeNoise(url, stop.signal)];
  for (let kill = 1; kill <= KILLS; kill += 1) {
    gateway = await startGateway(home);
    await pause(LONGEST_LIFE_MS * Math.random());
    const dying: GatewayChild = gateway;
    gateway = null;
    await dying.kill("SIGKILL");
  }
  stop.abort();
  gateway = await startGateway(home);
  await Promise.all(load);
  await gateway.kill("SIGKILL");
}

/** What still waits is answered by the next start alone, without anybody writing again. */
async function answerRest(home: string, path: string): Promise<void> {
  const gateway = await startGateway(home);
  using reader = openSqliteReader(path);
  while ((await reader.nextDue()).turn !== null) await pause(50);
  await gateway.kill("SIGTERM");
}

async function assertNothingLost(path: string, people: readonly Person[]): Promise<void> {
  await using store = await openSqliteStore({ path });
  const stats = await store.reader.stats();
  assert.equal(stats.sessions, people.length, "one session for each person who spoke, none for noise");
  assert.equal(stats.emptySessions, 0);
  assert.equal(stats.messages.answered, people.flatMap((person) => person.acknowledged).length);
  for (const person of people) {
    assert.ok(person.acknowledged.length > 0, `${person.from} was never heard`);
    const source = createSource({ platform: "api", chatType: "group", chat: person.chat, user: person.from });
    const { id } = await store.getOrCreate(source);
    assert.deepEqual(await textsOf(store.reader, id), person.acknowledged);
  }
}

/** Everything the person said, once, in order, and answered. */
async function textsOf(reader: StoreReader, id: string): Promise<string[]> {
  const texts: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<StoreReader["transcript"]>> = await reader.transcript(id, {
      limit: 200,
      ...(cursor === null ? {} : { cursor }),
    });
    const said = page.items.filter(({ role }) => role === "user");
    for (const entry of said) assert.equal(entry.state, "answered", `${entry.text} is ${entry.state}`);
    texts.push(...said.map(({ text }) => text));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return texts;
}

async function assertDoctorClean(home: string): Promise<void> {
  const bin = new URL("../../src/bin.ts", import.meta.url).pathname;
  await promisify(execFile)(process.execPath, [bin, "doctor"], {
    cwd: home,
    env: { PATH: process.env["PATH"], PARLOR_HOME: home },
  });
}
