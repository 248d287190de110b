import type { Command } from "commander";
import type { Delivery } from "../core/delivery.ts";
import type { Session } from "../core/session.ts";
import { type Entry, groupByTurn } from "../core/transcript.ts";
import { deliveredEntryViews } from "../http/entry-delivery-view.ts";
import { entryView } from "../http/entry-view.ts";
import { sessionView } from "../http/session-view.ts";
import type { Summary } from "../store/agent-store.ts";
import type { Page, StoreReader } from "../store/reader.ts";
import type { EntryDelivery } from "../store/repair-store.ts";
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
import { plainText } from "./plain-text.ts";
import { sessionFacts } from "./session-facts.ts";
import { shellWords } from "./shell-words.ts";
import { formatFacts } from "./table.ts";
import { formatTranscript } from "./transcript-text.ts";
import { deliveryView } from "./turn-view.ts";
import { sessionFault, withReader } from "./with-store.ts";

interface ShowOptions extends PlaceOptions, PageOptions {
  readonly deliveries?: boolean;
}

export function showCommand(cli: Cli): Command {
  const command = leafCommand("show", {
    description: "Shows a session and the end of what was said in it, turn by turn.",
    examples: [
      ["parlor sessions show ses_0123456789abcdefghjkmnpqrs", "the newest 50 entries"],
      ["parlor sessions show ses_0123456789abcdefghjkmnpqrs --limit 5", "the newest 5"],
      ["parlor sessions show ses_0123456789abcdefghjkmnpqrs --deliveries", "with what was sent of each"],
    ],
  })
    .argument("<id>", "the whole id of a session")
    .option("--deliveries", "show what was sent of each entry, with the platform's ids of the messages");
  return withPlaceOptions(withPageOptions(command)).action(async (id: string, options: ShowOptions) => {
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
      const page = await reader.transcript(id, query);
      const seqs = page.items.map(({ seq }) => seq);
      const delivered = options.deliveries === true ? await reader.entryDeliveries(id, seqs) : null;
      const summary = await reader.summary(id);
      return { session: found.session, summary, page, delivered, undelivered: await undeliveredOf(reader, id) };
    });
    cli.print(answer(shown, options));
  });
}

function answer(
  shown: {
    readonly session: Session;
    readonly summary: Summary | null;
    readonly page: Page<Entry>;
    /** Null when nobody asked. */
    readonly delivered: ReadonlyMap<number, readonly EntryDelivery[]> | null;
    readonly undelivered: readonly Delivery[];
  },
  options: ShowOptions,
): Answer {
  const { session, summary, page, delivered, undelivered } = shown;
  const { nextCursor } = page;
  const entries = groupByTurn(page.items.toReversed());
  return {
    document: {
      session: sessionView(session),
      summary: summary === null ? null : summaryView(summary),
      messages: delivered === null ? entries.map(entryView) : deliveredEntryViews(entries, delivered),
      undelivered: undelivered.map(deliveryView),
      nextCursor,
    },
    text: (screen) =>
      [
        formatFacts(screen, sessionFacts(session)),
        ...(summary === null
          ? []
          : [
              `Summary of entries 1 to ${summary.throughSeq}, which stands for them in the prompt:\n${plainText(summary.text)}`,
            ]),
        ...(nextCursor === null
          ? []
          : [`Earlier: ${shellWords(nextPage(["sessions", "show", session.id], options, nextCursor))}`]),
        ...(entries.length === 0
          ? []
          : [formatTranscript(screen, entries, delivered === null ? marksOf(undelivered) : sentMarks(delivered))]),
      ].join("\n\n"),
  };
}

function summaryView({ text, throughSeq, turnId, createdAt }: Summary): Readonly<Record<string, unknown>> {
  return { text, throughSeq, turn: turnId, createdAt };
}

/** The newest replies of a session that have failed, or of which nobody knows whether they arrived. */
async function undeliveredOf(reader: StoreReader, sessionId: string): Promise<readonly Delivery[]> {
  const pages = await Promise.all(
    (["failed", "unknown"] as const).map((state) => reader.deliveries({ sessionId, state, limit: 200 })),
  );
  return pages.flatMap(({ items }) => items);
}

/** What is said of every entry of which something was sent, by its number. */
function sentMarks(delivered: ReadonlyMap<number, readonly EntryDelivery[]>): ReadonlyMap<number, string> {
  const markOf = ({ state, remoteId }: EntryDelivery): string => (remoteId === null ? state : `${state} ${remoteId}`);
  return new Map(Array.from(delivered, ([seq, pieces]) => [seq, `delivery ${pieces.map(markOf).join(", ")}`]));
}

/** What is said of an entry that did not arrive, or not as a whole, by its number. */
function marksOf(undelivered: readonly Delivery[]): ReadonlyMap<number, string> {
  return new Map(undelivered.flatMap(({ seq, state }) => (seq === null ? [] : [[seq, `delivery ${state}`] as const])));
}
