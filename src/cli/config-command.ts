import { Command } from "commander";
import type { LoadedConfig } from "../config/config.ts";
import { describeConfig } from "../config/config-values.ts";
import type { Answer } from "./answer.ts";
import type { Cli } from "./cli.ts";
import {
  type AddressOptions,
  type LevelOptions,
  type PlaceOptions,
  leafCommand,
  overridesOf,
  withAddressOptions,
  withLevelOption,
  withPlaceOptions,
} from "./leaf-command.ts";
import { plainText } from "./plain-text.ts";
import { formatTable } from "./table.ts";

export function configCommand(cli: Cli): Command {
  return new Command("config").description("Looks at the configuration.").addCommand(showConfigCommand(cli));
}

function showConfigCommand(cli: Cli): Command {
  const command = leafCommand("show", {
    description: "Shows every value of the configuration and where it came from; of a secret only whether it is set.",
    examples: [
      ["parlor config show", "what parlor start would run with"],
      ["PORT=9000 parlor config show", "with a variable on top"],
    ],
  });
  return withPlaceOptions(withLevelOption(withAddressOptions(command))).action(
    async (options: PlaceOptions & AddressOptions & LevelOptions) => {
      cli.print(answer(await cli.loadConfig(overridesOf(options))));
    },
  );
}

function answer(loaded: LoadedConfig): Answer {
  const { file, notes } = loaded;
  const values = describeConfig(loaded);
  return {
    document: { file, values, notes },
    text: (screen) =>
      [
        formatTable(
          screen,
          [{ title: "KEY" }, { title: "FROM", maxWidth: 24 }, { title: "VALUE" }],
          values.map(({ key, value, origin }) => [key, origin, shown(value)]),
        ),
        plainText(`File: ${file ?? "none"}`),
        ...notes.map((note) => plainText(`Note: ${note}`)),
      ].join("\n\n"),
  };
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return "unset";
  return typeof value === "string" ? value : JSON.stringify(value);
}
