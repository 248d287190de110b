import type { Command } from "commander";
import type { StoreStats } from "../store/reader.ts";
import type { Answer } from "./answer.ts";
import type { Cli } from "./cli.ts";
import { type PlaceOptions, leafCommand, overridesOf, withPlaceOptions } from "./leaf-command.ts";
import { byteSize, tally } from "./quantity.ts";
import { formatFacts } from "./table.ts";
import { withReader } from "./with-store.ts";

export function statsCommand(cli: Cli): Command {
  const command = leafCommand("stats", {
    description: "Counts what is stored.",
    examples: [
      ["parlor sessions stats", "for a person"],
      ["parlor sessions stats --json", "for a program"],
    ],
  });
  return withPlaceOptions(command).action(async (options: PlaceOptions) => {
    const { config } = await cli.loadStoreConfig(overridesOf(options));
    cli.print(answer(await withReader(config, (reader) => reader.stats())));
  });
}

function answer(stats: StoreStats): Answer {
  const { sessions, liveSessions, pinnedSessions, emptySessions } = stats;
  return {
    document: stats,
    text: (screen) =>
      formatFacts(screen, [
        [
          "Sessions",
          `${sessions} (${liveSessions} live, ${sessions - liveSessions} ended, ${pinnedSessions} pinned, ${emptySessions} empty)`,
        ],
        ["Entries", String(stats.entries)],
        ["Messages", tally(stats.messages)],
        ["Turns", tally(stats.turns)],
        ["Replies", tally(stats.deliveries)],
        ["Tokens", `${stats.inputTokens} in, ${stats.outputTokens} out`],
        ["Size", byteSize(stats.bytes)],
      ]),
  };
}
