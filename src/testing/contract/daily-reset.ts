import assert from "node:assert/strict";
import type { ResetPolicy } from "../../core/reset-policy.ts";
import { sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { answer, HOUR, say, stored } from "./steps.ts";

const BERLIN = "Europe/Berlin";

interface Day {
  readonly name: string;
  readonly policy: ResetPolicy;
  readonly lastWords: string;
  /** A moment at which the life still goes on. */
  readonly before: string;
  /** The first moment at which it is over; null when the day passes without an end. */
  readonly over: string | null;
  readonly reason?: "idle" | "daily";
}

const AT_FOUR: ResetPolicy = { mode: "daily", at: "0 4 * * *", timeZone: BERLIN };
const AT_HALF_PAST_TWO: ResetPolicy = { mode: "daily", at: "30 2 * * *", timeZone: BERLIN };
const AT_FOUR_OR_IDLE: ResetPolicy = { ...AT_FOUR, mode: "both", idleMs: 2 * HOUR };

const DAYS: readonly Day[] = [
  {
    name: "at four in the morning, in winter",
    policy: AT_FOUR,
    lastWords: "2026-03-10T20:00:00Z",
    before: "2026-03-11T02:59:59.999Z",
    over: "2026-03-11T03:00:00Z",
  },
  {
    name: "at four in the morning, after the clocks have gone forward",
    policy: AT_FOUR,
    lastWords: "2026-03-28T20:00:00Z",
    before: "2026-03-29T01:59:59.999Z",
    over: "2026-03-29T02:00:00Z",
  },
  {
    name: "at four in the morning, after the clocks have gone back",
    policy: AT_FOUR,
    lastWords: "2026-10-24T20:00:00Z",
    before: "2026-10-25T02:59:59.999Z",
    over: "2026-10-25T03:00:00Z",
  },
  {
    name: "at a time that the day skips: when the clocks have jumped over it",
    policy: AT_HALF_PAST_TWO,
    lastWords: "2026-03-28T20:00:00Z",
    before: "2026-03-29T00:59:59.999Z",
    over: "2026-03-29T01:00:00Z",
  },
  {
    name: "at a time that the day has twice: only once",
    policy: AT_HALF_PAST_TWO,
    lastWords: "2026-10-25T00:40:00Z",
    before: "2026-10-25T01:40:00Z",
    over: null,
  },
  {
    name: "under both, by the hour when that comes first",
    policy: AT_FOUR_OR_IDLE,
    lastWords: "2026-03-11T02:00:00Z",
    before: "2026-03-11T02:59:59.999Z",
    over: "2026-03-11T03:00:00Z",
  },
  {
    name: "under both, by silence when that comes first",
    policy: AT_FOUR_OR_IDLE,
    lastWords: "2026-03-10T20:00:00Z",
    before: "2026-03-10T21:59:59.999Z",
    over: "2026-03-10T22:00:00Z",
    reason: "idle",
  },
];

/** The end of a life by the hour of the day: I15. */
export function dailyReset(contract: Contract): void {
  for (const { name, policy, lastWords, before, over, reason = "daily" } of DAYS) {
    contract.given({ reset: { default: policy } }).states(`I15 auto-reset: ${name}`, async ({ store, clock }) => {
      clock.advanceTo(Date.parse(lastWords));
      const { session } = await say(store, "hello");
      await answer(store, "hi");
      clock.advanceTo(Date.parse(before));
      assert.equal((await store.getOrCreate(sourceOf())).id, session.id);
      if (over === null) return;
      clock.advanceTo(Date.parse(over));
      assert.deepEqual((await store.getOrCreate(sourceOf())).reset, { reason, hadActivity: true });
      // Days later the reason is still the one that came first.
      clock.advance(100 * HOUR);
      assert.deepEqual((await say(store, "hello again")).session.reset, { reason, hadActivity: true });
      assert.equal((await stored(store, session.id)).endReason, reason);
    });
  }
}
