import assert from "node:assert/strict";
import { test } from "node:test";
import type { Route } from "playwright-core";
import { createFakeAgent, HANG } from "../../src/testing/fake-agent.ts";
import { call, configOf, scratchFolder, startGateway } from "../gateway/gateway-setup.ts";
import { assertWords, sayOnPage, shown, withBrowser, wordsOf } from "./open-page.ts";

const openTab = withBrowser();

test("a reply is seen while it is written, and is there after a reload", async () => {
  const agent = createFakeAgent();
  const rest = Promise.withResolvers<void>();
  agent.next(["The **first** half, ", { wait: rest.promise }, "and the second."]);
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: agent }));
  await using tab = await openTab(gateway.url);
  const { page, faults } = tab;
  assert.match(await shown(page, ".welcome"), /Nothing is stored until you do[^]*fake answers\./);

  await sayOnPage(page, "Say it in two halves");
  assert.equal(await shown(page, ".entry.live .reply", "half,"), "The first half,");
  assert.equal(await shown(page, ".entry.live strong"), "first");
  rest.resolve();
  const said = ["user: Say it in two halves", "assistant: The first half, and the second."];
  await shown(page, ".entry.assistant:not(.live)");
  await assertWords(page, said);

  await page.reload();
  await shown(page, ".entry.assistant");
  await assertWords(page, said);
  assert.deepEqual(faults, []);
});

test("what an agent does with tools is seen", async () => {
  const agent = createFakeAgent();
  const rest = Promise.withResolvers<void>();
  agent.next([
    { type: "tool", index: 0, name: "look_up", state: "started" },
    { type: "tool", index: 0, name: "look_up", state: "finished" },
    { type: "tool", index: 1, name: "fetch", state: "failed" },
    { wait: rest.promise },
    "Found.",
  ]);
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: agent }));
  await using tab = await openTab(gateway.url);
  await sayOnPage(tab.page, "Look it up");
  await shown(tab.page, ".tools li", "fetch failed");
  assert.deepEqual(await tab.page.locator(".tools li").allInnerTexts(), ["look_up done", "fetch failed"]);
  rest.resolve();
  await shown(tab.page, ".entry.assistant:not(.live)", "Found.");
  assert.deepEqual(tab.faults, []);
});

test("a reply can be stopped, and the next message is answered", async () => {
  const agent = createFakeAgent();
  agent.next(["Once upon a time ", HANG]);
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: agent }));
  await using tab = await openTab(gateway.url);
  const { page, faults } = tab;

  await sayOnPage(page, "Tell me everything");
  await shown(page, ".entry.live .reply");
  await page.getByRole("button", { name: "Stop" }).click();
  await shown(page, ".fate.cancelled", "It was not answered");
  await page.getByRole("button", { name: "Stop" }).waitFor({ state: "detached" });
  await sayOnPage(page, "Briefly then");
  await shown(page, ".entry.assistant:not(.live)");
  await assertWords(page, ["user: Tell me everything", "user: Briefly then", "assistant: ok"]);
  assert.deepEqual(faults, []);
});

test("a message that could not be answered says why", async () => {
  const agent = createFakeAgent({ script: () => [{ fail: new Error("the model is on fire") }] });
  const config = await configOf(scratchFolder(), { answers: agent });
  await using gateway = await startGateway({ ...config, turn: { ...config.turn, maxAttempts: 1 } });
  await using tab = await openTab(gateway.url);
  await sayOnPage(tab.page, "Anyone there?");
  await shown(tab.page, ".entry.notice .words");
  assert.match(await shown(tab.page, ".fate.dead"), /could not be answered/);
  assert.deepEqual(tab.faults, []);
});

