import type { Command } from "commander";
import type { Config } from "../config/config.ts";
import { ParlorError } from "../core/errors.ts";
import { readPairingCode } from "../core/pairing-code.ts";
import { type Change, changeAnswer, decide } from "./access-change.ts";
import { type PartyOptions, accountsOf, refuseOwn, typedParty, withParty } from "./access-party.ts";
import type { Cli } from "./cli.ts";
import { leafCommand, overridesOf } from "./leaf-command.ts";
import { shellWords } from "./shell-words.ts";
import { withStore } from "./with-store.ts";

export function approveCommand(cli: Cli): Command {
  const command = leafCommand("approve", {
    description: "Lets a person in by the code they were given, or a person or a chat by id.",
    examples: [
      ["parlor access approve telegram 4242-K7QX9M2P", "by the code that the bot has told"],
      ["parlor access approve telegram 4242", "by id"],
      ["parlor access approve telegram --chat -1001", "a group: everyone in it may speak"],
    ],
  });
  return withParty(command, "the code a person was given, or the id of a person").action(
    async (platform: string, id: string | undefined, options: PartyOptions) => {
      const { config } = await cli.loadStoreConfig(overridesOf(options));
      const isCode = id !== undefined && options.chat === undefined && readPairingCode(id) !== null;
      const change = isCode
        ? await approveCode(config, platform, id, options)
        : await decide(config, typedParty(platform, id, options), options, "allowed");
      cli.print(changeAnswer(change, (who) => sentence(who, change)));
    },
  );
}

async function approveCode(config: Config, platform: string, code: string, options: PartyOptions): Promise<Change> {
  refuseOwn(platform);
  const outcome = await withStore(config, async (store) => {
    const accounts = await accountsOf(platform, options, config, store.reader);
    return await store.approveAccess({ platform, accounts, code });
  });
  switch (outcome.outcome) {
    case "approved": {
      const { party, name, before } = outcome;
      return { party, name, before, state: "allowed" };
    }
    case "blocked": {
      const { id } = outcome.party;
      throw new ParlorError(
        "INVALID_INPUT",
        `${platform} ${id} is blocked, and a code does not undo that; if it was meant, approve the id: ` +
          shellWords(["parlor", "access", "approve", platform, id]),
      );
    }
    case "wrong": {
      const id = readPairingCode(code)?.id ?? code;
      throw new ParlorError(
        "NOT_FOUND",
        `The code ${JSON.stringify(code)} is not good here: it must be one that this installation gave out on ` +
          `${platform} within the last hour. Have the person write again for a new one, or let them in by id: ` +
          shellWords(["parlor", "access", "approve", platform, id]),
      );
    }
  }
}

function sentence(who: string, { party, before }: Change): string {
  const subject = party.kind === "chat" ? `${who} is open: everyone in it may write` : `${who} may write`;
  return before === "blocked" ? `${subject} from now on, and is no longer blocked.` : `${subject} from now on.`;
}
