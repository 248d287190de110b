import type { Command } from "commander";
import { sessionView } from "../http/session-view.ts";
import type { Cli } from "./cli.ts";
import { type PlaceOptions, leafCommand, overridesOf, withPlaceOptions } from "./leaf-command.ts";
import { plainLine } from "./plain-text.ts";
import { sessionFault, withStore } from "./with-store.ts";

export function titleCommand(cli: Cli): Command {
  const command = leafCommand("title", {
    description: "Gives a session a title.",
    examples: [
      ["parlor sessions title ses_0123456789abcdefghjkmnpqrs 'Train to Rome'", "names it"],
      ["parlor sessions title ses_0123456789abcdefghjkmnpqrs ''", "removes the title"],
    ],
  })
    .argument("<id>", "the whole id of a session")
    .argument("<text>", "the title, of at most 200 characters; empty to remove it");
  return withPlaceOptions(command).action(async (id: string, text: string, options: PlaceOptions) => {
    const { config } = await cli.loadStoreConfig(overridesOf(options));
    const title = text.trim() === "" ? null : text;
    const updated = await withStore(config, (store) => store.update({ sessionId: id }, { title }));
    if (updated.outcome !== "updated" && updated.outcome !== "noted") throw sessionFault(updated.outcome, id);
    const { session } = updated;
    cli.print({
      document: { session: sessionView(session) },
      text: () =>
        session.title === null
          ? `${session.id} has no title now.`
          : `${session.id} is titled "${plainLine(session.title)}" now.`,
    });
  });
}
