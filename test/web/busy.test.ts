import assert from "node:assert/strict";
import { test } from "node:test";
import type { Config } from "../../src/config/config.ts";
import { createFakeAgent, HANG, type FakeAgent } from "../../src/testing/fake-agent.ts";
import { configOf, scratchFolder, startGateway } from "../gateway/gateway-setup.ts";
import { assertWords, sayOnPage, shown, withBrowser, wordsOf } from "./open-page.ts";

const openTab = withBrowser();

async function busyConfig(agent: FakeAgent, policy: Partial<Config["busy"]["default"]>): Promise<Config> {
  const config = await configOf(scratchFolder(), { answers: agent });
  return { ...config, busy: { default: { ...config.busy.default, ...policy } } };
}

test("an answer that a newer message interrupts stays in sight, and what answers both stands behind it", async () => {
  const agent = createFakeAgent();
  const rest = Promise.withResolvers<void>();
  agent.next(["Once upon a time ", HANG], ["In short: ", { wait: rest.promise }, "the end."]);
  await using gateway = await startGateway(await busyConfig(agent, { mode: "interrupt" }));
  await using tab = await openTab(gateway.url);
  const { page, faults } = tab;

  await sayOnPage(page, "Tell me a story");
  await shown(page, ".entry.live .reply", "Once upon a time");
  await sayOnPage(page, "A short one");
  await shown(page, ".entry.live .reply", "In short:");
  await shown(page, ".fate.interrupted", "A newer message interrupted this answer.");
  assert.deepEqual(await wordsOf(page), [
    "user: Tell me a story",
    "assistant: Once upon a time",
    "user: A short one",
    "assistant live: In short:",
  ]);
  rest.resolve();
  await shown(page, ".entry.assistant:not(.live)", "the end");
  const said = [
    "user: Tell me a story",
    "assistant: Once upon a time",
    "user: A short one",
    "assistant: In short: the end.",
  ];
  await assertWords(page, said);
  await page.reload();
  await shown(page, ".entry.assistant");
  await assertWords(page, said);
  assert.deepEqual(faults, []);
});

test("a message that there is no room for is said not to be sent, and its text is kept in the box", async () => {
  const agent = createFakeAgent();
  agent.next([HANG]);
  await using gateway = await startGateway(await busyConfig(agent, { maxWaiting: 1 }));
  await using tab = await openTab(gateway.url, { expected: /Failed to load resource.*429/ });
  const { page, faults } = tab;

  await sayOnPage(page, "one");
  await agent.started(1);
  await sayOnPage(page, "two");
  await shown(page, ".entry.user:not(.outgoing)", "two");
  await sayOnPage(page, "three");
  assert.match(await shown(page, ".note"), /Not sent\. 1 message waits for an answer here already/);
  assert.equal(await page.inputValue("#message"), "three");
  assert.equal(await page.locator(".outgoing").count(), 0);

  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("button", { name: "Stop" }).waitFor({ state: "detached" });
  await page.press("#message", "Enter");
  await shown(page, ".entry.assistant:not(.live)", "ok");
  assert.deepEqual(faults, []);
});
