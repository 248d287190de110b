import assert from "node:assert/strict";
import { test } from "node:test";
import { createSource } from "../../src/core/source.ts";
import { createFakeAgent } from "../../src/testing/fake-agent.ts";
import { call, configOf, scratchFolder, startGateway } from "../gateway/gateway-setup.ts";
import { sayOnPage, shown, withBrowser } from "./open-page.ts";

const openTab = withBrowser();

const HOSTILE = [
  "<script>alert(1)</script>",
  '<img src="https://evil.example/x.png" onerror="alert(2)">',
  "<svg onload=alert(3)><a xlink:href='javascript:alert(4)'>x</a></svg>",
  "<iframe srcdoc='<script>alert(5)</script>'></iframe>",
  "<style>@import 'https://evil.example/x.css'</style>",
  '<form action="https://evil.example"><input name=q><button>go</button></form>',
  "![a picture](https://evil.example/y.png)",
  "![](https://evil.example/z.png)",
  "[click](javascript:alert(6)) [data](data:text/html,<script>alert(7)</script>) [file](file:///etc/passwd)",
  "[spaced](java\tscript:alert(8)) [mixed](JaVaScRiPt:alert(9)) <javascript:alert(10)> [v](vbscript:x)",
  '[quoted](https://evil.example/"onmouseover="alert(11))',
  "[fine](https://example.com/) and [mail](mailto:ada@example.com)",
  '<a href="https://evil.example" style="position:fixed;inset:0">everything</a>',
  "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(12)>",
  "`<img src=x onerror=alert(13)>`",
  "```html\n<script>alert(14)</script>\n```",
].join("\n\n");

/** Everything that could load, run or send, had it come out of a text. */
const DANGEROUS = ".reply :is(script, img, svg, iframe, style, form, input, button, math, object, embed, link, base)";

test("a hostile message, reply, name and title stay inert", async () => {
  await using gateway = await startGateway(
    await configOf(scratchFolder(), { answers: createFakeAgent({ script: () => [HOSTILE] }) }),
  );
  await using tab = await openTab(gateway.url);
  const { page, faults } = tab;
  await sayOnPage(page, HOSTILE);
  await shown(page, ".entry.assistant:not(.live)");
  assert.equal(await page.locator(".entry.user .words").innerText(), HOSTILE);
  assert.equal(await page.locator(DANGEROUS).count(), 0);
  assert.equal(
    await page.locator(".reply [style], .reply [onerror], .reply [onclick], .reply [onmouseover]").count(),
    0,
  );
  // HTML is shown as what it is made of.
  await shown(page, ".reply", "<script>alert(1)</script>");

  const links = await page.locator(".reply a[href]").all();
  const hrefs = await Promise.all(links.map((link) => link.getAttribute("href")));
  assert.ok(hrefs.includes("https://example.com/") && hrefs.includes("mailto:ada@example.com"), "good links work");
  assert.ok(hrefs.includes("https://evil.example/y.png"), "a picture is a link to it");
  assert.deepEqual(
    hrefs.filter((href) => !/^(https?:\/\/|mailto:)/.test(href ?? "")),
    [],
  );
  for (const link of links) {
    assert.equal(await link.getAttribute("target"), "_blank");
    assert.equal(await link.getAttribute("rel"), "noopener noreferrer");
  }

  const title = "<img src=x onerror=alert(15)><script>alert(16)</script>";
  const { body } = await call(`${gateway.url}/api/chats/main/session?from=operator`, "PATCH", { title });
  assert.equal(body["title"], title);
  await shown(page, ".list .heading", title);
  assert.equal(await shown(page, "h1 .title", title), title);

  const userName = "<b onclick=alert(17)>Mallory</b>\u202E";
  const source = createSource({ platform: "webhook", account: "<i>", user: "m", userName });
  await gateway.receive({ kind: "message", source, eventId: "1", text: "<u>needle</u> <img src=x onerror=alert(18)>" });
  await page.locator(".row", { hasText: "Mallory" }).click();
  await shown(page, ".entry.user .speaker", "Mallory");
  await page.fill(".search input", "needle");
  await shown(page, ".hit mark", "needle");
  assert.equal(await page.locator(":is(.list, .results, h1, h3) :is(img, script, b, i:not([class]), u)").count(), 0);
  assert.deepEqual(faults, []);
});

test("words that no screen has room for do not break the page", async () => {
  await using gateway = await startGateway(
    await configOf(scratchFolder(), {
      answers: createFakeAgent({ script: ({ messages }) => [messages[0]?.text ?? ""] }),
    }),
  );
  await using tab = await openTab(gateway.url, { viewport: { width: 390, height: 844 } });
  const { page } = tab;
  const awkward = `${"x".repeat(3_000)} \u202Eright to left\u202C שלום עולם مرحبا 👩‍👩‍👧‍👦${"🧑🏽‍🚀".repeat(40)} ${"| a ".repeat(60)}|`;
  await sayOnPage(page, awkward);
  await shown(page, ".entry.assistant:not(.live)");
  const { body } = await call(`${gateway.url}/api/chats/main/messages?wait=20`, "POST", {
    from: "operator",
    text: "long ".repeat(19_999),
  });
  assert.equal(body["state"], "answered");
  await page.getByRole("button", { name: /^Show all 99,995 characters$/ }).click();
  await page.locator(".entry.assistant:not(.live)").nth(1).waitFor();
  const { body: titled } = await call(`${gateway.url}/api/chats/main/session?from=operator`, "PATCH", {
    title: "W".repeat(200),
  });
  await shown(page, "h1 .title", String(titled["title"]));
  assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 390);
  assert.equal(
    await page.evaluate(
      "document.querySelector('.transcript').scrollWidth <= document.querySelector('.transcript').clientWidth",
    ),
    true,
  );
  assert.deepEqual(tab.faults, []);
});
