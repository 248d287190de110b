import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import type { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { loadConfig } from "../../src/config/load-config.ts";
import { createSource } from "../../src/core/source.ts";
import { type Gateway, createGateway } from "../../src/gateway/gateway.ts";
import { openReader } from "../../src/gateway/open-store.ts";
import type { Config } from "../../src/config/config.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { withWritingConnections } from "./writing-connection.ts";

let home: string;
let config: Config;
let gateway: Gateway;
let writer: DatabaseSync;
let acknowledged: string[];
let number = 0;

before(async () => {
  home = await mkdtemp(join(tmpdir(), "parlor-faults-"));
  ({ config } = await loadConfig({ env: { PARLOR_HOME: home, PORT: "0" }, cwd: home }));
  gateway = createGateway(config, { log: createLog({ level: "silent" }) });
  const { connections } = await withWritingConnections(() => gateway.start());
  assert.equal(connections.length, 1, "one connection writes");
  [writer] = connections as [DatabaseSync];
});

after(async () => {
  await gateway.stop();
  await rm(home, { recursive: true });
});

beforeEach(() => {
  acknowledged = [];
});

async function say(text: string): Promise<Response> {
  const mine = `${text} ${(number += 1)}`;
  const response = await gateway.fetch(
    new Request("http://localhost/api/chats/lobby/messages", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ from: "ada", text: mine, id: mine }),
    }),
  );
  if (response.status === 202) acknowledged.push(mine);
  return response;
}

async function assertRefused(response: Response): Promise<void> {
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  assert.ok(Number(response.headers.get("retry-after")) > 0, "it says when to come again");
}

/** What was acknowledged, and only that, is stored. */
async function assertStored(word: string): Promise<void> {
  const source = createSource({ platform: "api", chatType: "group", chat: "lobby", user: "ada" });
  const path = `/api/chats/${source.chat}/session?from=${source.user}`;
  const { id } = (await (await gateway.fetch(new Request(`http://localhost${path}`))).json()) as { id: string };
  using reader = openReader(config);
  const stored: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await reader.transcript(id, cursor === undefined ? { limit: 200 } : { limit: 200, cursor });
    stored.push(
      ...page.items.filter(({ role, text }) => role === "user" && text.startsWith(word)).map(({ text }) => text),
    );
    cursor = page.nextCursor;
  }
  assert.deepEqual(stored, acknowledged);
  for (const check of await reader.verify()) assert.equal(check.defects, 0, check.name);
}

describe("a store that cannot write", () => {
  it("commits with every commit synced to the disk", () => {
    assert.deepEqual({ ...writer.prepare("PRAGMA synchronous").get() }, { synchronous: 2 });
    assert.deepEqual({ ...writer.prepare("PRAGMA journal_mode").get() }, { journal_mode: "wal" });
  });

  it("answers 503 while the disk is full, acknowledges nothing that it has not stored, and recovers by itself", async () => {
    assert.equal((await say("full")).status, 202);
    writer.exec("PRAGMA max_page_count = 1"); // SQLite sets it to the size the database has now.
    let refused: Response | undefined;
    for (let tries = 0; tries < 2_000 && refused === undefined; tries += 1) {
      const responses = await Promise.all([say("full"), say("full"), say("full")]);
      refused = responses.find(({ status }) => status !== 202);
    }
    assert.ok(refused !== undefined, "the disk was never full");
    await assertRefused(refused);
    writer.exec("PRAGMA max_page_count = 1000000");
    assert.equal((await say("full")).status, 202);
    await assertStored("full");
  });

  it("answers 503 while the database is read-only, and recovers by itself", async () => {
    writer.exec("PRAGMA query_only = ON");
    await assertRefused(await say("locked"));
    writer.exec("PRAGMA query_only = OFF");
    assert.equal((await say("locked")).status, 202);
    await assertStored("locked");
  });
});
