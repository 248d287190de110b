import assert from "node:assert/strict";
import { test } from "node:test";
import type { Request } from "playwright-core";
import { createSource } from "../../src/core/source.ts";
import { createFakeAgent } from "../../src/testing/fake-agent.ts";
import { call, configOf, scratchFolder, startGateway } from "../gateway/gateway-setup.ts";
import { openCuttingProxy } from "./cutting-proxy.ts";
import { assertWords, sayOnPage, shown, withBrowser } from "./open-page.ts";

const openTab = withBrowser();
const LOST = /Failed to load resource|ERR_|text\/event-stream/;

test("two tabs see each other", async () => {
  const agent = createFakeAgent();
  const rest = Promise.withResolvers<void>();
  agent.next(["Half ", { wait: rest.promise }, "and half."]);
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: agent }));
  await using tab = await openTab(gateway.url);
  const other = await tab.another();
  await shown(other, ".welcome");

  await sayOnPage(tab.page, "Hello from the first tab");
  for (const page of [tab.page, other]) {
    await shown(page, ".entry.user", "Hello from the first tab");
    await shown(page, ".entry.live .reply", "Half");
    await shown(page, ".row .answering");
  }
  rest.resolve();
  const said = ["user: Hello from the first tab", "assistant: Half and half."];
  for (const page of [tab.page, other]) {
    await shown(page, ".entry.assistant:not(.live)");
    await assertWords(page, said);
    await page.locator(".row .answering").waitFor({ state: "detached" });
  }

  await sayOnPage(other, "And hello from the second");
  await shown(tab.page, ".entry.assistant:not(.live)", "ok");
  await assertWords(tab.page, [...said, "user: And hello from the second", "assistant: ok"]);
  assert.deepEqual(tab.faults, []);
});

test("a tab that joins in the middle of a reply sees all of it", async () => {
  const agent = createFakeAgent();
  const rest = Promise.withResolvers<void>();
  agent.next(["The beginning ", { wait: rest.promise }, "and the end."]);
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: agent }));
  await using tab = await openTab(gateway.url);
  await sayOnPage(tab.page, "Start");
  await shown(tab.page, ".entry.live .reply", "beginning");
  const late = await tab.another();
  assert.equal(await shown(late, ".entry.live .reply"), "The beginning");
  rest.resolve();
  await shown(late, ".entry.assistant:not(.live)");
  await assertWords(late, ["user: Start", "assistant: The beginning and the end."]);
  assert.deepEqual(tab.faults, []);
});

test("a connection that is cut in the middle of a reply leaves neither a gap nor a double", async () => {
  const agent = createFakeAgent();
  const steps = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  agent.next([
    "One, ",
    { wait: steps[0].promise },
    "two, ",
    { wait: steps[1].promise },
    "three, ",
    { wait: steps[2].promise },
    "four.",
  ]);
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: agent }));
  await using proxy = await openCuttingProxy(gateway.url);
  await using tab = await openTab(proxy.url, { expected: LOST });
  const { page } = tab;
  await sayOnPage(page, "Count");
  await shown(page, ".entry.live .reply", "One,");

  proxy.cut();
  await shown(page, ".connection", "Reconnecting");
  assert.equal(await shown(page, ".entry.live .reply"), "One,");
  steps[0].resolve();
  proxy.mend();
  await shown(page, ".connection", "Live");
  assert.equal(await shown(page, ".entry.live .reply", "two"), "One, two,");

  // Nor when the whole rest is said while nobody can hear it.
  proxy.cut();
  await shown(page, ".connection", "Reconnecting");
  steps[1].resolve();
  steps[2].resolve();
  const { body } = await call(`${gateway.url}/api/chats/main/messages?wait=20`, "POST", {
    from: "operator",
    text: "And?",
  });
  assert.equal(body["state"], "answered");
  proxy.mend();
  await shown(page, ".entry.assistant:not(.live)", "ok");
  await assertWords(page, ["user: Count", "assistant: One, two, three, four.", "user: And?", "assistant: ok"]);
  assert.deepEqual(tab.faults, []);
});

test("a gateway that is restarted in the middle of a reply leaves neither a gap nor a double", async () => {
  const home = scratchFolder();
  const first = createFakeAgent();
  first.next(["This half is written twice, ", { wait: new Promise(() => {}) }]);
  const config = await configOf(home, { answers: first });
  const gateway = await startGateway({ ...config, server: { ...config.server, drainMs: 0 } });
  await using tab = await openTab(gateway.url, { expected: LOST });
  const { page, faults } = tab;
  await sayOnPage(page, "Before the cut");
  await shown(page, ".entry.live .reply", "written twice");
  await gateway.stop();
  await shown(page, ".connection", "Reconnecting");
  assert.match(await shown(page, ".entry.live .reply"), /written twice/);

  const second = createFakeAgent();
  const rest = Promise.withResolvers<void>();
  second.next(["This half is written twice, ", { wait: rest.promise }, "this one once."]);
  const port = Number(new URL(gateway.url).port);
  const again = await configOf(home, { answers: second, server: { ...config.server, port } });
  await using _restarted = await startGateway(again);
  await second.started(1);
  await shown(page, ".connection", "Live");
  await shown(page, ".entry.live .reply", "written twice");
  assert.equal(await page.locator(".entry.assistant").count(), 1);
  rest.resolve();
  await shown(page, ".entry.assistant:not(.live)");
  await assertWords(page, ["user: Before the cut", "assistant: This half is written twice, this one once."]);
  await sayOnPage(page, "After the cut");
  await shown(page, ".entry.assistant:not(.live)", "ok");
  await assertWords(page, [
    "user: Before the cut",
    "assistant: This half is written twice, this one once.",
    "user: After the cut",
    "assistant: ok",
  ]);
  assert.deepEqual(faults, []);
});

