import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { type Followed, followEverySession, followSession } from "../../src/cli/follow-sessions.ts";
import { DEFAULT_BUSY } from "../../src/core/busy-policy.ts";
import { ParlorError } from "../../src/core/errors.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import type { Store } from "../../src/store/store.ts";
import { createManualClock, type ManualClock } from "../../src/testing/manual-clock.ts";
import { messageOf, sourceOf } from "../../src/testing/sources.ts";

const START_MS = Date.UTC(2026, 10, 22, 12);

async function openStore(clock: ManualClock): Promise<Store> {
  // So that more than a page may wait.
  return await openSqliteStore({ path: ":memory:", clock, busy: { default: { ...DEFAULT_BUSY, maxWaiting: 1_000 } } });
}

async function say(store: Store, text: string, user = "ada"): Promise<string> {
  const accepted = await store.accept(messageOf(text, { source: sourceOf({ user }) }));
  assert.ok(accepted.outcome === "accepted");
  return accepted.session.id;
}

async function answer(store: Store, text: string): Promise<void> {
  const turn = await store.claimTurn({ node: "test", leaseMs: 30_000, maxMessages: 10, maxAgeMs: 0 });
  assert.ok(turn !== null);
  await store.commitTurn(turn.lease, { entries: [{ role: "assistant", text, pieces: [] }] });
}

/** The next of what is followed, in short: so many, or all of it; the clock runs meanwhile. */
async function take(
  follow: AsyncGenerator<Followed>,
  clock: ManualClock,
  count: number = Infinity,
): Promise<readonly string[]> {
  followed.add(follow);
  const found: string[] = [];
  while (found.length < count) {
    let isSettled = false;
    const next = follow.next().finally(() => (isSettled = true));
    while (!isSettled) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(100);
    }
    const result = await next;
    if (result.done === true) break;
    found.push(brief(result.value));
  }
  return found;
}

function brief(it: Followed): string {
  if (it.type === "message") return `${it.entry.seq} ${it.entry.role} ${it.entry.text}`;
  return it.type === "session:end" ? `${it.type} ${it.reason ?? ""}` : it.type;
}

const followed = new Set<AsyncGenerator<Followed>>();
after(async () => {
  for (const it of followed) await it.return(undefined);
});

const never = new AbortController().signal;

describe("following a session", { timeout: 60_000 }, () => {
  test("gives what is stored behind a place, once, and says that its life is over", async () => {
    const clock = createManualClock(START_MS);
    await using store = await openStore(clock);
    const id = await say(store, "one");
    await answer(store, "uno");
    const follow = followSession(store.reader, id, 1, { clock, signal: never });
    assert.deepEqual(await take(follow, clock, 1), ["2 assistant uno"]);
    const next = followSession(store.reader, id, 2, { clock, signal: never });
    const taken = take(next, clock);
    await say(store, "two");
    await answer(store, "due");
    await store.reset({ sessionId: id });
    assert.deepEqual(await taken, ["3 user two", "4 assistant due", "session:end command"]);
  });

  test("says that it was erased", async () => {
    const clock = createManualClock(START_MS);
    await using store = await openStore(clock);
    const id = await say(store, "one");
    const taken = take(followSession(store.reader, id, 0, { clock, signal: never }), clock);
    await store.erase(id);
    assert.equal((await taken).at(-1), "session:erase");
  });

  test("gives more than a page of entries in their order", async () => {
    const clock = createManualClock(START_MS);
    await using store = await openStore(clock);
    let id = "";
    for (let number = 1; number <= 250; number += 1) id = await say(store, String(number));
    const found = await take(followSession(store.reader, id, 0, { clock, signal: never }), clock, 250);
    assert.deepEqual([found.length, found[0], found[249]], [250, "1 user 1", "250 user 250"]);
  });

  test("goes on after the store could not be read", async () => {
    const clock = createManualClock(START_MS);
    await using store = await openStore(clock);
    const id = await say(store, "one");
    let faults = 2;
    const reader = {
      ...store.reader,
      get: (sessionId: string) => {
        faults -= 1;
        if (faults >= 0) return Promise.reject(new ParlorError("STORE_UNAVAILABLE", "busy", { retryable: true }));
        return store.reader.get(sessionId);
      },
    };
    assert.deepEqual(await take(followSession(reader, id, 0, { clock, signal: never }), clock, 1), ["1 user one"]);
  });

  test("ends with its signal", async () => {
    const clock = createManualClock(START_MS);
    await using store = await openStore(clock);
    const id = await say(store, "one");
    const ended = new AbortController();
    const taken = take(followSession(store.reader, id, 1, { clock, signal: ended.signal }), clock);
    ended.abort();
    assert.deepEqual(await taken, []);
  });
});

describe("following every session", { timeout: 60_000 }, () => {
  test("gives what is said from now on in old and new ones, and what becomes of them", async () => {
    const clock = createManualClock(START_MS);
    await using store = await openStore(clock);
    const ada = await say(store, "before");
    await answer(store, "prima");
    clock.advance(1_000);
    const follow = followEverySession(store.reader, { clock, signal: never });
    const first = take(follow, clock, 2);
    await new Promise((resolve) => setImmediate(resolve));
    await say(store, "one");
    await answer(store, "uno");
    assert.deepEqual(await first, ["3 user one", "4 assistant uno"]);
    const bob = await say(store, "hello", "bob");
    await answer(store, "ciao");
    assert.deepEqual(await take(follow, clock, 2), ["1 user hello", "2 assistant ciao"]);
    await store.update({ sessionId: bob }, { title: "A title" });
    await store.reset({ sessionId: ada });
    await store.erase(bob);
    assert.deepEqual(await take(follow, clock, 2), ["session:end command", "session:erase"]);
  });
});
