import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ParlorError } from "../../src/core/errors.ts";
import {
  NO_RESET,
  checkResetPolicy,
  dueReset,
  type ActivityTimes,
  type ResetPolicy,
} from "../../src/core/reset-policy.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"] as const;

const anyTime = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2028, 0, 1) });
const anyTimes: fc.Arbitrary<ActivityTimes> = fc.record({ startedAt: anyTime, lastUserMessageAt: fc.option(anyTime) });
const anyZone = fc.constantFrom(...ZONES);
const anyClock = fc.record({ hour: fc.nat(23), minute: fc.constantFrom(0, 1, 15, 30, 45, 59) });
const anyAt = anyClock.map(({ hour, minute }) => `${minute} ${hour} * * *`);
const anyIdleMs = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 4 * DAY }));

const anyPolicy: fc.Arbitrary<ResetPolicy> = fc.oneof(
  fc.constant({ mode: "none" as const }),
  fc.record({ mode: fc.constant("idle" as const), idleMs: anyIdleMs }),
  fc.record({ mode: fc.constant("daily" as const), at: anyAt, timeZone: anyZone }),
  fc.record({ mode: fc.constant("both" as const), idleMs: anyIdleMs, at: anyAt, timeZone: anyZone }),
);

const since = (times: ActivityTimes): number => times.lastUserMessageAt ?? times.startedAt;

test("a decision depends on its arguments alone, whatever was decided before (I15)", () => {
  fc.assert(
    fc.property(
      anyPolicy,
      anyTimes,
      anyTime,
      fc.array(fc.tuple(anyTimes, anyTime), { maxLength: 4 }),
      (policy, times, now, others) => {
        const answer = dueReset(policy, times, now);
        for (const [otherTimes, otherNow] of others) dueReset(policy, otherTimes, otherNow);
        assert.equal(dueReset(structuredClone(policy), { ...times }, now), answer);
      },
    ),
    { numRuns: 500 },
  );
});

test("what is due stays due, for the same reason (I15)", () => {
  fc.assert(
    fc.property(anyPolicy, anyTimes, anyTime, fc.nat(3 * DAY), (policy, times, now, laterMs) => {
      const answer = dueReset(policy, times, now);
      if (answer !== null) assert.equal(dueReset(policy, times, now + laterMs), answer);
    }),
    { numRuns: 500 },
  );
});

test("no policy, and an idle time of 0, never end a session (I15)", () => {
  fc.assert(
    fc.property(anyTimes, (times) => {
      assert.equal(dueReset({ mode: "none" }, times, Number.MAX_SAFE_INTEGER), null);
      assert.equal(dueReset({ mode: "idle", idleMs: 0 }, times, Number.MAX_SAFE_INTEGER), null);
      assert.equal(dueReset(NO_RESET.default, times, Number.MAX_SAFE_INTEGER), null);
    }),
  );
});

test("an idle session ends exactly when its time has passed, not a millisecond before (I15)", () => {
  fc.assert(
    fc.property(anyTimes, fc.integer({ min: 1, max: 400 * DAY }), (times, idleMs) => {
      const policy: ResetPolicy = { mode: "idle", idleMs };
      assert.equal(dueReset(policy, times, since(times) + idleMs - 1), null);
      assert.equal(dueReset(policy, times, since(times) + idleMs), "idle");
    }),
  );
});

test("only what a person said last counts, not when the session began (I15)", () => {
  fc.assert(
    fc.property(anyPolicy, anyTime, anyTime, anyTime, anyTime, (policy, spoken, startedAt, otherStart, now) => {
      const answer = dueReset(policy, { startedAt, lastUserMessageAt: spoken }, now);
      assert.equal(dueReset(policy, { startedAt: otherStart, lastUserMessageAt: spoken }, now), answer);
      assert.equal(dueReset(policy, { startedAt: spoken, lastUserMessageAt: null }, now), answer);
    }),
  );
});

/** The first moment at which a session becomes due, found by halving; the answer is monotone. */
function firstDue(policy: ResetPolicy, spokenAt: number, withinMs: number): number {
  const times = { startedAt: spokenAt, lastUserMessageAt: spokenAt };
  let before = spokenAt;
  let due = spokenAt + withinMs;
  assert.notEqual(dueReset(policy, times, due), null, "not due at all");
  while (due - before > 1) {
    const middle = Math.floor((before + due) / 2);
    if (dueReset(policy, times, middle) === null) before = middle;
    else due = middle;
  }
  return due;
}

test("of both clocks the one that runs out first ends the session and gives the reason (I15)", () => {
  fc.assert(
    fc.property(anyTime, fc.integer({ min: 1, max: 4 * DAY }), anyAt, anyZone, (spokenAt, idleMs, at, timeZone) => {
      const daily = firstDue({ mode: "daily", at, timeZone }, spokenAt, 3 * DAY);
      const both: ResetPolicy = { mode: "both", idleMs, at, timeZone };
      const due = Math.min(spokenAt + idleMs, daily);
      const times = { startedAt: spokenAt, lastUserMessageAt: spokenAt };
      assert.equal(dueReset(both, times, due - 1), null);
      const reason = spokenAt + idleMs <= daily ? "idle" : "daily";
      assert.equal(dueReset(both, times, due), reason);
      assert.equal(dueReset(both, times, due + 30 * DAY), reason);
    }),
    { numRuns: 200 },
  );
});

