import type { Command } from "commander";
import { changeAnswer, decide } from "./access-change.ts";
import { type PartyOptions, typedParty, withParty } from "./access-party.ts";
import type { Cli } from "./cli.ts";
import { leafCommand, overridesOf } from "./leaf-command.ts";

export function blockCommand(cli: Cli): Command {
  const command = leafCommand("block", {
    description: "Shuts a person or a chat out, silently, whatever else allows them.",
    examples: [
      ["parlor access block telegram 4242", "a person, in every group too"],
      ["parlor access block telegram --chat -1001", "a group"],
    ],
  });
  return withParty(command, "the id of a person").action(
    async (platform: string, id: string | undefined, options: PartyOptions) => {
      const { config } = await cli.loadStoreConfig(overridesOf(options));
      const change = await decide(config, typedParty(platform, id, options), options, "blocked");
      cli.print(changeAnswer(change, (who) => `${who} is blocked: nothing from there is answered or kept.`));
    },
  );
}
