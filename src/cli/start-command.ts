import type { Command } from "commander";
import { findLocalModels } from "../agent/find-local-models.ts";
import type { Gateway, Started } from "../gateway/gateway.ts";
import { systemClock } from "../lib/clock.ts";
import { settlesWithin } from "../lib/sleep.ts";
import type { Cli } from "./cli.ts";
import { EXIT } from "./exit-code.ts";
import { foundModels } from "./found-models.ts";
import {
  type AddressOptions,
  type LevelOptions,
  type PlaceOptions,
  leafCommand,
  overridesOf,
  withAddressOptions,
  withLevelOption,
  withPlaceOptions,
} from "./leaf-command.ts";
import { startFacts, startLines } from "./start-lines.ts";
import { startWords } from "./start-words.ts";
import { stopLines } from "./stop-lines.ts";
import { stopSignal } from "./stop-signal.ts";
import { formatFacts } from "./table.ts";

/** How long what does not end by itself may keep a stopped process alive, in milliseconds. */
const LEFTOVER_MS = 1_000;

/** How much later the start is said to be done for the sake of local models, in milliseconds. */
const SEARCH_MS = 300;

export function startCommand(cli: Cli): Command {
  const command = leafCommand("start", {
    description: "Starts the gateway and runs it until it is told to stop. Its log goes to standard error.",
    examples: [
      ["parlor start", "on 127.0.0.1, port 8787"],
      ["parlor start --port 9000 --home ./data", "elsewhere"],
      ["parlor start --log-level debug 2> parlor.log", "with its log in a file"],
    ],
  });
  return withPlaceOptions(withLevelOption(withAddressOptions(command))).action(
    async (options: PlaceOptions & AddressOptions & LevelOptions) => {
      const overrides = overridesOf(options);
      const { config, notes, localEndpoints } = await cli.loadConfig(overrides);
      // Loaded here, because no other command needs the half of it.
      const [{ createGateway }, { createLog }] = await Promise.all([
        import("../gateway/gateway.ts"),
        import("../telemetry/log.ts"),
      ]);
      const search = new AbortController();
      const searching = findLocalModels(localEndpoints, search.signal);
      const log = createLog({ level: config.logLevel, pretty: process.stderr.isTTY });
      for (const note of notes) log.warn(note);

      const gateway = createGateway(config, { log });
      const stopped = stopSignal(cli);
      const started = await startAndSearch(gateway, searching).finally(() => search.abort());
      const found = foundModels(await searching, startWords(cli.npmScript, overrides));
      const facts = startFacts(config, gateway.agent.name, started, found);
      cli.print({ document: facts, text: (screen) => formatFacts(screen, startLines(config, facts)) });

      const signal = await stopped;
      cli.say(
        `${signal}: stopping. What runs has ${config.server.drainMs / 1000} s to end; another signal ends it at once.`,
      );
      for (const line of stopLines(await gateway.stop())) cli.say(line);
      setTimeout(() => process.exit(EXIT.done), LEFTOVER_MS).unref();
    },
  );
}

/** Starts the gateway, and then gives a search that began before it a moment to end. */
async function startAndSearch(gateway: Gateway, searching: Promise<unknown>): Promise<Started> {
  const started = await gateway.start();
  await settlesWithin(systemClock, SEARCH_MS, searching);
  return started;
}
