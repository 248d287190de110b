import { styleText } from "node:util";
import { CommanderError } from "commander";
import type { LoadedConfig } from "../config/config.ts";
import { type LoadConfigOptions, loadConfig } from "../config/load-config.ts";
import { configHome, shellVariables, withoutShell } from "../config/shell.ts";
import type { Environment } from "../config/variables.ts";
import { errorMessage } from "../core/errors.ts";
import type { Screen } from "./answer.ts";
import type { Cli } from "./cli.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { type Failure, failureOf } from "./failure.ts";
import { createOutput } from "./output.ts";
import { plainJson, plainText } from "./plain-text.ts";
import { commandsOf, createProgram } from "./program.ts";

const DEFAULT_WIDTH = 80;
const MIN_WIDTH = 40;

/**
 * Runs the `parlor` command and resolves with its exit code. The answer goes to standard output,
 * what went wrong to standard error; with `--json` there is one document on standard output, whatever happens.
 */
export async function main(args: readonly string[], env: Environment): Promise<number> {
  const out = createOutput(process.stdout);
  const err = createOutput(process.stderr);
  const asJson = (args.includes("--") ? args.slice(0, args.indexOf("--")) : args).includes("--json");
  let exitCode: ExitCode = EXIT.done;
  let isVerbose = isVerboseLevel(env["LOG_LEVEL"]);
  /** What the parser has to say of a command line that it refuses. */
  let complaint = "";

  const load = async (options: LoadConfigOptions): Promise<LoadedConfig> => {
    const loaded = await loadConfig({ env, ...options });
    isVerbose = isVerboseLevel(loaded.config.logLevel);
    return loaded;
  };
  const cli: Cli = {
    loadConfig: (overrides) => load({ overrides }),
    loadStoreConfig: (overrides) => load({ overrides, use: "store" }),
    loadUnitConfig: (overrides) => load({ overrides, env: withoutShell(env) }),
    shellVariables: shellVariables(env),
    configHome: configHome(env),
    print: (answer) => {
      out.write(`${asJson ? plainJson(answer.document) : answer.text(screen)}\n`);
      exitCode = answer.exitCode ?? EXIT.done;
    },
    say: (line) => {
      if (!asJson) out.write(`${plainText(line)}\n`);
    },
    warn: (line) => {
      if (!asJson) err.write(`${plainText(line)}\n`);
    },
    write: out.write,
    unread: out.broken,
    screen,
    canAsk: process.stdin.isTTY && process.stderr.isTTY && !asJson,
    underNpm: env["npm_lifecycle_event"] !== undefined,
    npmScript: env["npm_lifecycle_event"] ?? null,
  };
  const fail = (failure: Failure, code: ExitCode): void => {
    exitCode = code;
    if (asJson) out.write(`${plainJson({ error: failure })}\n`);
    else err.write(`${plainText(failure.message).trimEnd()}\n`);
  };

  const program = createProgram(cli);
  for (const { path, command } of commandsOf(program)) {
    command
      .exitOverride()
      .showHelpAfterError(`Try: ${path.join(" ")} --help`)
      .configureOutput({
        writeOut: (text) => out.write(text),
        writeErr: (text) => (complaint += text),
        outputError: (text, write) => write(text),
      });
  }
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) fail(failureOf(error, isVerbose), EXIT.failed);
    else if (error.exitCode !== 0)
      fail({ code: "USAGE", message: asJson ? firstLine(complaint) : complaint }, EXIT.usage);
  }

  const fault = await out.written();
  if (fault === null) return exitCode;
  err.write(`What there was to say could not be written: ${errorMessage(fault)}\n`);
  return EXIT.failed;
}

const screen: Screen = {
  width: Math.max(process.stdout.columns || DEFAULT_WIDTH, MIN_WIDTH),
  style: (format, text) => styleText(format, text, { stream: process.stdout }),
};

/** Below it are suggestions, or the whole help. */
function firstLine(complaint: string): string {
  return complaint
    .split("\n", 1)
    .join()
    .replace(/^error: /, "");
}

function isVerboseLevel(level: string | undefined): boolean {
  return level === "debug" || level === "trace";
}
