/** The page in a real browser, in front of a real gateway. */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { launchChromium } from "./chromium.ts";

/** How long the page may take for anything, in milliseconds: machines are slow, and nothing here waits for a time. */
const PATIENCE_MS = 30_000;

export interface Tab extends AsyncDisposable {
  readonly page: Page;
  /** What a page must not do: write errors, open dialogs, break its policy, load from elsewhere. */
  readonly faults: string[];
  /** Another tab of the same browser. */
  another(): Promise<Page>;
}

export interface TabOptions extends BrowserContextOptions {
  /** Which errors of the console belong to the test. Default: none. */
  readonly expected?: RegExp;
  /** Called before the page is opened. */
  readonly prepare?: (context: BrowserContext) => Promise<void>;
}

/** Starts a browser for the tests of a file; the function it returns opens the page in a profile of its own. */
export function withBrowser(): (url: string, options?: TabOptions) => Promise<Tab> {
  let browser: Browser;
  before(async () => {
    browser = await launchChromium();
  });
  after(() => browser.close());
  return async (url, { expected, prepare, ...options } = {}) => {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      locale: "en-GB",
      reducedMotion: "reduce",
      ...options,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    await prepare?.(context);
    const faults = watchFaults(context, new URL(url).origin, expected);
    const open = async (): Promise<Page> => {
      const page = await context.newPage();
      await page.goto(url);
      return page;
    };
    return { page: await open(), faults, another: open, [Symbol.asyncDispose]: () => context.close() };
  };
}

function watchFaults(context: BrowserContext, origin: string, expected: RegExp | undefined): string[] {
  const faults: string[] = [];
  const add = (fault: string): void => {
    if (expected?.test(fault) !== true) faults.push(fault);
  };
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) add(`console: ${message.text()}`);
  });
  context.on("weberror", (error) => add(`thrown: ${error.error().message}`));
  context.on("dialog", (dialog) => {
    add(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "data:" && url.origin !== origin) add(`request: ${request.url()}`);
  });
  return faults;
}

/** The first match, once the page shows it. */
export async function shown(page: Page, selector: string, text?: string | RegExp): Promise<string> {
  const found = page.locator(selector, text === undefined ? {} : { hasText: text }).first();
  await found.waitFor();
  return found.innerText();
}

/** The accessible name, or the text, of what has the focus. */
export function focused(page: Page): Promise<string> {
  return page.evaluate(
    '(document.activeElement.getAttribute("aria-label") ?? document.activeElement.id) || document.activeElement.innerText',
  );
}

/** Writes a message and sends it with Enter. */
export async function sayOnPage(page: Page, text: string): Promise<void> {
  await page.fill("#message", text);
  await page.press("#message", "Enter");
}

/** What was said, voice and words, as the page shows it from top to bottom. */
export async function wordsOf(page: Page): Promise<readonly string[]> {
  const entries = await page.locator(".transcript .entry").all();
  return Promise.all(
    entries.map(async (entry) => {
      const kind = ((await entry.getAttribute("class")) ?? "").split(" ").slice(1).join(" ");
      return `${kind}: ${await entry.locator(".words, .reply").first().innerText()}`;
    }),
  );
}

/** Waits until the page shows these entries and no others. */
export async function assertWords(page: Page, expected: readonly string[]): Promise<void> {
  const count = page.locator(".transcript .entry:not(.live, .outgoing)").nth(expected.length - 1);
  if (expected.length > 0) await count.waitFor();
  await page.locator(".transcript .live, .transcript .outgoing").first().waitFor({ state: "detached" });
  assert.deepEqual(await wordsOf(page), expected);
}

/** A number of the panel. */
export async function figure(page: Page, name: string): Promise<number> {
  const text = await page.locator(`[data-figure="${name}"], [data-received="${name}"]`).first().innerText();
  return Number(text.replaceAll(",", ""));
}
