import type { Command } from "commander";
import { changeAnswer, nameOf } from "./access-change.ts";
import { type PartyOptions, accountsOf, oneAccount, typedParty, withParty } from "./access-party.ts";
import type { Cli } from "./cli.ts";
import { leafCommand, overridesOf } from "./leaf-command.ts";
import { withStore } from "./with-store.ts";

export function revokeCommand(cli: Cli): Command {
  const command = leafCommand("revoke", {
    description: "Takes a decision back: a person or a chat is unknown again.",
    examples: [
      ["parlor access revoke telegram 4242", "whoever was allowed, or blocked, asks anew"],
      ["parlor access revoke telegram --chat -1001", "a group"],
    ],
  });
  return withParty(command, "the id of a person").action(
    async (platform: string, id: string | undefined, options: PartyOptions) => {
      const { config } = await cli.loadStoreConfig(overridesOf(options));
      const typed = typedParty(platform, id, options);
      const change = await withStore(config, async (store) => {
        const account = oneAccount(platform, await accountsOf(platform, options, config, store.reader));
        const party = { ...typed, account };
        const name = await nameOf(store, party);
        return { party, name, before: await store.revokeAccess(party), state: null };
      });
      const isConfigured = config.access.allow.includes(`${platform}:${typed.id}`);
      const rest = isConfigured ? " The configuration still allows it: see access.allow." : "";
      cli.print(
        changeAnswer(change, (who) =>
          change.before === null
            ? `Nothing was decided about ${who}.${rest}`
            : `${who} is no longer ${change.before}, and unknown again.${rest}`,
        ),
      );
    },
  );
}
