import { type Command, InvalidArgumentError } from "commander";
import { isLoopback } from "../config/loopback.ts";
import type { Answer } from "./answer.ts";
import type { Cli } from "./cli.ts";
import { EXIT } from "./exit-code.ts";
import {
  type AddressOptions,
  type PlaceOptions,
  leafCommand,
  overridesOf,
  withAddressOptions,
  withPlaceOptions,
} from "./leaf-command.ts";
import { openBrowser } from "./open-browser.ts";
import { count } from "./quantity.ts";
import { reachableUrl } from "./reachable-url.ts";
import { type LinkOutcome, requestLink } from "./request-link.ts";

interface OpenOptions extends PlaceOptions, AddressOptions {
  readonly url?: string;
  readonly browser?: boolean;
}

export function openCommand(cli: Cli): Command {
  const command = leafCommand("open", {
    description: "Prints a link to the page of the gateway that runs; where there is a token, it logs a browser in.",
    examples: [
      ["parlor open", "a link for a browser on this machine"],
      ["parlor open --browser", "and opens it"],
      ["parlor open --url https://bot.example.org", "a link for a browser elsewhere"],
    ],
  })
    .option("--url <address>", "the address that the browser reaches the gateway at", parseAddress)
    .option("--browser", "open the link in the browser of this machine");
  return withPlaceOptions(withAddressOptions(command)).action(async (options: OpenOptions) => {
    const { config } = await cli.loadStoreConfig(overridesOf(options));
    const { host, port } = config.server;
    const url = port === 0 ? null : reachableUrl(host, port);
    const link: LinkOutcome =
      url === null
        ? { outcome: "not-running", reason: "PORT is 0, so nobody knows where it would be; --port names it" }
        : await requestLink(url, config.token?.reveal() ?? null);
    if (link.outcome === "not-running") {
      cli.print(notRunning(link.reason));
      return;
    }
    const address = `${options.url ?? url ?? ""}${link.path}`;
    cli.print(linkAnswer(address, link.expiresAt, options.url === undefined && !isLoopback(host)));
    const fault = options.browser === true ? await openBrowser(address) : null;
    if (fault !== null) cli.warn(`No browser could be opened (${fault}); open the link yourself.`);
  });
}

function notRunning(reason: string): Answer {
  return {
    document: { url: null, expiresAt: null, reason },
    text: () => `No gateway to open: ${reason}. Start one with: parlor start`,
    exitCode: EXIT.findings,
  };
}

function linkAnswer(url: string, expiresAt: number | null, isForOthers: boolean): Answer {
  const elsewhere = isForOthers ? " Elsewhere it is --url that names this machine." : "";
  return {
    document: { url, expiresAt },
    text: () => (expiresAt === null ? url : `${url}\nIt works once, within ${minutesUntil(expiresAt)}.${elsewhere}`),
  };
}

function minutesUntil(expiresAt: number): string {
  return count(Math.max(1, Math.round((expiresAt - Date.now()) / 60_000)), "minute");
}

/** The page is at the root of its host: a path, a query or a login in the address would be lost. */
function parseAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin;
  throw new InvalidArgumentError("It must be an address such as https://bot.example.org, without a path.");
}
