import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { Store } from "../../src/store/store.ts";
import { alternating } from "../../src/testing/alternating.ts";
import { everyPage } from "../../src/testing/contract/steps.ts";
import type { OpenStore } from "../../src/testing/open-store.ts";
import { messageOf, sourceOf } from "../../src/testing/sources.ts";
import { storeContract } from "../../src/testing/store-contract.ts";
import { open } from "./sqlite-file.ts";
import { StoreProcess } from "./store-process.ts";

const folder = mkdtempSync(join(tmpdir(), "parlor-processes-"));
const others = [1, 2].map(() => new StoreProcess(new URL("./sqlite-file.ts", import.meta.url)));
const [one, two] = others.map(
  (other): OpenStore =>
    ({ place, ...options }) =>
      other.open({ ...options, place: pathOf(place) }),
);
assert.ok(one !== undefined && two !== undefined);
const here: OpenStore = ({ place, ...options }) => open({ ...options, place: pathOf(place) });

after(async () => {
  for (const other of others) await other[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function pathOf(place: string): string {
  return join(folder, `${place}.db`);
}

storeContract("SQLite from two processes in turn", alternating(here, one), { oneNode: false, histories: 5 });

describe("two processes on one SQLite file", () => {
  it("open a new database at the same moment, and agree on its secret", async () => {
    const stores = await Promise.all([one({ place: "birth" }), two({ place: "birth" }), here({ place: "birth" })]);
    const drafts = await Promise.all(stores.map((store) => store.getOrCreate(sourceOf())));
    assert.equal(new Set(drafts.map(({ id }) => id)).size, 1);
    for (const store of stores) await store[Symbol.asyncDispose]();
  });

  it("accept everything twice over, at once, and store everything once and in order", async () => {
    await using stores = new AsyncDisposableStack();
    const [left, right] = [stores.use(await one({ place: "flood" })), stores.use(await two({ place: "flood" }))];
    const users = ["ada", "bob", "cyd", "dan"];
    const messages = Array.from({ length: 200 }, (_, n) =>
      messageOf(`message ${n}`, { source: sourceOf({ user: users[n % users.length] ?? "" }), eventId: `event-${n}` }),
    );
    const outcomes = await Promise.all(messages.flatMap((message) => [left.accept(message), right.accept(message)]));
    assert.equal(outcomes.filter(({ outcome }) => outcome === "accepted").length, messages.length);
    assert.equal(outcomes.filter(({ outcome }) => outcome === "duplicate").length, messages.length);

    const { sessions, emptySessions, messages: states } = await left.reader.stats();
    assert.deepEqual([sessions, emptySessions, states.waiting], [users.length, 0, messages.length]);
    for (const user of users) {
      const { id } = await right.getOrCreate(sourceOf({ user }));
      const entries = await everyPage((cursor) => right.reader.transcript(id, cursor));
      assert.deepEqual(
        entries.map(({ seq }) => seq),
        Array.from({ length: messages.length / users.length }, (_, n) => n + 1),
      );
    }
    await assertHealthy(left);
  });

  it("work through what waits without ever holding one session twice", async () => {
    await using stores = new AsyncDisposableStack();
    const nodes = [stores.use(await one({ place: "work" })), stores.use(await two({ place: "work" }))];
    const [store] = nodes;
    assert.ok(store !== undefined);
    const users = Array.from({ length: 12 }, (_, n) => `user-${n}`);
    for (const round of [1, 2, 3]) {
      await Promise.all(users.map((user) => store.accept(messageOf(`${round}`, { source: sourceOf({ user }) }))));
    }
    const held = new Set<string>();
    await Promise.all(nodes.map((node, n) => workThrough(node, `node-${n}`, held)));
    const { messages, turns } = await store.reader.stats();
    assert.deepEqual([messages.answered, messages.waiting, turns.done], [36, 0, 36]);
    await assertHealthy(store);
  });
});

/** Answers message after message until there is nothing left, and minds that no other node has the session. */
async function workThrough(store: Store, node: string, held: Set<string>): Promise<void> {
  for (;;) {
    const turn = await store.claimTurn({ node, leaseMs: 60_000, maxMessages: 1, maxAgeMs: 0 });
    if (turn === null) return;
    const { sessionId } = turn.lease;
    assert.ok(!held.has(sessionId), "two nodes must not hold one session");
    held.add(sessionId);
    const entries = turn.messages.map(({ text }) => ({ role: "assistant" as const, text, pieces: [] }));
    held.delete(sessionId);
    assert.equal((await store.commitTurn(turn.lease, { entries })).outcome, "committed");
  }
}

async function assertHealthy({ reader }: Store): Promise<void> {
  const defects = (await reader.verify()).filter((check) => check.defects !== 0);
  assert.deepEqual(defects, []);
}
