import type { Command } from "commander";
import { sessionView } from "../http/session-view.ts";
import type { Cli } from "./cli.ts";
import { type PlaceOptions, leafCommand, overridesOf, withPlaceOptions } from "./leaf-command.ts";
import { count } from "./quantity.ts";
import { sessionFault, withStore } from "./with-store.ts";

export function resetCommand(cli: Cli): Command {
  const command = leafCommand("reset", {
    description: "Ends a session: what is said next in its chat opens a new one.",
    examples: [["parlor sessions reset ses_0123456789abcdefghjkmnpqrs", "ends it; everything said is kept"]],
  }).argument("<id>", "the whole id of a session");
  return withPlaceOptions(command).action(async (id: string, options: PlaceOptions) => {
    const { config } = await cli.loadStoreConfig(overridesOf(options));
    const outcome = await withStore(config, (store) => store.reset({ sessionId: id }));
    switch (outcome.outcome) {
      case "reset": {
        const { ended, draft, cancelled } = outcome;
        return cli.print({
          document: { reset: true, session: sessionView(ended), next: sessionView(draft), cancelled },
          text: () =>
            `${ended.id} is over${cancelled === 0 ? "" : `; ${count(cancelled, "message")} will not be answered`}.`,
        });
      }
      case "unchanged": {
        const { session } = outcome;
        return cli.print({
          document: { reset: false, session: sessionView(session), next: null, cancelled: 0 },
          text: () => `${session.id} was over already.`,
        });
      }
      default:
        throw sessionFault(outcome.outcome, id);
    }
  });
}
