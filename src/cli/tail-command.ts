import { type Command, InvalidArgumentError } from "commander";
import type { Session } from "../core/session.ts";
import type { Entry } from "../core/transcript.ts";
import { entryView } from "../http/entry-view.ts";
import { sessionView } from "../http/session-view.ts";
import { systemClock } from "../lib/clock.ts";
import type { StoreReader } from "../store/reader.ts";
import type { Cli } from "./cli.ts";
import { type Followed, followEverySession, followSession } from "./follow-sessions.ts";
import { type PlaceOptions, leafCommand, overridesOf, withPlaceOptions } from "./leaf-command.ts";
import { plainJson } from "./plain-text.ts";
import { formatTranscript } from "./transcript-text.ts";
import { sessionFault, withReader } from "./with-store.ts";

interface TailOptions extends PlaceOptions {
  readonly follow?: true;
  readonly lines: number;
  readonly json?: true;
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

export function tailCommand(cli: Cli): Command {
  const command = leafCommand("tail", {
    description: "Shows what was said last in a session; with -f also what is said from now on.",
    examples: [
      ["parlor sessions tail ses_0123456789abcdefghjkmnpqrs", "the last 10 entries"],
      ["parlor sessions tail ses_0123456789abcdefghjkmnpqrs -f", "and every new one, until Ctrl-C"],
      ["parlor sessions tail -f --json", "every session, as lines of JSON"],
    ],
  })
    .argument("[id]", "the whole id of a session; with -f none is every session")
    .option("-f, --follow", "go on with what is stored from now on, until interrupted")
    .option("--lines <count>", "how many entries to begin with, from 0 to 200", parseLines, 10);
  return withPlaceOptions(command).action(async (id: string | undefined, options: TailOptions) => {
    if (id === undefined && options.follow !== true)
      command.error("error: name a session, or follow every one with -f");
    const { config } = await cli.loadStoreConfig(overridesOf(options));
    await withReader(config, async (reader) => {
      if (id === undefined) {
        cli.say("Following every session; Ctrl-C ends it.\n");
        await follow(cli, options, (signal) => followEverySession(reader, { clock: systemClock, signal }));
        return;
      }
      const { session, entries } = await lastEntries(reader, id, options.lines);
      if (options.follow !== true) {
        cli.print({
          document: { session: sessionView(session), messages: entries.map(entryView) },
          text: (screen) => (entries.length === 0 ? "No entries." : formatTranscript(screen, entries)),
        });
        return;
      }
      for (const entry of entries) cli.write(formatted(cli, options, { type: "message", entry }));
      const seen = entries.at(-1)?.seq ?? session.lastSeq;
      await follow(cli, options, (signal) => followSession(reader, id, seen, { clock: systemClock, signal }), id);
    });
  });
}

async function lastEntries(
  reader: StoreReader,
  id: string,
  count: number,
): Promise<{ readonly session: Session; readonly entries: readonly Entry[] }> {
  const found = await reader.get(id);
  if (found.outcome !== "found") throw sessionFault(found.outcome, id);
  const page = count === 0 ? { items: [] } : await reader.transcript(id, { newestFirst: true, limit: count });
  return { session: found.session, entries: page.items.toReversed() };
}

/** Writes what comes until a signal, or until nobody reads it any more. */
async function follow(
  cli: Cli,
  options: TailOptions,
  start: (signal: AbortSignal) => AsyncIterable<Followed>,
  onlySession: string | null = null,
): Promise<void> {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  for (const signal of SIGNALS) process.once(signal, end);
  try {
    const signal = AbortSignal.any([ended.signal, cli.unread]);
    for await (const followed of start(signal)) {
      if (signal.aborted) return;
      cli.write(formatted(cli, options, followed, onlySession === null));
    }
  } finally {
    for (const signal of SIGNALS) process.off(signal, end);
  }
}

function formatted(cli: Cli, { json }: TailOptions, followed: Followed, withSession = false): string {
  if (json === true) return `${plainJson(documentOf(followed), 0)}\n`;
  if (followed.type === "message") {
    const { entry } = followed;
    // It was new a moment ago: that it waits for its answer says nothing.
    const isNew = entry.state === "waiting" || entry.state === "running";
    const text = formatTranscript(cli.screen, [isNew ? { ...entry, state: "said" } : entry]);
    return `${withSession ? `${cli.screen.style("cyan", entry.sessionId)}\n` : ""}${text}\n\n`;
  }
  const { sessionId } = followed;
  if (followed.type === "session:erase") return `Session ${sessionId} was erased.\n${withSession ? "\n" : ""}`;
  const how = followed.reason === null ? "" : ` (${followed.reason})`;
  return `Session ${sessionId} has ended${how}; what is said next in its chat opens another one.\n${withSession ? "\n" : ""}`;
}

function documentOf(followed: Followed): object {
  if (followed.type !== "message") {
    const { sessionId, ...fields } = followed;
    return { ...fields, session: sessionId };
  }
  return { type: "message", session: followed.entry.sessionId, message: entryView(followed.entry) };
}

function parseLines(text: string): number {
  const lines = Number(text);
  if (/^\d+$/.test(text) && lines <= 200) return lines;
  throw new InvalidArgumentError("It must be a whole number from 0 to 200.");
}
