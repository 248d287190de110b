import type { LoadedConfig } from "../config/config.ts";
import type { ConfigOverrides } from "../config/layers.ts";
import type { Answer, Screen } from "./answer.ts";

/** What every command is given. */
export interface Cli {
  /** The configuration, under what the command line says. */
  loadConfig(overrides: ConfigOverrides): Promise<LoadedConfig>;
  /** The same for a command that works on the store alone: whoever types it need not have the gateway's secrets. */
  loadStoreConfig(overrides: ConfigOverrides): Promise<LoadedConfig>;
  /** The configuration of a process that has none of the variables of this shell, such as systemd starts. */
  loadUnitConfig(overrides: ConfigOverrides): Promise<LoadedConfig>;
  /** The variables of Parlor that this shell has set, by name. */
  readonly shellVariables: readonly string[];
  /** Where this user's own configuration lies. */
  readonly configHome: string;
  /** Says what there is to say; its exit code is the command's. */
  print(answer: Answer): void;
  /** A line about how it goes, for people only: `--json` prints one document and nothing else. */
  say(line: string): void;
  /** The same on standard error, where standard output is the answer alone. */
  warn(line: string): void;
  /** Writes a piece of an answer that comes bit by bit; it is harmless to a terminal already. */
  write(text: string): void;
  /** Aborted when nobody reads any more what is printed. */
  readonly unread: AbortSignal;
  readonly screen: Screen;
  /** Whether a person can be asked: there is one, and no program reads the answer. */
  readonly canAsk: boolean;
  /** Whether npm started the command: it passes signals on that the terminal has sent to both. */
  readonly underNpm: boolean;
  /** The script that npm runs; null when it does not, `npx` when it runs the command itself. */
  readonly npmScript: string | null;
}
