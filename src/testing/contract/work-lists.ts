import assert from "node:assert/strict";
import { sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { answer, claim, everyPage, LEASE_MS, resultOf, say, sentResultOf, SECOND } from "./steps.ts";

/** What a person sees of turns and deliveries: I18. */
export function workLists(contract: Contract): void {
  contract.states("I18 turns: newest first, by state and by session, page by page", async ({ store, clock }) => {
    const turns: string[] = [];
    for (const [user, ending] of [
      ["ada", "done"],
      ["bob", "dead"],
      ["ada", "dead"],
      ["ada", "done"],
      ["bob", "running"],
    ] as const) {
      clock.advance(turns.length === 2 ? 0 : SECOND);
      await say(store, "hello", { source: sourceOf({ user }) });
      const { lease } = await claim(store);
      turns.unshift(lease.turnId);
      if (ending === "done") await store.commitTurn(lease, resultOf("hi"));
      if (ending === "dead")
        await store.failTurn(lease, { reason: "broken", retryAt: null, notice: "sorry", pieces: [] });
    }
    const [running = "", ...rest] = turns;
    const all = await store.reader.turns();
    assert.deepEqual([all.items[0]?.id, all.nextCursor], [running, null]);
    assert.deepEqual(all.items.map(({ id }) => id).toSorted(), turns.toSorted());
    for (const limit of [1, 2, 5])
      assert.deepEqual(await everyPage((cursor) => store.reader.turns({ limit, ...cursor })), all.items);
    const dead = await everyPage((cursor) => store.reader.turns({ limit: 1, state: "dead", ...cursor }));
    assert.deepEqual(new Set(dead.map(({ id }) => id)), new Set([rest[1], rest[2]]));
    const [first] = dead;
    assert.ok(first !== undefined);
    assert.partialDeepStrictEqual(first, { state: "dead", attempt: 1, reason: "broken", node: null, retryOf: null });
    const { sessionId } = all.items[0] ?? assert.fail();
    const bobs = await everyPage((cursor) => store.reader.turns({ limit: 1, sessionId, ...cursor }));
    assert.deepEqual(
      bobs.map(({ state, node }) => [state, node]),
      [
        ["running", "node-a"],
        ["dead", null],
      ],
    );
    assert.equal((await store.reader.turns({ sessionId, state: "dead" })).items.length, 1);
    assert.deepEqual((await store.reader.turns({ sessionId: "ses_none" })).items, []);
  });

  contract.states("I21 turns: one is shown with all that belongs to it, retried or not", async ({ store, clock }) => {
    const { session } = await say(store, "one");
    await say(store, "two");
    const { lease: dead } = await claim(store);
    await store.failTurn(dead, { reason: "broken", retryAt: null, notice: "sorry", pieces: ["sorry"] });
    clock.advance(SECOND);
    const retried = await store.retryTurn(dead.turnId);
    assert.ok(retried.outcome === "retried");
    const { turnId } = retried;
    assert.partialDeepStrictEqual(await store.reader.turn(turnId), {
      state: "retrying",
      attempt: 0,
      retryOf: dead.turnId,
    });
    const usage = { model: "m", inputTokens: 3, outputTokens: 2 };
    await store.commitTurn((await claim(store)).lease, { ...sentResultOf("hi"), usage });
    await say(store, "three");
    const before = await store.reader.turn(dead.turnId);
    const after = await store.reader.turn(turnId);
    assert.ok(before !== null && after !== null);
    for (const turn of [before, after])
      assert.deepEqual(
        turn.messages.map(({ text, state }) => [text, state]),
        [
          ["one", "answered"],
          ["two", "answered"],
        ],
      );
    assert.deepEqual(
      [before.entries.map(({ text }) => text), after.entries.map(({ text }) => text)],
      [["sorry"], ["hi"]],
    );
    assert.deepEqual(
      [before.deliveries.map(({ text }) => text), after.deliveries.map(({ text }) => text)],
      [["sorry"], ["hi"]],
    );
    assert.deepEqual([before.usage, after.usage], [null, { inputTokens: 3, outputTokens: 2 }]);
    assert.deepEqual([before.retriedBy, after.retryOf], [turnId, dead.turnId]);
    assert.deepEqual([after.sessionId, after.startedAt, after.endedAt], [session.id, clock.now(), clock.now()]);
    assert.equal(await store.reader.turn("trn_none"), null);
  });

  contract.states("I25 deliveries: newest first, by state and by session, page by page", async ({ store }) => {
    const loose = await store.addDelivery({ destination: sourceOf({ user: "bob" }), text: "pong", key: null });
    const { session } = await say(store, "hello");
    await answer(store, "one", true);
    const [taken] = await store.takeDeliveries({ node: "node-a", leaseMs: LEASE_MS, limit: 1 });
    assert.equal(taken?.id, loose.id);
    await say(store, "again");
    await answer(store, "two", true);
    const { items } = await store.reader.deliveries();
    assert.deepEqual(
      items.map(({ text, state }) => [text, state]),
      [
        ["two", "pending"],
        ["one", "pending"],
        ["pong", "sending"],
      ],
    );
    assert.deepEqual(await everyPage((cursor) => store.reader.deliveries({ limit: 1, ...cursor })), items);
    const pending = await everyPage((cursor) => store.reader.deliveries({ limit: 1, state: "pending", ...cursor }));
    assert.deepEqual(pending, items.slice(0, 2));
    const ofSession = await everyPage((cursor) =>
      store.reader.deliveries({ limit: 1, sessionId: session.id, ...cursor }),
    );
    assert.deepEqual(ofSession, items.slice(0, 2));
    assert.deepEqual((await store.reader.deliveries({ sessionId: session.id, state: "sent" })).items, []);
  });
}
