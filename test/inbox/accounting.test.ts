import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SIGNAL_NAMES } from "../../src/core/event.ts";
import type { InboundEvent } from "../../src/core/event.ts";
import { ParlorError } from "../../src/core/errors.ts";
import { sourceOf } from "../../src/testing/sources.ts";
import { openInbox } from "./inbox-setup.ts";

const source = fc.constantFrom("ada", "bob", "cyd").map((user) => sourceOf({ user }));

const event: fc.Arbitrary<InboundEvent> = fc.oneof(
  fc.record({ kind: fc.constant("signal" as const), source, name: fc.constantFrom(...SIGNAL_NAMES) }),
  fc.record({
    kind: fc.constant("message" as const),
    source,
    eventId: fc.option(fc.constantFrom("1", "2", "3")),
    text: fc.constantFrom("", "hello", "bye", "/new", "/title Tea", "/status", "/stop", "/help", "/nope", "/etc/hosts"),
    fromBot: fc.boolean(),
    addressed: fc.boolean(),
  }),
);

test("received = signal + duplicate + rejected + command + failed + accepted, and a row only where someone spoke (I26, I6)", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ event, fails: fc.boolean(), erases: fc.boolean() }), { maxLength: 30 }),
      async (steps) => {
        let isFailing = false;
        const unlessFailing = <T>(call: () => Promise<T>): Promise<T> =>
          isFailing ? Promise.reject(new ParlorError("STORE_UNAVAILABLE", "It fails.", { retryable: true })) : call();
        await using under = await openInbox({
          context: "on",
          wrap: (store) => ({
            accept: (message) => unlessFailing(() => store.accept(message)),
            overhear: (message) => unlessFailing(() => store.overhear(message)),
            getOrCreate: (of) => unlessFailing(() => store.getOrCreate(of)),
          }),
        });
        const spoke = new Set<string>();
        for (const [index, step] of steps.entries()) {
          isFailing = step.fails;
          const outcome = await under.inbox.receive(step.event).catch((error: unknown) => {
            assert.ok(error instanceof ParlorError);
            return null;
          });
          if (outcome?.outcome === "accepted") {
            spoke.add(outcome.session.id);
            if (step.erases) {
              await under.store.erase(outcome.session.id);
              spoke.delete(outcome.session.id);
            }
          }
          assert.equal(under.counted.length, index + 1);
          assert.equal(outcome === null, under.counted.at(-1) === "failed");
        }
        assert.equal((await under.store.reader.stats()).sessions, spoke.size);
      },
    ),
    { numRuns: 60 },
  );
});
