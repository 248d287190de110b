import type { Command } from "commander";
import type { Page, SearchHit } from "../store/reader.ts";
import type { Answer, Screen } from "./answer.ts";
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
import { plainLine } from "./plain-text.ts";
import { localMinute } from "./quantity.ts";
import { shellWords } from "./shell-words.ts";
import { withReader } from "./with-store.ts";

export function searchCommand(cli: Cli): Command {
  const command = leafCommand("search", {
    description: "Finds what was said, the newest first.",
    examples: [
      ["parlor sessions search train ticket", "entries that hold both words"],
      [`parlor sessions search '"train ticket"'`, "the words together"],
      ["parlor sessions search 'tick*'", "words that begin so"],
      ["parlor sessions search 東京", "any run of characters"],
    ],
  }).argument("<query...>", "the words to look for; accents and upper case do not count");
  return withPlaceOptions(withPageOptions(command)).action(
    async (words: readonly string[], options: PlaceOptions & PageOptions) => {
      const { config } = await cli.loadStoreConfig(overridesOf(options));
      const { limit, cursor } = options;
      const query = {
        text: words.join(" "),
        ...(limit === undefined ? {} : { limit }),
        ...(cursor === undefined ? {} : { cursor }),
      };
      const page = await withReader(config, (reader) => reader.search(query));
      cli.print(answer(page, (next) => nextPage(["sessions", "search", ...words], options, next)));
    },
  );
}

function answer({ items, nextCursor }: Page<SearchHit>, next: (cursor: string) => readonly string[]): Answer {
  return {
    document: { hits: items.map(({ sessionId, ...hit }) => ({ session: sessionId, ...hit })), nextCursor },
    text: (screen) => {
      if (items.length === 0) return "Nothing found.";
      const hits = items.map((hit) => formatHit(screen, hit)).join("\n\n");
      return nextCursor === null ? hits : `${hits}\n\nMore: ${shellWords(next(nextCursor))}`;
    },
  };
}

export function formatHit(screen: Screen, { sessionId, seq, role, createdAt, snippet, highlights }: SearchHit): string {
  let line = "";
  let position = 0;
  for (const { start, end } of highlights) {
    line += plainLine(snippet.slice(position, start));
    line += screen.style(["bold", "underline"], plainLine(snippet.slice(start, end)));
    position = end;
  }
  line += plainLine(snippet.slice(position));
  return `${screen.style("bold", sessionId)}  ${seq}  ${localMinute(createdAt)}  ${role}\n  ${line}`;
}
