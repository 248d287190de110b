/**
 * How the page looks. The pictures are made of a conversation that is always the same, and are written
 * where the documentation shows them when PARLOR_SCREENSHOTS=1, otherwise into a folder that goes away.
 */
import assert from "node:assert/strict";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { createFakeAgent, HANG } from "../../src/testing/fake-agent.ts";
import { call, configOf, scratchFolder, startGateway } from "../gateway/gateway-setup.ts";
import { shown, withBrowser } from "./open-page.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { ANSWERS, MESSAGES, OPEN_MESSAGE, SHOWN_AT } from "./shown-conversation.ts";

const openTab = withBrowser();
const folder =
  process.env["PARLOR_SCREENSHOTS"] === "1" ? join(import.meta.dirname, "../../docs/images") : scratchFolder();
const MAX_BYTES = 200_000;

const LOOKS = [
  { name: "page-light", options: { viewport: { width: 1280, height: 800 }, colorScheme: "light" } },
  { name: "page-dark", options: { viewport: { width: 1280, height: 800 }, colorScheme: "dark" } },
  { name: "page-narrow", options: { viewport: { width: 390, height: 844 }, colorScheme: "light" } },
] as const;

test("the page looks as the documentation shows it: light, dark and narrow", async () => {
  const agent = createFakeAgent({ script: ({ messages }) => [ANSWERS[messages.at(-1)?.text ?? ""] ?? HANG] });
  const config = await configOf(scratchFolder(), { answers: agent });
  let at = SHOWN_AT;
  const clock = { ...systemClock, now: () => at };
  await using gateway = await startGateway({ ...config, server: { ...config.server, drainMs: 0 } }, clock);
  await converse(gateway.url, (ageMs) => (at = SHOWN_AT - ageMs));
  await mkdir(folder, { recursive: true });

  for (const { name, options } of LOOKS) {
    await using tab = await openTab(gateway.url, {
      ...options,
      timezoneId: "UTC",
      prepare: (context) => context.clock.setFixedTime(SHOWN_AT),
    });
    const { page, faults } = tab;
    await page.locator(".entry.assistant").nth(1).waitFor();
    await page.locator('.connection[data-state="live"]').waitFor({ state: "attached" });
    await page.locator('[data-figure="rows"]', { hasText: "6" }).waitFor({ state: "attached" });
    if (name === "page-light") {
      await page.locator('[data-simulation="burst"]').click();
      await shown(page, ".sentence", "avoided +20");
      await page.locator("#message").focus();
    }
    const path = join(folder, `${name}.png`);
    await page.screenshot({ path });
    const { size } = await stat(path);
    assert.ok(size > 10_000 && size < MAX_BYTES, `${name} has ${size} bytes`);
    assert.ok((await contrast(page, ".reply", ".conversation")) >= 7, "what is said is easy to read");
    assert.ok((await contrast(page, ".facts", ".conversation")) >= 4.5, "and what is said about it can be read");
    assert.deepEqual(faults, []);
  }
});

/** Says what the pictures show, on several platforms. */
async function converse(url: string, setAge: (ageMs: number) => void): Promise<void> {
  for (const { from, chat, ageMin, text, title } of MESSAGES) {
    setAge(ageMin * 60_000);
    const wait = text === OPEN_MESSAGE ? "" : "?wait=20";
    if (from === "operator") {
      await call(`${url}/api/chats/${chat}/messages${wait}`, "POST", { from, text });
      if (title !== undefined) await call(`${url}/api/chats/${chat}/session?from=operator`, "PATCH", { title });
    } else {
      await call(`${url}/hooks/demo${wait}`, "POST", { from: from.toLowerCase(), fromName: from, text });
    }
  }
  setAge(0);
  for (let number = 1; number <= 37; number += 1) {
    await call(`${url}/api/chats/probe-${number}/messages`, "POST", { type: "ping" });
  }
}

/** The contrast of a text and what it stands on, as WCAG reckons it. */
function contrast(page: Page, text: string, ground: string): Promise<number> {
  return page.evaluate(`(() => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const luminance = (color) => {
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((part) => {
        const share = part / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ofText = luminance(getComputedStyle(document.querySelector(${JSON.stringify(text)})).color);
    const ofGround = luminance(getComputedStyle(document.querySelector(${JSON.stringify(ground)})).backgroundColor);
    return (Math.max(ofText, ofGround) + 0.05) / (Math.min(ofText, ofGround) + 0.05);
  })()`);
}
