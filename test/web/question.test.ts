import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeAgent } from "../../src/testing/fake-agent.ts";
import { configOf, scratchFolder, startGateway } from "../gateway/gateway-setup.ts";
import { assertWords, sayOnPage, shown, withBrowser } from "./open-page.ts";

const openTab = withBrowser();

const QUESTION = {
  text: "Shall I delete <b>it</b>?",
  choices: [
    { id: "yes", label: "Delete <img src=x onerror=alert(1)>" },
    { id: "no", label: "Keep it" },
  ],
};
const SHOWN = `notice: Shall I delete <b>it</b>?\n\n1. ${QUESTION.choices[0]?.label}\n2. Keep it\n\nAnswer with a number.`;

test("I32 a question is answered with a button, after a reload too, and what was chosen stays in sight", async () => {
  const agent = createFakeAgent();
  agent.next(["First, ", { ask: QUESTION, say: (choice) => (choice.outcome === "chosen" ? choice.id : "nobody") }]);
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: agent }));
  await using tab = await openTab(gateway.url);
  const { page, faults } = tab;
  await sayOnPage(page, "Tidy up");
  assert.equal(await shown(page, ".choices button", "Keep it"), "Keep it");
  assert.equal(await shown(page, ".entry.live .reply"), "First,");
  assert.equal(await page.locator(".choices :is(img, b), .entry.notice :is(img, b)").count(), 0, "plain text");

  await page.reload();
  await page.getByRole("button", { name: "Keep it" }).click();
  await shown(page, ".entry.notice", "Chosen: Keep it");
  await shown(page, ".entry.assistant:not(.live)", "First, no");
  await page.locator(".choices").waitFor({ state: "detached" });
  await assertWords(page, ["user: Tidy up", SHOWN, "notice: Chosen: Keep it", "assistant: First, no"]);
  assert.deepEqual(faults, []);
});

test("I32 a question is answered by typing its number", async () => {
  const agent = createFakeAgent();
  agent.next([{ ask: QUESTION, say: (choice) => (choice.outcome === "chosen" ? choice.id : "nobody") }]);
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: agent }));
  await using tab = await openTab(gateway.url);
  const { page } = tab;
  await sayOnPage(page, "Tidy up");
  await shown(page, ".choices button");
  await sayOnPage(page, "1");
  await shown(page, ".entry.assistant:not(.live)", "yes");
  await page.locator(".choices").waitFor({ state: "detached" });
  assert.deepEqual(tab.faults, []);
});
