import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeAgent } from "../../src/testing/fake-agent.ts";
import { call, configOf, scratchFolder, startGateway } from "../gateway/gateway-setup.ts";
import { assertWords, focused, sayOnPage, shown, withBrowser } from "./open-page.ts";

const openTab = withBrowser();

async function sayElsewhere(url: string, chat: string, text: string): Promise<void> {
  await call(`${url}/api/chats/${chat}/messages?wait=20`, "POST", { from: "operator", text });
}

test("everything can be done with the keyboard alone", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  await sayElsewhere(gateway.url, "first", "The lighthouse is lit");
  await sayElsewhere(gateway.url, "second", "The harbour is quiet");
  await using tab = await openTab(gateway.url);
  const { page, faults } = tab;
  await page.locator(".row").nth(2).waitFor();
  assert.equal(await focused(page), "message", "one can write at once");

  await page.keyboard.type("First line");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("second line");
  await page.keyboard.press("Enter");
  await shown(page, ".entry.assistant:not(.live)");
  await assertWords(page, ["user: First line\nsecond line", "assistant: ok"]);
  assert.equal(await page.inputValue("#message"), "");

  // Search from anywhere but a field, through the results, into the conversation.
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("/");
  await page.locator(".search input:focus").waitFor();
  await page.keyboard.type("lighthouse");
  await shown(page, ".hit mark");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await shown(page, ".entry.highlighted", "The lighthouse is lit");
  assert.match(page.url(), /#chat=first&seq=1$/);

  // Escape empties the search; the list is walked with arrows and with letters.
  await page.locator(".search input").focus();
  await page.keyboard.press("Escape");
  await page.locator(".row").nth(2).waitFor();
  await page.keyboard.press("ArrowDown");
  const first = await focused(page);
  await page.keyboard.press("j");
  const second = await focused(page);
  assert.notEqual(second, first);
  await page.keyboard.press("k");
  assert.equal(await focused(page), first);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.locator("#message:focus").waitFor();

  // A dialog is left with Escape, and the focus is back where it was.
  await page.getByRole("button", { name: "Delete" }).focus();
  await page.keyboard.press("Enter");
  await shown(page, "dialog");
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  assert.equal(await focused(page), "Delete");
  assert.deepEqual(faults, []);
});

test("the way back leads to the conversation before", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  await sayElsewhere(gateway.url, "first", "The lighthouse is lit");
  await using tab = await openTab(gateway.url);
  const { page } = tab;
  await page.locator(".row", { hasText: "first" }).click();
  await shown(page, ".entry.user", "The lighthouse is lit");
  await page.getByRole("button", { name: "New conversation" }).click();
  await shown(page, ".welcome");
  await page.goBack();
  await shown(page, ".entry.user", "The lighthouse is lit");
  await page.reload();
  await shown(page, ".entry.user", "The lighthouse is lit");
  assert.deepEqual(tab.faults, []);
});

test("the list goes on as far as there are conversations, and stays so when something happens", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  for (let number = 1; number <= 45; number += 1) await sayElsewhere(gateway.url, `chat ${number}`, "Hello");
  await using tab = await openTab(gateway.url);
  const { page } = tab;
  await page.locator(".row:not([aria-current])").nth(39).waitFor();
  assert.equal(await page.locator(".row:not([aria-current])").count(), 40);
  await page.getByRole("button", { name: "Older conversations" }).click();
  await page.locator(".row:not([aria-current])").nth(44).waitFor();
  assert.equal(await page.getByRole("button", { name: "Older conversations" }).count(), 0);
  await sayElsewhere(gateway.url, "chat 3", "Hello again");
  await page.locator(".list li:nth-child(2)", { hasText: "chat 3" }).waitFor();
  assert.equal(await page.locator(".row:not([aria-current])").count(), 45);
  assert.deepEqual(tab.faults, []);
});

test("a screen reader finds its way", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  await using tab = await openTab(gateway.url);
  const { page } = tab;
  await sayOnPage(page, "Hello");
  await shown(page, ".entry.assistant:not(.live)");
  for (const role of ["main", "search", "navigation", "log"] as const) {
    assert.equal(await page.getByRole(role).count(), 1, role);
  }
  assert.equal(await page.getByRole("complementary").count(), 2);
  assert.equal(await page.getByRole("heading", { level: 1 }).count(), 1);
  await shown(page, '.desk > [role="status"]', "ok");
  // Everything that can be pressed or filled in has a name.
  const nameless = await page.evaluate(
    `[...document.querySelectorAll("button, a[href], input, textarea")].filter((it) =>
      it.checkVisibility() && !(it.getAttribute("aria-label") || it.innerText.trim() || it.labels?.length)
    ).map((it) => it.outerHTML)`,
  );
  assert.deepEqual(nameless, []);
});

