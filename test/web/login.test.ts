import assert from "node:assert/strict";
import { test } from "node:test";
import { createSecret } from "../../src/config/secret.ts";
import { createFakeAgent } from "../../src/testing/fake-agent.ts";
import { configOf, scratchFolder, startGateway } from "../gateway/gateway-setup.ts";
import { assertWords, sayOnPage, shown, withBrowser } from "./open-page.ts";

const openTab = withBrowser();
const TOKEN = "a-token-that-nobody-guesses-0123456789";
const REFUSED = /status of 401|text\/event-stream/;

/** What `parlor open` prints. */
async function linkTo(url: string): Promise<string> {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const response = await fetch(`${url}/api/page/links`, { method: "POST", headers });
  return `${url}${((await response.json()) as { path: string }).path}`;
}

test("where there is a token, a link logs a browser in, once", async () => {
  const config = await configOf(scratchFolder(), { answers: createFakeAgent(), token: createSecret(TOKEN) });
  await using gateway = await startGateway(config);
  await using stranger = await openTab(gateway.url, { expected: REFUSED });
  assert.match(await shown(stranger.page, "main"), /Log in from the terminal[^]*parlor open/);

  const link = await linkTo(gateway.url);
  await using tab = await openTab(link);
  const { page, faults } = tab;
  await shown(page, ".connection", "Live");
  assert.equal(page.url(), `${gateway.url}/`, "the code does not stay in the address");
  await sayOnPage(page, "I am in");
  await shown(page, ".entry.assistant:not(.live)");
  await page.reload();
  await shown(page, ".entry.assistant");
  await assertWords(page, ["user: I am in", "assistant: ok"]);
  assert.deepEqual(faults, []);

  await using late = await openTab(link, { expected: REFUSED });
  assert.match(await shown(late.page, "main"), /This link was used or has expired[^]*parlor open/);
  assert.equal(new URL(late.page.url()).hash, "");
  assert.deepEqual([...stranger.faults, ...late.faults], []);
});

test("a link that was used is no harm to a browser that is logged in", async () => {
  const config = await configOf(scratchFolder(), { answers: createFakeAgent(), token: createSecret(TOKEN) });
  await using gateway = await startGateway(config);
  const link = await linkTo(gateway.url);
  await using tab = await openTab(link, { expected: REFUSED });
  await shown(tab.page, ".connection", "Live");
  await tab.page.goto("about:blank");
  await tab.page.goto(link);
  await shown(tab.page, ".connection", "Live");
  assert.deepEqual(tab.faults, []);
});

test("a page whose login ends says how to log in again", async () => {
  const config = await configOf(scratchFolder(), { answers: createFakeAgent(), token: createSecret(TOKEN) });
  await using gateway = await startGateway(config);
  await using tab = await openTab(await linkTo(gateway.url), { expected: REFUSED });
  const { page } = tab;
  await shown(page, ".connection", "Live");
  await page.context().clearCookies();
  await sayOnPage(page, "Am I still in?");
  await shown(page, "main", "Log in from the terminal");

  // The link is followed in the same tab, where it differs in the fragment only; what was written is still there.
  await page.goto(await linkTo(gateway.url));
  await shown(page, ".connection", "Live");
  assert.equal(await page.inputValue("#message"), "Am I still in?");
  assert.deepEqual(tab.faults, []);
});
