import type { Command } from "commander";
import { ParlorError } from "../core/errors.ts";
import type { Cli } from "./cli.ts";
import { leafCommand } from "./leaf-command.ts";
import { systemctl } from "./systemctl.ts";
import { readUnit, removeUnit, unitName } from "./unit-file.ts";
import { type UnitOptions, withUnitOption } from "./unit-option.ts";

export function uninstallUnitCommand(cli: Cli): Command {
  const command = leafCommand("uninstall", {
    description: "Stops the gateway that the unit runs and removes the unit; the data stays.",
    examples: [["parlor service uninstall", "what was installed without a name"]],
  });
  return withUnitOption(command).action(async (options: UnitOptions) => {
    const name = unitName(cli.configHome, options.name);
    const found = await readUnit(name);
    if (found.state === "foreign") {
      throw new ParlorError("UNIT_FAILED", `${name.path} is not of Parlor, and stays; remove it by hand.`);
    }
    if (found.state === "missing") {
      cli.print({
        document: { path: name.path, removed: false, dataDirectory: null },
        text: () => `There is no ${name.path}.`,
      });
      return;
    }
    await systemctl("disable", "--now", name.unit);
    await removeUnit(name);
    await systemctl("daemon-reload");
    const { dataDirectory } = found;
    cli.print({
      document: { path: name.path, removed: true, dataDirectory },
      text: () =>
        `Stopped, and removed ${name.path}.${dataDirectory === null ? "" : `\nThe data stays in ${dataDirectory}.`}`,
    });
  });
}
