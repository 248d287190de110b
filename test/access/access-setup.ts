import { type Access, type AccessOptions, type AccessOutcome, createAccess } from "../../src/access/access.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import type { Store } from "../../src/store/store.ts";
import { type ManualClock, createManualClock } from "../../src/testing/manual-clock.ts";
import { type MessageOptions, messageOf } from "../../src/testing/sources.ts";

export interface AccessUnderTest extends AsyncDisposable {
  readonly access: Access;
  readonly store: Store;
  readonly clock: ManualClock;
  /** How often each verb of the store was called. */
  readonly calls: Readonly<Record<"standing" | "requestAccess", number>>;
  /** The time of day moves, and nothing else: the machine slept, or somebody set its clock. */
  sleep(ms: number): void;
  /** Someone says something new. */
  say(options?: MessageOptions & { readonly addressed?: boolean }): Promise<AccessOutcome>;
}

export const DEFAULTS: AccessOptions["options"] = {
  dm: "pairing",
  allow: [],
  personPerMinute: 20,
  chatPerMinute: 60,
  open: ["api"],
};

/** Access to a store in memory, at noon. */
export async function openAccess(options: Partial<AccessOptions["options"]> = {}): Promise<AccessUnderTest> {
  const manual = createManualClock(Date.UTC(2026, 10, 22, 12));
  let sleptMs = 0;
  const clock = { ...manual, now: () => manual.now() + sleptMs };
  const store = await openSqliteStore({ path: ":memory:", clock });
  const calls = { standing: 0, requestAccess: 0 };
  const access = createAccess({
    store: {
      requestAccess: (party, name) => {
        calls.requestAccess += 1;
        return store.requestAccess(party, name);
      },
      reader: {
        received: store.reader.received,
        standing: (place) => {
          calls.standing += 1;
          return store.reader.standing(place);
        },
      },
    },
    clock,
    options: { ...DEFAULTS, ...options },
  });
  return {
    access,
    store,
    clock,
    calls,
    sleep: (ms) => void (sleptMs += ms),
    say: ({ addressed = true, ...message } = {}) =>
      access.check({ kind: "message", addressed, ...messageOf("hello", message), eventId: message.eventId ?? null }),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
