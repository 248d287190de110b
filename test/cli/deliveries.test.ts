import assert from "node:assert/strict";
import { test } from "node:test";
import { inStore, reply } from "./dead-turns.ts";
import { createPlace, parlor, parlorJson, type Place, startParlor } from "./parlor.ts";

interface Listed {
  readonly deliveries: readonly { readonly id: string; readonly state: string; readonly text: string }[];
  readonly nextCursor: string | null;
}

interface Failed {
  readonly error: { readonly code: string; readonly message: string };
}

async function states(place: Place): Promise<readonly string[]> {
  const { deliveries } = await parlorJson<Listed>(place, ["deliveries", "list"]);
  return deliveries.map(({ text, state }) => `${text} ${state}`);
}

test("deliveries list shows what did not arrive, where to and why, page by page", async (t) => {
  const place = createPlace(t);
  await inStore(place, async (store) => {
    await reply(store, "one", "failed");
    await reply(store, "two", "failed");
    await reply(store, "three", "unknown");
  });
  const { stdout } = await parlor(place, ["deliveries", "list", "--state", "failed", "--limit", "1"]);
  assert.match(stdout, /^ID +STATE +MADE +TO AND WHY$/m);
  assert.match(stdout, /^dlv_\S+ +failed +\S+ \d\d:\d\d +test\/default ada/m);
  const more = /^More: parlor (.+)$/m.exec(stdout)?.[1]?.split(" ") ?? [];
  const { deliveries, nextCursor } = await parlorJson<Listed>(place, more);
  assert.deepEqual([deliveries.map(({ text }) => text), nextCursor], [["one"], null]);
  assert.deepEqual(await states(place), ["three unknown", "two failed", "one failed"]);
});

test("sessions show --deliveries says what was sent of each entry", async (t) => {
  const place = createPlace(t);
  const session = await inStore(place, async (store) => {
    await reply(store, "one", "failed");
    await reply(store, "two", "pending");
    const [taken] = await store.takeDeliveries({ node: "gone", leaseMs: 1_000, limit: 1 });
    assert.ok(taken !== undefined);
    await store.settleDelivery(taken, { state: "sent", remoteId: "4711" });
    return taken.sessionId ?? "";
  });
  const show = ["sessions", "show", session, "--deliveries"];
  const { stdout } = await parlor(place, show);
  assert.match(stdout, /assistant \(delivery failed\)\n {2}one/);
  assert.match(stdout, /assistant \(delivery sent 4711\)\n {2}two/);
  const { messages } = await parlorJson<{
    readonly messages: readonly { readonly text: string; readonly deliveries: readonly object[] }[];
  }>(place, show);
  assert.deepEqual(
    messages.map(({ text, deliveries }) => [text, deliveries.length]),
    [
      ["say one", 0],
      ["one", 1],
      ["say two", 0],
      ["two", 1],
    ],
  );
});

test("deliveries retry sends what failed, and what may have arrived only with --yes", async (t) => {
  const place = createPlace(t);
  const [failed, unknown] = await inStore(
    place,
    async (store) => [await reply(store, "one", "failed"), await reply(store, "two", "unknown")] as const,
  );
  const { error } = await parlorJson<Failed>(place, ["deliveries", "retry", unknown]);
  assert.match(error.message, /not known whether dlv_\S+ has arrived.*add --yes/);
  assert.match((await parlor(place, ["deliveries", "retry", unknown])).stderr, /add --yes/);
  assert.deepEqual(await states(place), ["two unknown", "one failed"]);
  assert.equal(
    (await parlor(place, ["deliveries", "retry", failed])).stdout,
    `${failed} is sent again next to test/default ada.\n`,
  );
  assert.equal((await parlor(place, ["deliveries", "retry", unknown, "--yes"])).code, 0);
  assert.deepEqual(await states(place), ["two pending", "one pending"]);
  const again = await parlorJson<Failed>(place, ["deliveries", "retry", failed]);
  assert.match(again.error.message, /Only a delivery that is failed or unknown can be retried; \S+ is pending\./);
  assert.equal((await parlorJson<Failed>(place, ["deliveries", "retry", "dlv_none"])).error.code, "NOT_FOUND");
});

test("deliveries drop needs --yes where nobody can be asked, and then gives it up", async (t) => {
  const place = createPlace(t);
  const id = await inStore(place, (store) => reply(store, "one", "pending"));
  const unasked = await parlor(place, ["deliveries", "drop", id]);
  assert.deepEqual([unasked.code, unasked.stdout], [64, ""]);
  assert.deepEqual(await states(place), ["one pending"]);
  const { stdout } = await parlor(place, ["deliveries", "drop", id, "--yes"]);
  assert.equal(stdout, `${id} to test/default ada is dropped.\n`);
  assert.deepEqual(await states(place), ["one dropped"]);
  const again = await parlorJson<Failed>(place, ["deliveries", "drop", id, "--yes"]);
  assert.match(again.error.message, /is dropped\.$/);
});

test("deliveries retry beside a gateway is found by it", async (t) => {
  const place = createPlace(t);
  const id = await inStore(place, (store) => reply(store, "one", "failed"));
  const gateway = await startParlor(t, place);
  await gateway.says(/http:/);
  assert.equal((await parlor(place, ["deliveries", "retry", id])).code, 0);
  // It knows no platform of this name, which it finds out by taking the delivery.
  for (;;) {
    const { deliveries } = await parlorJson<{ deliveries: { state: string; error: string; attempt: number }[] }>(
      place,
      ["deliveries", "list"],
    );
    const [shown] = deliveries;
    if (shown?.attempt !== 2 || shown.state === "sending") continue;
    assert.deepEqual([shown.state, shown.error.includes('No platform named "test"')], ["failed", true]);
    break;
  }
});

test("sessions show marks a reply that did not arrive", async (t) => {
  const place = createPlace(t);
  const session = await inStore(place, async (store) => {
    await reply(store, "one", "failed");
    await reply(store, "two", "unknown");
    return (await store.reader.list()).items[0]?.id ?? "";
  });
  const { stdout } = await parlor(place, ["sessions", "show", session]);
  assert.match(stdout, /^2 .*assistant \(delivery failed\)$/m);
  assert.match(stdout, /^4 .*assistant \(delivery unknown\)$/m);
  const { undelivered } = await parlorJson<{ undelivered: { seq: number; state: string }[] }>(place, [
    "sessions",
    "show",
    session,
  ]);
  assert.deepEqual(
    undelivered.map(({ seq, state }) => [seq, state]),
    [
      [2, "failed"],
      [4, "unknown"],
    ],
  );
});
