import { type Command, InvalidArgumentError } from "commander";

/** What tells a command which unit is meant. */
export interface UnitOptions {
  readonly name: string;
}

export function withUnitOption(command: Command): Command {
  return command.option(
    "--name <name>",
    "the name of the unit, where there are several (default: parlor)",
    parseName,
    "parlor",
  );
}

/** Names that mean the same to systemd, to a file system and to a shell. */
function parseName(text: string): string {
  if (/^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError("It must be 1 to 50 of a-z, 0-9 and, in between, hyphens.");
}