test("what happened while a page had no connection is there when it has one again", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  await using tab = await openTab(gateway.url, { expected: LOST });
  const { page } = tab;
  const context = page.context();
  await shown(page, ".connection", "Live");
  await sayOnPage(page, "One");
  await shown(page, ".entry.assistant:not(.live)");
  await context.setOffline(true);
  await page.evaluate("dispatchEvent(new Event('offline'))");
  await call(`${gateway.url}/api/chats/main/messages?wait=20`, "POST", { from: "operator", text: "Two" });
  await call(`${gateway.url}/api/chats/main/messages?wait=20`, "POST", { from: "operator", text: "Three" });
  await context.setOffline(false);
  await shown(page, ".entry.user", "Three");
  await page.locator(".entry.assistant").nth(2).waitFor();
  const said = ["One", "Two", "Three"].flatMap((text) => [`user: ${text}`, "assistant: ok"]);
  await assertWords(page, said);
  assert.deepEqual(tab.faults, []);
});

test("a hidden page holds no connection, and catches up when it is shown", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  await using tab = await openTab(gateway.url);
  const { page } = tab;
  await shown(page, ".connection", "Live");
  const setVisibility = (state: string): Promise<unknown> =>
    page.evaluate(
      `Object.defineProperty(document, "visibilityState", { value: "${state}", configurable: true });` +
        `document.dispatchEvent(new Event("visibilitychange"))`,
    );
  const streams = new Set<Request>();
  page.on("request", (request) => void (request.url().includes("/api/events") && streams.add(request)));
  await page.reload();
  await shown(page, ".connection", "Live");
  assert.equal(streams.size, 2);
  const allClosed = page.waitForEvent("requestfailed", (request) => streams.delete(request) && streams.size === 0);
  await setVisibility("hidden");
  await shown(page, ".connection", "Paused");
  await allClosed;
  await call(`${gateway.url}/api/chats/main/messages?wait=20`, "POST", { from: "operator", text: "Meanwhile" });
  await setVisibility("visible");
  await shown(page, ".connection", "Live");
  await shown(page, ".entry.assistant:not(.live)");
  await assertWords(page, ["user: Meanwhile", "assistant: ok"]);
  assert.deepEqual(tab.faults, []);
});

test("a conversation of another platform is read along and not joined", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  await using tab = await openTab(gateway.url);
  const { page } = tab;
  await shown(page, ".connection", "Live");
  const source = createSource({ platform: "webhook", account: "crm", user: "ada", userName: "Ada" });
  await gateway.receive({ kind: "message", source, eventId: "1", text: "Is my order on its way?" });
  await page.locator(".row", { hasText: "Webhook · Ada" }).click();
  assert.match(await shown(page, ".read-only"), /takes place on Webhook/);
  assert.equal(await page.locator("#message").count(), 0);
  await shown(page, ".entry.assistant:not(.live)");
  await gateway.receive({ kind: "message", source, eventId: "2", text: "Thank you" });
  await shown(page, ".entry.user", "Thank you");
  await page.locator(".entry.assistant:not(.live)").nth(1).waitFor();
  assert.equal(await shown(page, ".entry.user .speaker"), "Ada");
  await assertWords(page, ["user: Is my order on its way?", "assistant: ok", "user: Thank you", "assistant: ok"]);
  assert.deepEqual(tab.faults, []);
});

test("a page that slept with its computer connects anew", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  await using tab = await openTab(gateway.url, { prepare: (context) => context.clock.install() });
  const { page } = tab;
  await shown(page, ".connection", "Live");
  const streams: string[] = [];
  page.on("request", (request) => void (request.url().includes("/api/events") && streams.push(request.url())));
  await page.clock.fastForward(15_000);
  assert.deepEqual(streams, [], "a short while is no sleep");
  await page.clock.fastForward(3_600_000);
  while (streams.length < 2) await page.waitForRequest(/\/api\/events/);
  await shown(page, ".connection", "Live");
  await sayOnPage(page, "Awake");
  await shown(page, ".entry.assistant:not(.live)");
  assert.deepEqual(tab.faults, []);
});
