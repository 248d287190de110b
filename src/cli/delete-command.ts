import type { Command } from "commander";
import type { Config } from "../config/config.ts";
import type { Session } from "../core/session.ts";
import type { EraseOutcome } from "../store/store.ts";
import type { Answer } from "./answer.ts";
import type { Cli } from "./cli.ts";
import { confirm } from "./confirm.ts";
import { EXIT } from "./exit-code.ts";
import { type PlaceOptions, leafCommand, overridesOf, withPlaceOptions } from "./leaf-command.ts";
import { plainLine } from "./plain-text.ts";
import { count } from "./quantity.ts";
import { sessionFault, withReader, withStore } from "./with-store.ts";

interface DeleteOptions extends PlaceOptions {
  readonly yes?: true;
}

export function deleteCommand(cli: Cli): Command {
  const command = leafCommand("delete", {
    description: "Erases a session and everything said in it, for good.",
    examples: [
      ["parlor sessions delete ses_0123456789abcdefghjkmnpqrs", "asks first"],
      ["parlor sessions delete ses_0123456789abcdefghjkmnpqrs --yes", "does not ask"],
    ],
  })
    .argument("<id>", "the whole id of a session")
    .option("--yes", "do not ask; needed where nobody can be asked");
  return withPlaceOptions(command).action(async (id: string, options: DeleteOptions) => {
    if (options.yes === undefined && !cli.canAsk) {
      command.error("error: there is nobody to ask here whether to delete the session; add --yes");
    }
    const { config } = await cli.loadStoreConfig(overridesOf(options));
    const session = await find(config, id);
    if (options.yes === undefined && !(await confirm(question(session), process.stdin, process.stderr))) {
      cli.print({ document: null, text: () => "Nothing was deleted.", exitCode: EXIT.failed });
      return;
    }
    const erased = await withStore(config, (store) => store.erase(id));
    if (erased.outcome !== "erased") throw sessionFault(erased.outcome, id);
    cli.print(answer(id, erased));
  });
}

async function find(config: Config, id: string): Promise<Session> {
  const found = await withReader(config, (reader) => reader.get(id));
  if (found.outcome !== "found") throw sessionFault(found.outcome, id);
  return found.session;
}

function question({ id, title, lastSeq, source }: Session): string {
  const name = title === null ? "" : ` "${title}"`;
  const whose = `${source.platform}, ${source.userName ?? source.user}`;
  return plainLine(`Delete ${id}${name} (${whose}) and its ${count(lastSeq, "entry", "entries")} for good?`);
}

/** The same receipt as the API's. */
function answer(id: string, { messages, scrubbed }: Extract<EraseOutcome, { outcome: "erased" }>): Answer {
  const rest = scrubbed ? "" : " Its words leave the database's log when the gateway next truncates it.";
  return {
    document: { session: id, messages, scrubbed },
    text: () => `${id} is deleted, with ${count(messages, "entry", "entries")}.${rest}`,
  };
}
