import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeAgent } from "../../src/testing/fake-agent.ts";
import { call, configOf, scratchFolder, startGateway } from "../gateway/gateway-setup.ts";
import { focused, sayOnPage, shown, withBrowser } from "./open-page.ts";

const openTab = withBrowser();

test("a title is saved once, or not at all, and the focus stays where one was", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  await using tab = await openTab(gateway.url);
  const { page } = tab;
  const titles: unknown[] = [];
  page.on("request", (request) => void (request.method() === "PATCH" && titles.push(request.postDataJSON())));
  await sayOnPage(page, "Hello");
  await shown(page, ".entry.assistant:not(.live)");
  const edit = page.getByRole("button", { name: "Change the title" });

  await edit.click();
  await page.keyboard.type("Not meant");
  await page.keyboard.press("Escape");
  await edit.waitFor();
  assert.equal(await focused(page), "Change the title");

  await edit.click();
  await page.keyboard.type("Meant");
  await page.keyboard.press("Enter");
  await shown(page, ".list .heading", "Meant");
  assert.equal(await focused(page), "Change the title");

  // Leaving the field saves, too, and the focus is where one went.
  await edit.click();
  await page.keyboard.type("Better");
  await page.locator("#message").click();
  await shown(page, ".list .heading", "Better");
  assert.equal(await focused(page), "message");
  assert.deepEqual(titles, [{ title: "Meant" }, { title: "Better" }]);
  assert.deepEqual(tab.faults, []);
});

test("the list tells the last words beside a title", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  await using tab = await openTab(gateway.url);
  await sayOnPage(tab.page, "Hello");
  await shown(tab.page, ".entry.assistant:not(.live)");
  await call(`${gateway.url}/api/chats/main/session?from=operator`, "PATCH", { title: "Greetings" });
  await shown(tab.page, ".row .heading", "Greetings");
  assert.equal(await shown(tab.page, ".row .place", "ok"), "Main chat · ok");
});

test("after a conversation was deleted one can go on writing in its chat", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  await using tab = await openTab(gateway.url);
  const { page } = tab;
  await sayOnPage(page, "Forget this");
  await shown(page, ".entry.assistant:not(.live)");
  await page.getByRole("button", { name: "Delete" }).click();
  await page.locator("dialog .danger").click();
  await shown(page, ".welcome");
  assert.equal(await focused(page), "message");
  assert.deepEqual(tab.faults, []);
});

test("a question about a conversation that is gone meanwhile is not asked about the next one", async () => {
  await using gateway = await startGateway(await configOf(scratchFolder(), { answers: createFakeAgent() }));
  await using tab = await openTab(gateway.url);
  const { page } = tab;
  await sayOnPage(page, "The first life");
  await shown(page, ".entry.assistant:not(.live)");
  await page.getByRole("button", { name: "Delete" }).click();
  await shown(page, "dialog");
  const { body } = await call(`${gateway.url}/api/chats/main/session?from=operator`, "GET");
  await call(`${gateway.url}/api/sessions/${String(body["id"])}`, "DELETE");
  await page.locator("dialog").waitFor({ state: "detached" });
  await call(`${gateway.url}/api/chats/main/messages?wait=20`, "POST", { from: "operator", text: "The second life" });
  await shown(page, ".entry.assistant:not(.live)");
  await page.getByRole("button", { name: "Delete" }).waitFor();
  assert.equal(await page.locator("dialog").count(), 0);
  assert.deepEqual(tab.faults, []);
});

test("an empty conversation says who answers, and who does where a route says so", async () => {
  const config = await configOf(scratchFolder(), { answers: createFakeAgent() });
  const sage = { kind: "echo", delayMs: 0 } as const;
  await using gateway = await startGateway({ ...config, agents: { sage, seer: sage } });
  await using tab = await openTab(gateway.url);
  const said = await shown(tab.page, ".welcome .agent");
  assert.equal(said, "fake answers, unless a route of the configuration names sage or seer.");
});
