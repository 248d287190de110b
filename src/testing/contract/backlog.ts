import assert from "node:assert/strict";
import type { Source } from "../../core/source.ts";
import type { Turn } from "../../core/turn.ts";
import type { Store } from "../../store/store.ts";
import { sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { answer, claim, drainEvents, LEASE_MS, MINUTE, say, SECOND } from "./steps.ts";

const by = (user: string) => ({ source: sourceOf({ user }) });

const NOTHING = {
  waiting: 0,
  sessions: 0,
  oldestAt: null,
  deliveries: 0,
  oldestDeliveryAt: null,
  deadDeliveries: 0,
  deadTurns: 0,
  events: 0,
};

async function giveUp(store: Store, { lease }: Turn): Promise<void> {
  await store.failTurn(lease, { reason: "x", retryAt: null, notice: "sorry", pieces: [] });
}

/** What is left to do: I18, I26. */
export function backlog(contract: Contract): void {
  contract.states("I26 backlog: what waits, where, and since when it was sent", async ({ store, clock }) => {
    assert.deepEqual(await store.reader.backlog(), NOTHING);
    await say(store, "hello", by("ada"));
    await claim(store);
    clock.advance(SECOND);
    await say(store, "and?", by("ada"));
    await say(store, "hello", { ...by("bob"), sentAt: clock.now() - MINUTE });
    await store.ensurePersisted(await store.getOrCreate(sourceOf({ user: "cyd" })));
    assert.deepEqual(await store.reader.backlog(), {
      ...NOTHING,
      waiting: 2,
      sessions: 2,
      oldestAt: clock.now() - MINUTE,
    });
    await answer(store, "hello bob");
    assert.deepEqual(await store.reader.backlog(), { ...NOTHING, waiting: 1, sessions: 1, oldestAt: clock.now() });
    await store.cancelTurn(by("ada"));
    assert.deepEqual(await store.reader.backlog(), NOTHING);
  });

  contract.states(
    "I26 backlog: deliveries until they are settled, and those that came to no good end",
    async ({ store, clock }) => {
      const startedAt = clock.now();
      for (const user of ["sent", "failed", "unknown", "waiting"]) {
        await say(store, "hello", by(user));
        await answer(store, "hi", true);
        clock.advance(1);
      }
      await say(store, "hello", by("open"));
      await store.openDelivery((await claim(store)).lease);
      const counted = async (): Promise<unknown> => {
        const { deliveries, oldestDeliveryAt, deadDeliveries } = await store.reader.backlog();
        return [deliveries, oldestDeliveryAt, deadDeliveries];
      };
      assert.deepEqual(await counted(), [5, startedAt, 0]);
      const taken = await store.takeDeliveries({ node: "node-a", leaseMs: LEASE_MS, limit: 3 });
      assert.deepEqual(await counted(), [5, startedAt, 0]);
      for (const delivery of taken) {
        const { user } = delivery.destination;
        if (user === "sent") await store.settleDelivery(delivery, { state: "sent", remoteId: null });
        if (user === "failed") await store.settleDelivery(delivery, { state: "failed", error: "x" });
        if (user === "unknown") await store.settleDelivery(delivery, { state: "unknown", error: "x" });
      }
      assert.deepEqual(await counted(), [2, startedAt + 3, 2]);
      const failed = taken.find(({ destination }) => destination.user === "failed");
      await store.dropDelivery(failed?.id ?? "");
      assert.deepEqual(await counted(), [2, startedAt + 3, 1]);
    },
  );

  contract.states("I26 backlog: dead turns until somebody retries them, or they are erased", async ({ store }) => {
    const dead: Turn[] = [];
    for (const user of ["ada", "bob"]) {
      await say(store, "hello", by(user));
      const turn = await claim(store);
      await giveUp(store, turn);
      dead.push(turn);
    }
    assert.equal((await store.reader.backlog()).deadTurns, 2);
    await store.retryTurn(dead[0]?.lease.turnId ?? "");
    assert.equal((await store.reader.backlog()).deadTurns, 1);
    await giveUp(store, await claim(store));
    assert.equal((await store.reader.backlog()).deadTurns, 2);
    for (const { lease } of dead) await store.erase(lease.sessionId);
    assert.deepEqual(await store.reader.backlog(), NOTHING);
  });

  contract.states(
    "I18 what is retried of a source is the newest dead turn of its live session that nobody has retried",
    async ({ store, clock }) => {
      assert.equal(await retryLast(store, by("ada")), null);
      const dead: string[] = [];
      for (const text of ["one", "two"]) {
        await say(store, text, by("ada"));
        const turn = await claim(store);
        await giveUp(store, turn);
        dead.push(turn.lease.turnId);
        clock.advance(SECOND);
      }
      await say(store, "three", by("ada"));
      await answer(store, "to three");
      assert.equal(await retryLast(store, by("bob")), null);
      assert.equal(await retryLast(store, by("ada")), dead[1]);
      await store.cancelTurn(by("ada"));
      assert.equal(await retryLast(store, by("ada")), dead[0]);
      const retried = await claim(store);
      await giveUp(store, retried);
      assert.equal(await retryLast(store, by("ada")), retried.lease.turnId);
      await giveUp(store, await claim(store));
      await store.reset(by("ada"));
      await say(store, "another life", by("ada"));
      assert.equal(await retryLast(store, by("ada")), null);
    },
  );

  contract
    .given({ scope: { group: "shared", thread: "shared" } })
    .states("I18 the last dead turn is that of the conversation the source belongs to", async ({ store }) => {
      const room = (user: string) => ({ source: sourceOf({ user, chatType: "group", chat: "room" }) });
      await say(store, "hello", room("ada"));
      const turn = await claim(store);
      await giveUp(store, turn);
      assert.equal(await retryLast(store, room("bob")), turn.lease.turnId);
    });

  contract.states("I26 backlog: lifecycle events that wait for hooks", async ({ store }) => {
    await say(store, "hello");
    assert.equal((await store.reader.backlog()).events, 0);
    await store.watchEvents();
    await answer(store, "hi");
    assert.equal((await store.reader.backlog()).events, 2);
    await drainEvents(store);
    assert.equal((await store.reader.backlog()).events, 0);
  });
}

/** Has the last dead turn of a source answered after all; which that was, or null when there is none. */
async function retryLast(store: Store, of: { readonly source: Source }): Promise<string | null> {
  const outcome = await store.retryTurn(of);
  if (outcome.outcome === "missing") return null;
  assert.ok(outcome.outcome === "retried", `must be retried; was ${outcome.outcome}`);
  return (await store.reader.turn(outcome.turnId))?.retryOf ?? null;
}
