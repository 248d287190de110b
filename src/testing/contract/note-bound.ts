import assert from "node:assert/strict";
import { sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";

const KEPT = 10_000;
const BATCH = 1000;

/** That notes on drafts cannot grow without end: I20, I27. */
export function noteBound(contract: Contract): void {
  // Ten thousand writes, and nothing in them depends on who writes.
  if (!contract.oneNode) return;

  contract.states("I20 notes: the newest ten thousand are kept", async ({ store, clock }) => {
    const stranger = (n: number) => sourceOf({ user: `stranger-${n}` });
    const extra = 10;
    for (let first = 0; first < KEPT + extra; first += BATCH) {
      const batch = Array.from({ length: Math.min(BATCH, KEPT + extra - first) }, (_, n) => stranger(first + n));
      await Promise.all(batch.map((source) => store.update({ source }, { title: "A title" })));
      clock.advance(1);
    }
    await store.sweep();
    const titleOf = async (n: number): Promise<string | null> => (await store.getOrCreate(stranger(n))).title;
    const first = await Promise.all(Array.from({ length: BATCH }, (_, n) => titleOf(n)));
    assert.equal(first.filter((title) => title === null).length, extra);
    assert.equal(await titleOf(BATCH), "A title");
    assert.equal(await titleOf(KEPT + extra - 1), "A title");
  });
}
