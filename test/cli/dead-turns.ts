import assert from "node:assert/strict";
import { join } from "node:path";
import { openSqliteStore } from "../../src/sqlite.ts";
import type { Store } from "../../src/store/store.ts";
import { answer, claim, say } from "../../src/testing/contract/steps.ts";
import { sourceOf } from "../../src/testing/sources.ts";
import type { Place } from "./parlor.ts";

/** Changes the store of a place, as a gateway that is gone again. */
export async function inStore<T>({ home }: Place, change: (store: Store) => Promise<T>): Promise<T> {
  await using store = await openSqliteStore({ path: join(home, "parlor.db") });
  return await change(store);
}

export interface Dead {
  readonly session: string;
  readonly turn: string;
}

/** Somebody says something, and its turn is given up. */
export async function die(store: Store, text: string, user = "ada"): Promise<Dead> {
  const { session } = await say(store, text, { source: sourceOf({ user }) });
  const { lease } = await claim(store);
  const failure = { reason: "The model said \u001b[31mno.", retryAt: null, notice: "sorry", pieces: [] };
  assert.equal(await store.failTurn(lease, failure), "dead");
  return { session: session.id, turn: lease.turnId };
}

/** A reply that is stored and ends like this; its id. */
export async function reply(store: Store, text: string, state: "failed" | "unknown" | "pending"): Promise<string> {
  await say(store, `say ${text}`);
  const { lease } = await answer(store, text, true);
  const turn = await store.reader.turn(lease.turnId);
  const { id } = turn?.deliveries[0] ?? assert.fail("a reply must be stored");
  if (state === "pending") return id;
  const [taken] = await store.takeDeliveries({ node: "gone", leaseMs: 1_000, limit: 1 });
  assert.equal(taken?.id, id);
  assert.equal(await store.settleDelivery(taken, { state, error: "no such chat" }), "settled");
  return id;
}
