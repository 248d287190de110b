import { type Command, Option } from "commander";
import type { Session } from "../core/session.ts";
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
import { localMinute } from "./quantity.ts";
import { shellWords } from "./shell-words.ts";
import { formatTable } from "./table.ts";
import { withReader } from "./with-store.ts";

interface ListOptions extends PlaceOptions, PageOptions {
  readonly platform?: string;
  readonly live?: true;
  readonly ended?: true;
}

export function listCommand(cli: Cli): Command {
  const command = leafCommand("list", {
    description: "Lists stored sessions, the most recently active first.",
    examples: [
      ["parlor sessions list", "the 50 most recently active"],
      ["parlor sessions list --live --platform slack", "what goes on in Slack"],
      ["parlor sessions list --limit 200 --json", "a page for a program"],
    ],
  })
    .option("--platform <name>", "only sessions of this platform")
    .addOption(new Option("--live", "only lives that go on").conflicts("ended"))
    .option("--ended", "only lives that are over");
  return withPlaceOptions(withPageOptions(command)).action(async (options: ListOptions) => {
    const { config } = await cli.loadStoreConfig(overridesOf(options));
    const { limit, cursor, platform, live, ended } = options;
    const query = {
      ...(limit === undefined ? {} : { limit }),
      ...(cursor === undefined ? {} : { cursor }),
      ...(platform === undefined ? {} : { platform }),
      ...(live === undefined && ended === undefined ? {} : { live: live === true }),
    };
    const page = await withReader(config, (reader) => reader.list(query));
    cli.print(answer(page, options));
  });
}

function answer({ items, nextCursor }: Page<Session>, options: ListOptions): Answer {
  return {
    document: { sessions: items.map(sessionView), nextCursor },
    text: (screen) => {
      if (items.length === 0) return "No sessions.";
      const table = formatTable(
        screen,
        [
          { title: "ID" },
          { title: "LAST ACTIVE" },
          { title: "PLATFORM", maxWidth: 12 },
          { title: "TITLE", flexible: true },
        ],
        items.map((session) => [session.id, activeAt(session), session.source.platform, titleOf(session)]),
      );
      return nextCursor === null ? table : `${table}\n\nMore: ${shellWords(nextLine(options, nextCursor))}`;
    },
  };
}

function nextLine(options: ListOptions, cursor: string): readonly string[] {
  const { platform, live, ended } = options;
  const filters = [
    ...(platform === undefined ? [] : ["--platform", platform]),
    ...(live === undefined ? [] : ["--live"]),
    ...(ended === undefined ? [] : ["--ended"]),
  ];
  return nextPage(["sessions", "list", ...filters], options, cursor);
}

function activeAt({ activeAt: spokenAt, startedAt }: Session): string {
  const at = spokenAt ?? startedAt;
  return at === null ? "" : localMinute(at);
}

/** Without a title it is told by whose it is. */
function titleOf({ title, endedAt, source }: Session): string {
  const name = title ?? `untitled, ${source.userName ?? source.user}`;
  return endedAt === null ? name : `(ended) ${name}`;
}
