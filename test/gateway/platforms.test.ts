import assert from "node:assert/strict";
import { test } from "node:test";
import { OWN_PLATFORMS } from "../../src/access/own-platforms.ts";
import { PLATFORM_NAMES } from "../../src/config/platform-names.ts";
import { createSecret } from "../../src/config/secret.ts";
import { createPlatforms } from "../../src/gateway/platforms.ts";
import { createWebhooks } from "../../src/gateway/webhooks.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import { openFakeTelegram } from "../../src/testing/fake-telegram.ts";
import { createLive } from "../../src/turn/live.ts";

test("the platforms that a configuration may name are those that there are", async () => {
  await using api = await openFakeTelegram();
  await using store = await openSqliteStore({ path: ":memory:" });
  const { senders } = await createPlatforms({
    config: { telegram: { token: createSecret(api.token), apiBaseUrl: api.baseUrl, streaming: false } },
    webhook: createWebhooks({ webhooks: {} }, systemClock).platform,
    store,
    node: "node-1",
    receive: () => assert.fail("nothing is received before the start"),
    live: createLive({ onFault: assert.ifError }),
    clock: systemClock,
    onFault: (_where, error) => assert.ifError(error),
    onAdded: () => {},
    onStandby: () => {},
    onTaken: () => {},
    onLost: () => {},
  });
  const there = new Set([...senders.map(({ name }) => name), ...OWN_PLATFORMS]);
  assert.deepEqual([...PLATFORM_NAMES].toSorted(), [...there].toSorted());
});
