import { Command, InvalidArgumentError } from "commander";
import type { ConfigOverrides } from "../config/layers.ts";

/** A command line that works, and what it does. */
export type Example = readonly [line: string, what: string];

export interface LeafOptions {
  /** What the command does, in one sentence. */
  readonly description: string;
  readonly examples: readonly Example[];
}

/** A command that does something: it has examples in its help, and `--json`. */
export function leafCommand(name: string, { description, examples }: LeafOptions): Command {
  return new Command(name)
    .description(description)
    .option("--json", "print one JSON document")
    .addHelpText("after", examplesText(examples));
}

/** Examples as help ends with them. */
export function examplesText(examples: readonly Example[]): string {
  return `\nExamples:\n${examples.map(([line, what]) => `  # ${what}\n  ${line}`).join("\n\n")}`;
}

/** What tells a command which installation is meant. */
export interface PlaceOptions {
  readonly home?: string;
  readonly config?: string;
}

export function withPlaceOptions(command: Command): Command {
  return command
    .option("--home <folder>", "the data directory (PARLOR_HOME)")
    .option("--config <file>", "the configuration file (PARLOR_CONFIG)");
}

/** What tells a command which address is meant. */
export interface AddressOptions {
  readonly host?: string;
  readonly port?: string;
}

export function withAddressOptions(command: Command): Command {
  return command
    .option("--host <address>", "the address to listen on (HOST)")
    .option("--port <number>", "the port to listen on (PORT)", parsePort);
}

export interface LevelOptions {
  readonly logLevel?: string;
}

export function withLevelOption(command: Command): Command {
  return command.option("--log-level <level>", "the least severe lines to log (LOG_LEVEL)");
}

export function overridesOf(options: PlaceOptions & AddressOptions & LevelOptions): ConfigOverrides {
  const { home, config, host, port, logLevel } = options;
  return { dataDirectory: home, configFile: config, host, port, logLevel };
}

/** What tells a command which page is meant. */
export interface PageOptions {
  readonly limit?: number;
  readonly cursor?: string;
}

export function withPageOptions(command: Command): Command {
  return command
    .option("--limit <count>", "how many, from 1 to 200 (default: 50)", parseLimit)
    .option("--cursor <cursor>", "go on behind an earlier page, with what that one printed");
}

/** The command line of the page behind one, with everything else as it was. */
export function nextPage(
  path: readonly string[],
  options: PlaceOptions & PageOptions,
  cursor: string,
): readonly string[] {
  const { limit, home, config } = options;
  return [
    "parlor",
    ...path,
    ...(home === undefined ? [] : ["--home", home]),
    ...(config === undefined ? [] : ["--config", config]),
    ...(limit === undefined ? [] : ["--limit", String(limit)]),
    "--cursor",
    cursor,
  ];
}

function parsePort(text: string): string {
  if (/^\d+$/.test(text) && Number(text) <= 65_535) return text;
  throw new InvalidArgumentError("It must be a whole number from 0 to 65535.");
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit >= 1 && limit <= 200) return limit;
  throw new InvalidArgumentError("It must be a whole number from 1 to 200.");
}
