import type { Command } from "commander";
import type { Session } from "../core/session.ts";
import { type Entry, groupByTurn } from "../core/transcript.ts";
import { entryView } from "../http/entry-view.ts";
import { sessionView } from "../http/session-view.ts";
import type { Page } from "../store/reader.ts";
import type { Answer } from "./answer.ts";
import type { Cli } from "./cli.ts";
import {
  type PageOptions,
  type PlaceOptions,
  leafCommand,
  nextPage,
  overridesOf,
  withPageOptions,
  withPlaceOptions,
} from "./leaf-command.ts";
import { sessionFacts } from "./session-facts.ts";
import { shellWords } from "./shell-words.ts";
import { formatFacts } from "./table.ts";
import { formatTranscript } from "./transcript-text.ts";
import { sessionFault, withReader } from "./with-store.ts";

export function showCommand(cli: Cli): Command {
  const command = leafCommand("show", {
    description: "Shows a session and the end of what was said in it, turn by turn.",
    examples: [
      ["parlor sessions show ses_0123456789abcdefghjkmnpqrs", "the newest 50 entries"],
      ["parlor sessions show ses_0123456789abcdefghjkmnpqrs --limit 5", "the newest 5"],
    ],
  }).argument("<id>", "the whole id of a session");
  return withPlaceOptions(withPageOptions(command)).action(async (id: string, options: PlaceOptions & PageOptions) => {
    const { config } = await cli.loadStoreConfig(overridesOf(options));
    const { limit, cursor } = options;
    const query = {
      newestFirst: true,
      ...(limit === undefined ? {} : { limit }),
      ...(cursor === undefined ? {} : { cursor }),
    };
    const shown = await withReader(config, async (reader) => {
      const found = await reader.get(id);
      if (found.outcome !== "found") throw sessionFault(found.outcome, id);
      return { session: found.session, page: await reader.transcript(id, query) };
    });
    cli.print(answer(shown, options));
  });
}

function answer(
  shown: { readonly session: Session; readonly page: Page<Entry> },
  options: PlaceOptions & PageOptions,
): Answer {
  const { session, page } = shown;
  const { nextCursor } = page;
  const entries = groupByTurn(page.items.toReversed());
  return {
    document: { session: sessionView(session), messages: entries.map(entryView), nextCursor },
    text: (screen) =>
      [
        formatFacts(screen, sessionFacts(session)),
        ...(nextCursor === null
          ? []
          : [`Earlier: ${shellWords(nextPage(["sessions", "show", session.id], options, nextCursor))}`]),
        ...(entries.length === 0 ? [] : [formatTranscript(screen, entries)]),
      ].join("\n\n"),
  };
}
