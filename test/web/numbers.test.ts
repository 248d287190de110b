import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeAgent } from "../../src/testing/fake-agent.ts";
import { call, configOf, scratchFolder, startGateway } from "../gateway/gateway-setup.ts";
import { figure, sayOnPage, shown, withBrowser } from "./open-page.ts";

const openTab = withBrowser();

test("what is simulated changes the numbers and never the rows", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  await using tab = await openTab(gateway.url);
  const { page, faults } = tab;
  const button = (name: string): ReturnType<typeof page.locator> => page.locator(`[data-simulation="${name}"]`);
  await shown(page, '[data-figure="rows"]', "0");
  assert.ok(await button("redelivery").isDisabled(), "nothing was said that could come again");
  assert.equal(await button("redelivery").locator(".what").innerText(), "Say something first");

  await sayOnPage(page, "Hello");
  await shown(page, '[data-figure="rows"]', "1");
  await shown(page, ".entry.assistant:not(.live)");
  const start = await figure(page, "avoided");

  await button("ping").click();
  await shown(page, ".sentence", "A ping from a chat nobody knew: rows unchanged, avoided +1.");
  assert.equal(await figure(page, "avoided"), start + 1);
  await button("join").click();
  await shown(page, ".sentence", "Someone joined a chat and said nothing: rows unchanged, avoided +1.");
  await button("burst").click();
  await shown(page, ".sentence", "20 pings at once from 20 new chats: rows unchanged, avoided +20.");
  assert.equal(await figure(page, "avoided"), start + 22);
  assert.equal(await figure(page, "signal"), 22);

  await button("redelivery").click();
  await shown(
    page,
    ".sentence",
    "Your last message came again and started nothing: rows unchanged, avoided unchanged.",
  );
  assert.equal(await figure(page, "duplicate"), 1);
  assert.equal(await figure(page, "rows"), 1);
  assert.equal(await page.locator(".transcript .entry").count(), 2);

  // What was said last is known after a reload, too.
  await page.reload();
  await button("redelivery").click();
  await shown(page, ".sentence", "came again and started nothing");
  assert.equal(await figure(page, "duplicate"), 2);

  const { body } = await call(`${gateway.url}/api/stats`, "GET");
  assert.deepEqual([body["sessions"], body["emptySessions"]], [1, 0]);
  assert.deepEqual(faults, []);
});

test("what others send moves the numbers of a page that only looks", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  await using tab = await openTab(gateway.url);
  await shown(tab.page, '[data-figure="rows"]', "0");
  await call(`${gateway.url}/api/chats/elsewhere/messages`, "POST", { type: "ping" });
  await call(`${gateway.url}/api/chats/elsewhere/messages?wait=20`, "POST", { from: "ada", text: "Hello" });
  await shown(tab.page, '[data-figure="rows"]', "1");
  await shown(tab.page, '[data-received="signal"]', "1");
  await shown(tab.page, ".row .place", "elsewhere");
  assert.deepEqual(tab.faults, []);
});
