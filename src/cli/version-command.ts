import type { Command } from "commander";
import { VERSION } from "../gateway/version.ts";
import type { Cli } from "./cli.ts";
import { leafCommand } from "./leaf-command.ts";

export function versionCommand(cli: Cli): Command {
  return leafCommand("version", {
    description: "Says which Parlor and which Node this is.",
    examples: [["parlor version --json", "for a program"]],
  }).action(() =>
    cli.print({
      document: { version: VERSION, node: process.versions.node },
      text: () => `Parlor ${VERSION} on Node ${process.versions.node}`,
    }),
  );
}