/** What the clock on the wall shows, as if it were UTC. */
function wallClock(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((found) => found.type === type)?.value);
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
}

test("a boundary at the first minute that the clocks leave out comes when they have jumped", () => {
  const policy: ResetPolicy = { mode: "daily", at: "0 2 * * *", timeZone: "America/New_York" };
  const jump = Date.parse("2026-03-08T07:00:00Z");
  assert.equal(firstDue(policy, jump - HOUR, DAY), jump);
});

test("every day has exactly one boundary, at its hour on the wall, in every zone and on every day the clocks change", () => {
  const year = fc.integer({ min: 0, max: 1460 }).map((day) => Date.UTC(2024, 0, 1) + day * DAY);
  // Around the days on which one of the zones changes its clocks.
  const change = fc
    .constantFrom("2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2026-04-05", "2026-10-04")
    .chain((day) => fc.integer({ min: -36, max: 36 }).map((hours) => Date.parse(day) + hours * HOUR));
  fc.assert(
    fc.property(fc.oneof(change, year), fc.nat(DAY), anyClock, anyZone, (day, ms, { hour, minute }, timeZone) => {
      const policy: ResetPolicy = { mode: "daily", at: `${minute} ${hour} * * *`, timeZone };
      const spokenAt = day + ms;
      const first = firstDue(policy, spokenAt, 3 * DAY);
      const second = firstDue(policy, first, 3 * DAY);
      for (const boundary of [first, second]) {
        const wall = wallClock(boundary, timeZone);
        const wanted = wall - (wall % DAY) + hour * HOUR + minute * 60_000;
        // A time that the change leaves out, its first minute included, is made up for when the clocks have jumped.
        const isLeftOut = wallClock(boundary - 1_000, timeZone) < wanted && wanted < wall;
        assert.ok(wall === wanted || isLeftOut, `late by ${wall - wanted} ms`);
      }
      const dayOf = (at: number): number => Math.floor(wallClock(at, timeZone) / DAY);
      assert.equal(dayOf(second), dayOf(first) + 1, "not one boundary a day");
      assert.ok(dayOf(first) - dayOf(spokenAt) <= 1, "a day without a boundary");
    }),
    { numRuns: 300 },
  );
});

test("a boundary ends what was said before it and nothing that was said at it or after", () => {
  const boundary = Date.parse("2026-06-01T04:00:00+02:00");
  const policy: ResetPolicy = { mode: "daily", at: "0 4 * * *", timeZone: "Europe/Berlin" };
  const due = (lastUserMessageAt: number, now: number): string | null =>
    dueReset(policy, { startedAt: 0, lastUserMessageAt }, now);
  assert.equal(due(boundary - 1, boundary - 1), null);
  assert.equal(due(boundary - 1, boundary), "daily");
  assert.equal(due(boundary, boundary), null);
  assert.equal(due(boundary, boundary + DAY - 1), null);
  assert.equal(due(boundary, boundary + DAY), "daily");
  assert.equal(due(boundary + 1, boundary + DAY - 1), null);
});

test("a policy that can be carried out is accepted", () => {
  fc.assert(fc.property(anyPolicy, (policy) => assert.doesNotThrow(() => checkResetPolicy(policy))));
});

test("a policy that cannot be carried out is refused with what was found", () => {
  const daily = (at: string, timeZone: string): ResetPolicy => ({ mode: "daily", at, timeZone });
  const refused: readonly (readonly [ResetPolicy, RegExp])[] = [
    [{ mode: "idle", idleMs: -1 }, /found -1/],
    [{ mode: "idle", idleMs: Number.NaN }, /found NaN/],
    [{ mode: "both", idleMs: Infinity, at: "0 4 * * *", timeZone: "UTC" }, /found Infinity/],
    [daily("4 o'clock", "UTC"), /found "4 o'clock" and "UTC"/],
    [daily("", "UTC"), /found ""/],
    [daily("0 25 * * *", "UTC"), /found "0 25/],
    [daily("0 4 30 2 *", "UTC"), /it never comes/],
    [daily("0 4 * * *", "Europe/Nowhere"), /Europe\/Nowhere/],
    // The machine's own zone would be another one on the next node.
    [daily("0 4 * * *", ""), /the zone is empty/],
  ];
  for (const [policy, message] of refused) {
    assert.throws(
      () => checkResetPolicy(policy),
      (error) =>
        error instanceof ParlorError &&
        error.code === "INVALID_CONFIG" &&
        !error.retryable &&
        message.test(error.message),
      JSON.stringify(policy),
    );
  }
});
