import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type AccessOptions, createAccess } from "../../src/access/access.ts";
import type { InboundEvent } from "../../src/core/event.ts";
import type { Party } from "../../src/core/party.ts";
import type { InboxOptions } from "../../src/inbox/inbox.ts";
import type { Store } from "../../src/store/store.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { sourceOf } from "../../src/testing/sources.ts";
import { openInbox } from "./inbox-setup.ts";

const said = { kind: "message", source: sourceOf(), eventId: null } as const;
const inGroup = (user: string) => sourceOf({ user, chatType: "group", chat: "lobby" });
const person = (id: string): Party => ({ platform: "test", account: "default", kind: "person", id });

function accessOf(
  given: Partial<AccessOptions["options"]> = {},
  clock = createManualClock(Date.UTC(2026, 10, 22)),
): (store: Store) => NonNullable<InboxOptions["access"]> {
  const options = {
    dm: "pairing",
    allow: [],
    personPerMinute: 20,
    chatPerMinute: 60,
    open: ["api"],
    ...given,
  } as const;
  return (store) => createAccess({ store, clock, options });
}

describe("who may not speak (I30)", () => {
  test("is rejected with the line to be sent, and counted", async () => {
    await using under = await openInbox({ access: accessOf() });
    const outcome = await under.inbox.receive({ ...said, text: "hello" });
    assert.ok(outcome.outcome === "rejected" && outcome.reason === "unknown-person");
    assert.match(outcome.reply ?? "", /parlor access approve test ada-/);
    assert.deepEqual(under.counted, ["rejected"]);
    assert.deepEqual(under.woken, []);
    assert.equal((await under.store.reader.stats()).sessions, 0);
  });

  test("commands nothing", async () => {
    await using under = await openInbox({ access: accessOf() });
    await under.store.decideAccess(person("ada"), "allowed");
    const first = await under.inbox.receive({ ...said, text: "hello" });
    assert.ok(first.outcome === "accepted");
    await under.store.decideAccess(person("ada"), "blocked");
    for (const text of ["/new", "/title Mine", "/stop", "/help", "/nope"]) {
      assert.deepEqual(await under.inbox.receive({ ...said, text }), {
        outcome: "rejected",
        reason: "blocked",
        reply: null,
      });
    }
    const found = await under.store.reader.get(first.session.id);
    assert.ok(found.outcome === "found" && found.session.endedAt === null && found.session.title === null);
  });

  test("is a signal where only signals come, and is not asked who they are", async () => {
    await using under = await openInbox({ access: () => ({ check: () => assert.fail("nobody asks") }) });
    await under.inbox.receive({ kind: "signal", source: said.source, name: "typing" });
    await under.inbox.receive({ ...said, text: " " });
    await under.inbox.receive({ ...said, text: "hello", fromBot: true });
    assert.deepEqual(under.counted, ["signal", "signal", "signal"]);
  });

  test("is not overheard in a group that may be", async () => {
    await using under = await openInbox({
      access: accessOf({ allow: ["test:lobby"] }),
      scope: { group: "shared", thread: "shared" },
      context: "on",
    });
    await under.store.decideAccess(person("pest"), "blocked");
    const first = await under.inbox.receive({ ...said, source: inGroup("ada"), text: "hello" });
    assert.ok(first.outcome === "accepted");
    for (const user of ["pest", "bob"])
      await under.inbox.receive({ ...said, source: inGroup(user), text: `from ${user}`, addressed: false });
    const { items } = await under.store.reader.transcript(first.session.id);
    assert.deepEqual(
      items.map(({ text }) => text),
      ["hello", "from bob"],
    );
  });

  test("is not known when the store cannot say, so the message is neither kept nor lost", async () => {
    await using under = await openInbox({ access: () => ({ check: () => Promise.reject(new Error("no store")) }) });
    await assert.rejects(under.inbox.receive({ ...said, text: "hello" }), /no store/);
    assert.deepEqual(under.counted, ["failed"]);
  });
});

test("whatever strangers send, no row is written, and who is allowed is always heard (I27, I30)", async () => {
  const stranger = fc.integer({ min: 0, max: 400 }).map((n) => `stranger ${n}`);
  const place = fc.constantFrom("dm", "group", "thread");
  const event = fc.record({
    user: stranger,
    place,
    text: fc.constantFrom("hello", "/new", "/title Tea", "/nope", "", "x".repeat(3_000)),
    eventId: fc.option(fc.constantFrom("1", "2")),
    addressed: fc.boolean(),
    isFriend: fc.boolean(),
    pauseMs: fc.constantFrom(0, 0, 0, 3_000, 3_600_000),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { maxLength: 150 }),
      fc.constantFrom("pairing", "closed"),
      fc.constantFrom("on", "off"),
      async (steps, dm, context) => {
        const clock = createManualClock(Date.UTC(2026, 10, 22));
        await using under = await openInbox({
          access: accessOf({ dm, personPerMinute: 1_000, chatPerMinute: 1_000 }, clock),
          context,
        });
        await under.store.decideAccess(person("friend"), "allowed");
        let heard = 0;
        for (const { user, place: where, isFriend, pauseMs, ...message } of steps) {
          clock.advance(pauseMs);
          const source = sourceOf(
            where === "dm"
              ? { user }
              : where === "group"
                ? { user, chatType: "group", chat: user }
                : { user, thread: "t", chat: "lobby" },
          );
          const outcome = await under.inbox.receive({ kind: "message", source, ...message } satisfies InboundEvent);
          assert.ok(outcome.outcome === "rejected" || outcome.outcome === "signal");
          if (!isFriend) continue;
          const friendly = await under.inbox.receive({ ...said, source: sourceOf({ user: "friend" }), text: "hello" });
          assert.equal(friendly.outcome, "accepted");
          heard += 1;
        }
        const { sessions, entries } = await under.store.reader.stats();
        assert.deepEqual([sessions, entries], [Math.min(heard, 1), heard]);
        assert.ok((await under.store.reader.accessList()).requests.length <= 100);
        assert.deepEqual(
          (await under.store.reader.verify()).filter(({ defects }) => defects > 0),
          [],
        );
      },
    ),
    { numRuns: 40 },
  );
});