test("a message that does not arrive keeps its words and, sent again, is stored once", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  await using tab = await openTab(gateway.url, { expected: /Failed to load resource/ });
  const { page, faults } = tab;
  await shown(page, ".welcome");

  // It arrives, and the answer to it is lost.
  let answer = async (route: Route): Promise<void> => {
    await route.fetch();
    await route.abort("connectionreset");
  };
  await page.route("**/api/chats/main/messages", (route) => answer(route));
  await sayOnPage(page, "Did you get this?");
  assert.match(await shown(page, ".failure"), /Not sent\. The gateway does not answer/);
  answer = (route) => route.continue();
  await page.getByRole("button", { name: "Send again" }).click();
  await page.locator(".failure").waitFor({ state: "detached" });
  await shown(page, ".entry.assistant:not(.live)");
  await assertWords(page, ["user: Did you get this?", "assistant: ok"]);

  // A message that is refused can be changed.
  answer = (route) =>
    route.fulfill({ status: 413, contentType: "application/problem+json", body: '{"detail":"It is too long."}' });
  await sayOnPage(page, "Far too long");
  assert.match(await shown(page, ".failure"), /Not sent\. It is too long\./);
  assert.equal(await page.getByRole("button", { name: "Send again" }).count(), 0);
  await page.getByRole("button", { name: "Edit" }).click();
  assert.equal(await page.inputValue("#message"), "Far too long");
  assert.deepEqual(faults, []);
});

test("a new conversation is not stored before its first word, and its title, its reset and its end are", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  await using tab = await openTab(gateway.url);
  const { page, faults } = tab;
  const stored = async (): Promise<unknown> => (await call(`${gateway.url}/api/stats`, "GET")).body["sessions"];

  await page.getByRole("button", { name: "New conversation" }).click();
  await shown(page, ".facts .draft", "Not stored yet");
  assert.match(page.url(), /#chat=page-/);
  assert.equal(await stored(), 0);
  await sayOnPage(page, "Hello");
  await shown(page, ".entry.assistant:not(.live)");
  assert.equal(await stored(), 1);

  await page.getByRole("button", { name: "Change the title" }).click();
  await page.keyboard.type("Plans for the garden");
  await page.keyboard.press("Enter");
  await shown(page, ".list .heading", "Plans for the garden");
  assert.equal(await shown(page, "h1 .title"), "Plans for the garden");

  await page.getByRole("button", { name: "Start over" }).click();
  await shown(page, ".facts .draft", "Not stored yet");
  await shown(page, ".row.ended .heading", "Plans for the garden");
  await page.locator(".row.ended").click();
  await shown(page, ".read-only", "has ended");
  await assertWords(page, ["user: Hello", "assistant: ok"]);

  await page.getByRole("button", { name: "Delete" }).click();
  await shown(page, "dialog", "All 2 entries are erased");
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  assert.equal(await stored(), 1);
  await page.getByRole("button", { name: "Delete" }).click();
  await page.locator("dialog .danger").click();
  await page.locator(".row.ended").waitFor({ state: "detached" });
  assert.equal(await stored(), 0);
  assert.deepEqual(faults, []);
});

test("a command is answered in place and stored nowhere", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  await using tab = await openTab(gateway.url);
  const { page } = tab;
  await sayOnPage(page, "/help");
  assert.match(await shown(page, ".note"), /\/stop/);
  await sayOnPage(page, "/dance");
  assert.match(await shown(page, ".note", "/dance"), /Unknown command/);
  assert.deepEqual(await wordsOf(page), []);
  assert.deepEqual(tab.faults, []);
});

test("a text that is too long is kept, and told so before it is sent", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  await using tab = await openTab(gateway.url);
  const { page } = tab;
  await shown(page, ".welcome");
  await page.fill("#message", "x".repeat(100_001));
  assert.match(await shown(page, ".too-long"), /may have 100,000 characters; this one has 100,001/);
  await page.press("#message", "Enter");
  assert.ok(await page.getByRole("button", { name: "Send" }).isDisabled());
  assert.equal((await page.inputValue("#message")).length, 100_001);
  assert.deepEqual(await wordsOf(page), []);
  assert.deepEqual(tab.faults, []);
});

test("what was written and not sent is there after a reload", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  await using tab = await openTab(gateway.url);
  await tab.page.fill("#message", "Half a thought");
  await tab.page.reload();
  await shown(tab.page, ".welcome");
  assert.equal(await tab.page.inputValue("#message"), "Half a thought");
});
