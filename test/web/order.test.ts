import assert from "node:assert/strict";
import { test } from "node:test";
import type { Route } from "playwright-core";
import { createSource } from "../../src/core/source.ts";
import { createFakeAgent, HANG } from "../../src/testing/fake-agent.ts";
import { call, configOf, scratchFolder, startGateway } from "../gateway/gateway-setup.ts";
import { openCuttingProxy } from "./cutting-proxy.ts";
import { assertWords, sayOnPage, shown, withBrowser, wordsOf } from "./open-page.ts";

const openTab = withBrowser();

test("what is said quickly arrives in the order it was said in", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  await using tab = await openTab(gateway.url);
  const { page } = tab;
  await shown(page, ".welcome");
  const held = Promise.withResolvers<Route>();
  const sent: unknown[] = [];
  await page.route("**/api/chats/main/messages", async (route) => {
    sent.push((route.request().postDataJSON() as { text: string }).text);
    if (sent.length === 1) held.resolve(route);
    else await route.continue();
  });
  await sayOnPage(page, "One");
  const first = await held.promise;
  await sayOnPage(page, "Two");
  await sayOnPage(page, "Three");
  await page.locator(".outgoing").nth(2).waitFor();
  assert.deepEqual(sent, ["One"], "the second waits for the first");
  await first.continue();
  await page.locator(".entry.assistant:not(.live)").first().waitFor();
  await page.locator(".outgoing").first().waitFor({ state: "detached" });
  assert.deepEqual(sent, ["One", "Two", "Three"]);
  const users = (await wordsOf(page)).filter((words) => words.startsWith("user"));
  assert.deepEqual(users, ["user: One", "user: Two", "user: Three"]);
  assert.deepEqual(tab.faults, []);
});

test("a reply is written behind the message it answers, before those that wait", async () => {
  const agent = createFakeAgent();
  const rest = Promise.withResolvers<void>();
  agent.next(["The answer ", { wait: rest.promise }, "to the first."]);
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: agent }));
  await using tab = await openTab(gateway.url);
  const { page } = tab;
  await sayOnPage(page, "First");
  await shown(page, ".entry.live .reply", "The answer");
  await sayOnPage(page, "Second");
  await shown(page, ".fate.waiting");
  assert.deepEqual(await wordsOf(page), ["user: First", "assistant live: The answer", "user: Second"]);
  rest.resolve();
  await page.locator(".entry.assistant:not(.live)").nth(1).waitFor();
  await assertWords(page, ["user: First", "assistant: The answer to the first.", "user: Second", "assistant: ok"]);
  assert.deepEqual(tab.faults, []);
});

test("Enter chooses what an input method offers, and sends only afterwards", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  await using tab = await openTab(gateway.url);
  const { page } = tab;
  await page.fill("#message", "にほんご");
  // As most browsers tell it, and as Safari does after the composition.
  for (const fields of ["isComposing: true", "keyCode: 229"]) {
    await page.evaluate(
      `document.querySelector("#message").dispatchEvent(
        new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ${fields} }))`,
    );
  }
  assert.equal(await page.inputValue("#message"), "にほんご");
  await page.press("#message", "Enter");
  await shown(page, ".entry.assistant:not(.live)");
  await assertWords(page, ["user: にほんご", "assistant: ok"]);
});

test("a person who is called operator elsewhere is not taken for the operator", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  const source = createSource({ platform: "webhook", account: "crm", user: "operator", userName: "Mallory" });
  await gateway.receive({ kind: "message", source, eventId: "1", text: "It is me" });
  await using tab = await openTab(gateway.url);
  await tab.page.locator(".row", { hasText: "Mallory" }).click();
  assert.equal(await shown(tab.page, ".entry.user .speaker"), "Mallory");
});

test("a conversation that is left while it loads does not come back", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  await call(`${gateway.url}/api/chats/other/messages?wait=20`, "POST", { from: "operator", text: "Elsewhere" });
  const { body } = await call(`${gateway.url}/api/chats/other/session?from=operator`, "GET");
  await using tab = await openTab(gateway.url);
  const { page } = tab;
  await shown(page, ".welcome");
  const held = Promise.withResolvers<Route>();
  await page.route(`**/api/sessions/${String(body["id"])}`, (route) => held.resolve(route));
  await page.evaluate(`location.hash = "#session=${String(body["id"])}"`);
  const loading = await held.promise;
  await page.evaluate('location.hash = "#chat=main"');
  await shown(page, ".welcome");
  const answered = page.waitForResponse(/\/api\/sessions\/ses_\w+$/);
  await loading.continue();
  await (await answered).finished();
  await sayOnPage(page, "Here");
  await shown(page, ".entry.assistant:not(.live)");
  assert.match(page.url(), /#chat=main$/);
  assert.deepEqual(tab.faults, []);
});

test("without a connection what was said stays in sight, also on a narrow screen", async () => {
  const agent = createFakeAgent();
  agent.next(["Not the end ", HANG]);
  const config = await configOf(scratchFolder(), { answers: agent });
  await using gateway = await startGateway({ ...config, server: { ...config.server, drainMs: 0 } });
  await using proxy = await openCuttingProxy(gateway.url);
  await using tab = await openTab(proxy.url, {
    viewport: { width: 390, height: 844 },
    expected: /Failed to load resource|ERR_|text\/event-stream/,
  });
  const { page } = tab;
  await sayOnPage(page, "Before");
  await shown(page, ".entry.live .reply");
  assert.equal(await page.locator(".lost").isVisible(), false);
  proxy.cut();
  await shown(page, ".lost", "connection");
  // A conversation that cannot be loaded keeps what is said in it, too.
  await page.evaluate('location.hash = "#chat=unknown"');
  await shown(page, ".trouble");
  await sayOnPage(page, "Anyone?");
  await shown(page, ".outgoing .failure", "Not sent");
  assert.deepEqual(await page.locator(".outgoing .words").allInnerTexts(), ["Anyone?"]);
  proxy.mend();
  await page.locator(".lost").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Send again" }).click();
  await shown(page, ".entry.user:not(.outgoing)", "Anyone?");
  assert.deepEqual(tab.faults, []);
});
