import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { takeOver } from "../../src/gateway/take-over.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import { createFakeAgent } from "../../src/testing/fake-agent.ts";
import { messageOf, sourceOf } from "../../src/testing/sources.ts";
import { configOf, scratchFolder, startGateway } from "./gateway-setup.ts";

const HOUR = 3_600_000;

async function deadNode(): Promise<string> {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  return `${hostname()}/${child.pid}/node_dead`;
}

/** A message that somebody else has claimed for an hour. Returns the session it is in. */
async function leaveClaimed(path: string, node: string, user: string): Promise<string> {
  await using store = await openSqliteStore({ path });
  await store.accept(messageOf(`hello from ${user}`, { source: sourceOf({ user }) }));
  const turn = await store.claimTurn({ node, leaseMs: HOUR, maxMessages: 10, maxAgeMs: 0 });
  assert.ok(turn !== null);
  return turn.lease.sessionId;
}

describe("a gateway that starts", { timeout: 120_000 }, () => {
  it("takes up at once what a dead process of this machine was running, and nothing that others run", async () => {
    const home = scratchFolder();
    const path = join(home, "parlor.db");
    const agent = createFakeAgent();
    const left = await leaveClaimed(path, await deadNode(), "ada");
    const alive = await leaveClaimed(path, `${hostname()}/1/node_alive`, "bob");
    const remote = await leaveClaimed(path, "another-host/1/node_remote", "cyd");

    await using _gateway = await startGateway(await configOf(home, { answers: agent }));
    const { turn } = await agent.started(1);
    assert.deepEqual([turn.sessionId, turn.attempt], [left, 2]);

    await using store = await openSqliteStore({ path });
    const held = new Set(await store.leaseholders());
    assert.ok(held.has(`${hostname()}/1/node_alive`) && held.has("another-host/1/node_remote"));
    for (const id of [alive, remote]) assert.equal((await store.reader.reply(id, 1))?.state, "running");
  });

  it("sends at once what a dead process was sending", async () => {
    const path = join(scratchFolder(), "parlor.db");
    await using store = await openSqliteStore({ path });
    await store.addDelivery({ destination: sourceOf(), text: "a reply", key: null });
    const node = await deadNode();
    assert.equal((await store.takeDeliveries({ node, leaseMs: HOUR, limit: 1 })).length, 1);
    assert.equal((await store.takeDeliveries({ node: "b", leaseMs: HOUR, limit: 1 })).length, 0);
    await takeOver(store);
    const [taken] = await store.takeDeliveries({ node: "b", leaseMs: HOUR, limit: 1 });
    assert.deepEqual([taken?.text, taken?.ambiguous, taken?.attempt], ["a reply", true, 2]);
  });
});
