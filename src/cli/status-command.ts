import type { Command } from "commander";
import type { Config } from "../config/config.ts";
import { ParlorError } from "../core/errors.ts";
import { databasePath } from "../gateway/open-store.ts";
import type { StoreStats } from "../store/reader.ts";
import type { Answer } from "./answer.ts";
import type { Cli } from "./cli.ts";
import { EXIT } from "./exit-code.ts";
import {
  type AddressOptions,
  type PlaceOptions,
  leafCommand,
  overridesOf,
  withAddressOptions,
  withPlaceOptions,
} from "./leaf-command.ts";
import { type Probe, probeGateway } from "./probe-gateway.ts";
import { byteSize, count, tally } from "./quantity.ts";
import { reachableUrl } from "./reachable-url.ts";
import { agentsLine } from "./start-lines.ts";
import { formatFacts } from "./table.ts";
import { withReader } from "./with-store.ts";

export function statusCommand(cli: Cli): Command {
  const command = leafCommand("status", {
    description: "Says whether a gateway runs at the configured address, and what its store holds.",
    examples: [
      ["parlor status", "exits with 2 when none runs"],
      ["parlor status --port 9000", "of the gateway at another port"],
    ],
  });
  return withPlaceOptions(withAddressOptions(command)).action(async (options: PlaceOptions & AddressOptions) => {
    const { config } = await cli.loadStoreConfig(overridesOf(options));
    const { host, port } = config.server;
    const url = port === 0 ? null : reachableUrl(host, port);
    const probe: Probe =
      url === null
        ? { outcome: "not-running", reason: "PORT is 0, so nobody knows where it would be" }
        : await probeGateway(url);
    cli.print(answer({ url, probe, database: databasePath(config), stats: await readStats(config), config }));
  });
}

/** Null when there is no store yet. */
async function readStats(config: Config): Promise<StoreStats | null> {
  try {
    return await withReader(config, (reader) => reader.stats());
  } catch (error) {
    if (error instanceof ParlorError && error.code === "STORE_MISSING") return null;
    throw error;
  }
}

interface Status {
  readonly url: string | null;
  readonly probe: Probe;
  readonly database: string;
  readonly stats: StoreStats | null;
  readonly config: Config;
}

function answer({ url, probe, database, stats, config }: Status): Answer {
  const isRunning = probe.outcome === "running";
  return {
    document: {
      gateway: { running: isRunning, url, reason: isRunning ? null : probe.reason },
      agents: ["default", ...Object.keys(config.agents)],
      database,
      store: stats,
    },
    text: (screen) =>
      formatFacts(screen, [
        ["Gateway", isRunning ? `running at ${url ?? ""}` : `not running: ${probe.reason}`],
        ...(Object.keys(config.agents).length === 0
          ? []
          : [["Agents", `the default one, ${agentsLine(config)}`] as const]),
        ["Data", stats === null ? `none yet at ${database}` : `${database} (${byteSize(stats.bytes)})`],
        ...(stats === null ? [] : storeFacts(stats)),
      ]),
    exitCode: isRunning ? EXIT.done : EXIT.findings,
  };
}

function storeFacts(stats: StoreStats): readonly (readonly [name: string, value: string])[] {
  return [
    ["Sessions", `${stats.sessions}, ${stats.liveSessions} live`],
    ["Messages", tally(stats.messages)],
    ["Waiting", waitingLine(stats)],
  ];
}

function waitingLine({ messages, turns, deliveries }: StoreStats): string {
  const replies = deliveries.pending + deliveries.sending;
  const waiting = [
    ...(messages.waiting === 0 ? [] : [`${count(messages.waiting, "message")} to be answered`]),
    ...(messages.running === 0 ? [] : [`${count(messages.running, "message")} being answered`]),
    ...(turns.retrying === 0 ? [] : [`${count(turns.retrying, "turn")} to be tried again`]),
    ...(replies === 0 ? [] : [`${count(replies, "reply", "replies")} to be sent`]),
  ];
  return waiting.length === 0 ? "nothing" : waiting.join(", ");
}
