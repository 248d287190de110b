import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { EventRange, RecordedEvent } from "../../store/reader.ts";
import type { Store } from "../../store/store.ts";
import { sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { answer, claim, DAY, drainEvents, HOUR, say, sentResultOf, stored } from "./steps.ts";

const HERE = { source: sourceOf() };

/** Every event that is kept after this one, read in pages of `limit`. */
async function eventsAfter({ reader }: Store, after: number, limit: number = 1_000): Promise<RecordedEvent[]> {
  const found: RecordedEvent[] = [];
  for (;;) {
    const page = await reader.events({ after: found.at(-1)?.event.id ?? after, limit });
    if (page.length === 0) return found;
    assert.ok(page.length <= limit, "a page must not be longer than its limit");
    found.push(...page);
  }
}

const idsOf = (events: readonly RecordedEvent[]): number[] => events.map(({ event }) => event.id);
const typesIn = (events: readonly RecordedEvent[]): string[] => events.map(({ event }) => event.type);

/** Whatever the range promises must be there, without a hole. */
async function assertKept(store: Store, { first, last }: EventRange): Promise<void> {
  const ids = Array.from({ length: last - first + 1 }, (_, n) => first + n);
  assert.deepEqual(idsOf(await eventsAfter(store, first - 1)), ids);
}

/** What those who follow a store are shown: I19. */
export function recordedEvents(contract: Contract): void {
  contract.states("I19 recorded: every step, in order, watched or not", async ({ store, clock }) => {
    assert.deepEqual(await store.reader.eventRange(), { first: 1, last: 0 });
    const { session } = await say(store, "hello");
    const { lease } = await answer(store, "hi");
    await store.watchEvents();
    await store.update(HERE, { title: "Plans" });
    await store.reset(HERE);
    const events = await eventsAfter(store, 0);
    const about = { sessionId: session.id, at: clock.now() };
    assert.deepEqual(
      events.map(({ event }) => event),
      [
        { ...about, id: 1, type: "session:start", epoch: 1, reset: null },
        { ...about, id: 2, type: "turn:start", turnId: lease.turnId, attempt: 1 },
        { ...about, id: 3, type: "turn:end", turnId: lease.turnId, outcome: "done" },
        { ...about, id: 4, type: "session:update", changed: "title" },
        { ...about, id: 5, type: "session:end", reason: "command" },
      ],
    );
    await drainEvents(store);
    assert.deepEqual(idsOf(await eventsAfter(store, 0)), [1, 2, 3, 4, 5]);
    assert.deepEqual(await store.reader.eventRange(), { first: 1, last: 5 });
  });

  contract.states("I19 recorded: each with its session as it is stored now", async ({ store }) => {
    const { session } = await say(store, "hello");
    const other = await say(store, "hello", { source: sourceOf({ user: "bob" }) });
    await store.update(HERE, { title: "Plans" });
    const events = await eventsAfter(store, 0);
    assert.deepEqual(
      events.map((recorded) => recorded.session),
      [await stored(store, session.id), await stored(store, other.session.id), await stored(store, session.id)],
    );
    assert.ok(events.every((recorded) => recorded.session?.persisted));
    await store.erase(session.id);
    const later = await eventsAfter(store, 0);
    assert.deepEqual(
      later.map((recorded) => recorded.session?.id ?? null),
      [null, other.session.id, null, null, null],
    );
    assert.deepEqual(typesIn(later).slice(3), ["session:end", "session:erase"]);
    assert.ok(!JSON.stringify(later).includes("Plans"), "an event must not hold what was said");
  });

  contract.states("I19 recorded: pages join without gap or double, from any id", async ({ store }) => {
    for (let n = 0; n < 12; n++) await say(store, "hello", { source: sourceOf({ user: `user-${n}` }) });
    for (const limit of [1, 5, 12, 1_000]) {
      assert.deepEqual(
        idsOf(await eventsAfter(store, 0, limit)),
        Array.from({ length: 12 }, (_, n) => n + 1),
      );
    }
    assert.deepEqual(idsOf(await store.reader.events({ after: 9, limit: 2 })), [10, 11]);
    assert.deepEqual(await store.reader.events({ after: 12 }), []);
    assert.deepEqual(await store.reader.events({ after: 99 }), []);
  });

  contract.states(
    "I19 recorded: two hundred to a page unless asked otherwise, a thousand at most",
    async ({ store }) => {
      await say(store, "hello");
      for (let n = 0; n < 200; n++) await store.update(HERE, { title: `title ${n}` });
      assert.equal((await store.reader.events({ after: 0 })).length, 200);
      for (const query of [
        { after: 0, limit: 0 },
        { after: 0, limit: 1_001 },
        { after: 0, limit: 1.5 },
        { after: -1 },
        { after: 0.5 },
        { after: Number.NaN },
      ]) {
        await assert.rejects(store.reader.events(query), { code: "INVALID_INPUT" }, JSON.stringify(query));
      }
    },
  );

  contract.states("I19 recorded: nothing of a turn whose result was refused", async ({ store }) => {
    await say(store, "hello");
    const { lease } = await claim(store);
    await store.cancelTurn(HERE);
    const { last } = await store.reader.eventRange();
    assert.deepEqual(await store.commitTurn(lease, sentResultOf("late")), { outcome: "lost" });
    assert.deepEqual(await store.reader.events({ after: last }), []);
  });

  contract.states("I19 recorded: who follows sees each once, however many write", async ({ store }) => {
    const people = Array.from({ length: 20 }, (_, n) => sourceOf({ user: `user-${n}` }));
    const seen: number[] = [];
    let isWriting = true;
    const follow = async (): Promise<void> => {
      for (let isLast = false; !isLast;) {
        isLast = !isWriting;
        const page = await store.reader.events({ after: seen.at(-1) ?? 0, limit: 7 });
        seen.push(...idsOf(page));
        if (page.length > 0) isLast = false;
        // A store that answers without waiting would leave the writers no turn.
        await nextTurn();
      }
    };
    const write = async (): Promise<void> => {
      await Promise.all(
        people.map(async (source) => {
          await say(store, "hello", { source });
          await store.update({ source }, { title: "Plans" });
          await store.reset({ source });
        }),
      );
      isWriting = false;
    };
    await Promise.all([follow(), write()]);
    assert.deepEqual(
      seen,
      Array.from({ length: 60 }, (_, n) => n + 1),
    );
  });

  const brief = contract.given({ eventRetentionMs: HOUR });

  brief.states("I19 recorded: what is forgotten is told, and the last id never goes back", async ({ store, clock }) => {
    await say(store, "hello");
    await answer(store, "hi");
    clock.advance(2 * HOUR);
    await store.reset(HERE);
    assert.deepEqual(await store.reader.eventRange(), { first: 1, last: 4 });
    await store.sweep();
    const range = await store.reader.eventRange();
    assert.deepEqual(range, { first: 4, last: 4 });
    await assertKept(store, range);
    clock.advance(DAY);
    await store.sweep();
    assert.deepEqual(await store.reader.eventRange(), { first: 5, last: 4 });
    assert.deepEqual(await store.reader.events({ after: 0 }), []);
    await say(store, "anew");
    assert.deepEqual(await store.reader.eventRange(), { first: 5, last: 5 });
  });

  brief.states(
    "I19 recorded: one that still waits for a hook does not hide a hole behind it",
    async ({ store, clock }) => {
      await store.watchEvents();
      await say(store, "hello", { source: sourceOf({ user: "bob" }) });
      await say(store, "hello");
      const taken = await store.takeEvents({ leaseMs: HOUR, limit: 2 });
      await store.settleEvent(taken[1]?.event.id ?? 0, "done");
      await say(store, "hello", { source: sourceOf({ user: "cyd" }) });
      clock.advance(2 * HOUR);
      await say(store, "hello", { source: sourceOf({ user: "dan" }) });
      await store.sweep();
      const range = await store.reader.eventRange();
      assert.deepEqual(range, { first: 3, last: 4 });
      assert.deepEqual(idsOf(await eventsAfter(store, 0)), [3, 4]);
      await assertKept(store, range);
    },
  );
}