test("a narrow screen shows the conversation, and the rest when it is asked for", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  await sayElsewhere(gateway.url, "first", "The lighthouse is lit");
  await using tab = await openTab(gateway.url, {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  const { page, faults } = tab;
  await shown(page, ".welcome");
  assert.equal(await page.locator(".sessions").isVisible(), false);
  assert.equal(await page.locator(".numbers").isVisible(), false);
  assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 390);

  await page.getByRole("button", { name: "Conversations" }).tap();
  await page.locator(".row", { hasText: "first" }).tap();
  await shown(page, ".entry.user", "The lighthouse is lit");
  await page.locator(".sessions").waitFor({ state: "hidden" });

  await page.getByRole("button", { name: /^Numbers: 1 rows/ }).tap();
  await page.locator('[data-simulation="ping"]').tap();
  await shown(page, ".sentence", "rows unchanged, avoided +1");
  await page.keyboard.press("Escape");
  await page.locator(".numbers").waitFor({ state: "hidden" });
  assert.match(await focused(page), /^Numbers: /);
  await sayOnPage(page, "And from here");
  await shown(page, ".entry.user:not(.outgoing)", "And from here");
  assert.deepEqual(faults, []);
});

test("a long conversation begins at its end and goes back as far as one likes", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  for (let number = 1; number <= 60; number += 1) await sayElsewhere(gateway.url, "main", `Number ${number} of sixty`);
  await using tab = await openTab(gateway.url);
  const { page } = tab;
  await shown(page, ".entry.user", "Number 60 of sixty");
  assert.ok(await page.locator(".entry.user", { hasText: "Number 60 of" }).isVisible());
  assert.equal(await page.locator(".transcript .entry").count(), 50);
  await page.getByRole("button", { name: "Earlier" }).click();
  await page.locator(".transcript .entry").nth(99).waitFor();
  await page.getByRole("button", { name: "Earlier" }).click();
  await page.locator(".transcript .entry").nth(119).waitFor();
  assert.equal(await page.getByRole("button", { name: "Earlier" }).count(), 0);
  assert.match(await shown(page, ".entry.user"), /Number 1 of sixty/);

  // A place that was found lies in the middle of what is loaded around it.
  await page.fill(".search input", '"Number 20 of"');
  await page.locator(".hit").first().click();
  await shown(page, ".entry.highlighted", "Number 20 of sixty");
  assert.equal(await page.locator(".transcript .entry").count(), 50);
  await page.getByRole("button", { name: "To the newest" }).click();
  await shown(page, ".entry.user", "Number 60 of sixty");
  assert.deepEqual(tab.faults, []);
});

test("the newest stays in sight when the room for it changes", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  for (let number = 1; number <= 20; number += 1) await sayElsewhere(gateway.url, "main", `Number ${number} of twenty`);
  await using tab = await openTab(gateway.url, { viewport: { width: 390, height: 844 } });
  const { page } = tab;
  await page.locator(".entry").nth(39).waitFor();
  const hidden = (): Promise<number> =>
    page.evaluate(`new Promise(requestAnimationFrame).then(() => {
      const box = document.querySelector(".transcript");
      return Math.round(box.scrollHeight - box.clientHeight - box.scrollTop);
    })`);
  const settled = async (): Promise<number> => {
    let left = await hidden();
    for (let frame = 0; frame < 100 && left > 1; frame += 1) left = await hidden();
    return left;
  };
  assert.ok((await settled()) <= 1, "it begins at the end");
  await page.setViewportSize({ width: 390, height: 420 });
  assert.ok((await settled()) <= 1, "a keyboard came up");
  await page.fill("#message", "line\n".repeat(12));
  assert.ok((await settled()) <= 1, "a message of many lines is written");

  // Wherever one reads: what one says is in sight.
  await page.evaluate('document.querySelector(".transcript").scrollTo(0, 0)');
  await page.getByRole("button", { name: "To the newest" }).waitFor();
  await sayOnPage(page, "Seen?");
  await page.getByRole("button", { name: "To the newest" }).waitFor({ state: "detached" });
  assert.ok((await settled()) <= 1, "something was said");
  assert.deepEqual(tab.faults, []);
});

test("no conversation in the list seems to be answered when it is not, however many there are", async () => {
  const rest = Promise.withResolvers<void>();
  const agent = createFakeAgent({ script: () => [{ wait: rest.promise }, "ok"] });
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: agent }));
  for (let number = 1; number <= 45; number += 1) {
    await call(`${gateway.url}/api/chats/chat-${number}/messages`, "POST", { from: "operator", text: "Hello" });
  }
  await using tab = await openTab(gateway.url);
  await tab.page.getByRole("button", { name: "Older conversations" }).click();
  await tab.page.locator(".row .answering").nth(44).waitFor();
  rest.resolve();
  await tab.page.locator(".row .answering").first().waitFor({ state: "detached" });
  assert.deepEqual(tab.faults, []);
});
