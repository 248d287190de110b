import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { DatabaseSync } from "node:sqlite";
import { DEFAULT_BUSY } from "../../../src/core/busy-policy.ts";
import { NO_RESET } from "../../../src/core/reset-policy.ts";
import { DEFAULT_SCOPE } from "../../../src/core/session-key.ts";
import { openSqliteStore } from "../../../src/sqlite.ts";
import { openWriter } from "../../../src/store/sqlite/database.ts";
import { sweepStep } from "../../../src/store/sqlite/sweep.ts";
import { busy, DAY } from "../../../src/testing/contract/steps.ts";
import { createManualClock } from "../../../src/testing/manual-clock.ts";
import { messageOf, sourceOf } from "../../../src/testing/sources.ts";
import { openRaw, scratchFiles, valueOf } from "./scratch.ts";

const newPath = scratchFiles();
const NOW = Date.UTC(2026, 2, 2);
const OLD = NOW - 8 * DAY;
const YOUNG = NOW - 6 * DAY;

let path: string;

beforeEach(async () => {
  path = newPath();
  await using _made = await openSqliteStore({ path });
});

/** Sweeps a store that keeps receipts and events for seven days. */
async function sweep(): Promise<void> {
  await using store = await openSqliteStore({ path, clock: createManualClock(NOW) });
  await store.sweep();
}

function add(db: DatabaseSync, count: number, insert: string): void {
  db.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count}) ${insert}`);
}

const receipts = (at: number): string =>
  `INSERT INTO receipt (hash, outcome, created_at) SELECT randomblob(16), 'command', ${at} FROM n`;

const events = (at: number, state: string): string =>
  `INSERT INTO lifecycle_event (session_id, type, data, at, state) SELECT 'ses_' || i, 'turn:end', '{}', ${at}, '${state}' FROM n`;

const notes = (expiresAt: number): string =>
  `INSERT INTO draft_note (key, title, expires_at) SELECT ${expiresAt} || ' ' || i, 'a title', ${expiresAt} FROM n`;

function counts(): Record<string, unknown> {
  using db = openRaw(path);
  return {
    receipts: valueOf(db, "SELECT count(*) FROM receipt"),
    events: valueOf(db, "SELECT count(*) FROM lifecycle_event"),
    waiting: valueOf(db, "SELECT count(*) FROM lifecycle_event WHERE state = 'waiting'"),
    notes: valueOf(db, "SELECT count(*) FROM draft_note"),
  };
}

describe("sweeping", () => {
  it("removes what is past its time, however much it is, and leaves the younger", async () => {
    {
      using db = openRaw(path);
      for (const insert of [receipts(OLD), events(OLD, "done"), notes(NOW - 1)]) add(db, 1_300, insert);
      for (const insert of [receipts(YOUNG), events(YOUNG, "dead"), notes(NOW + 1)]) add(db, 700, insert);
    }
    await sweep();
    assert.deepEqual(counts(), { receipts: 700, events: 700, waiting: 0, notes: 700 });
    await sweep();
    assert.deepEqual(counts(), { receipts: 700, events: 700, waiting: 0, notes: 700 });
  });

  it("keeps events that wait, however old, and removes those behind them", async () => {
    {
      using db = openRaw(path);
      add(db, 800, events(OLD, "waiting"));
      for (const state of ["unwatched", "done", "dead"]) add(db, 400, events(OLD, state));
      add(db, 10, events(YOUNG, "done"));
    }
    await sweep();
    assert.deepEqual(counts(), { receipts: 0, events: 810, waiting: 800, notes: 0 });
  });

  it("goes in steps of at most 500 rows of a kind", () => {
    using db = openWriter(path);
    {
      using raw = openRaw(path);
      for (const insert of [receipts(OLD), events(OLD, "done"), notes(NOW - 1)]) add(raw, 1_200, insert);
    }
    const clock = createManualClock(NOW);
    const context = {
      db,
      clock,
      secret: new Uint8Array(32),
      scope: DEFAULT_SCOPE,
      reset: NO_RESET,
      busy: { default: DEFAULT_BUSY },
    };
    const left: unknown[] = [];
    let more: boolean;
    do {
      more = sweepStep(context, { receiptMs: 7 * DAY, eventMs: 7 * DAY });
      left.push(Object.values(counts()).filter((count) => count !== 0));
    } while (more);
    assert.deepEqual(left, [[700, 700, 700], [200, 200, 200], []]);
  });

  it("frees what was to be done at once when the clock of the machine was set back since", async () => {
    {
      await using store = await openSqliteStore({ path, clock: createManualClock(NOW) });
      await store.watchEvents();
      await store.accept(messageOf("hello"));
      await store.addDelivery({ destination: sourceOf(), text: "pong", key: null });
    }
    await using store = await openSqliteStore({ path, clock: createManualClock(NOW - DAY) });
    const claim = () => store.claimTurn({ node: "node-a", leaseMs: 1_000, maxMessages: 1, maxAgeMs: 0 });
    assert.equal(await claim(), null);
    await store.sweep();
    assert.equal((await claim())?.messages[0]?.text, "hello");
    assert.equal((await store.takeDeliveries({ node: "node-a", leaseMs: 1_000, limit: 2 })).length, 1);
    assert.equal((await store.takeEvents({ leaseMs: 1_000, limit: 2 })).length, 1);
    await store.sweep();
    assert.equal(await claim(), null);
  });

  it("frees what waits for the end of a debounce that a clock holds up, and cuts no other one short", async () => {
    const debounceMs = 60_000;
    const openAt = (now: number) => openSqliteStore({ path, clock: createManualClock(now), ...busy({ debounceMs }) });
    {
      await using store = await openAt(NOW);
      await store.accept(messageOf("hello"));
    }
    for (const [now, dueAt] of [
      [NOW, NOW + debounceMs],
      [NOW - debounceMs / 2, NOW - debounceMs / 2],
    ] as const) {
      await using store = await openAt(now);
      await store.sweep();
      assert.equal((await store.reader.nextDue()).turn, dueAt);
    }
  });

  it("puts what was accepted with a clock that was ahead off by one debounce at most", async () => {
    const policy = busy({ debounceMs: 60_000 });
    {
      await using store = await openSqliteStore({ path, clock: createManualClock(NOW), ...policy });
      await store.accept(messageOf("hello"));
    }
    await using store = await openSqliteStore({ path, clock: createManualClock(NOW - DAY), ...policy });
    await store.accept(messageOf("hello again"));
    assert.equal((await store.reader.nextDue()).turn, NOW - DAY + 60_000);
  });
});
