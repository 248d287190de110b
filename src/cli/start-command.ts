import type { Command } from "commander";
import type { Cli } from "./cli.ts";
import { EXIT } from "./exit-code.ts";
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
import { count } from "./quantity.ts";
import { startFacts, startLines } from "./start-lines.ts";
import { stopSignal } from "./stop-signal.ts";
import { formatFacts } from "./table.ts";

/** How long what does not end by itself may keep a stopped process alive, in milliseconds. */
const LEFTOVER_MS = 1_000;

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
      const { config, notes } = await cli.loadConfig(overridesOf(options));
      // Loaded here, because no other command needs the half of it.
      const [{ createGateway }, { createLog }] = await Promise.all([
        import("../gateway/gateway.ts"),
        import("../telemetry/log.ts"),
      ]);
      const log = createLog({ level: config.logLevel, pretty: process.stderr.isTTY });
      for (const note of notes) log.warn(note);

      const gateway = createGateway(config, { log });
      const stopped = stopSignal(cli);
      const started = await gateway.start();
      const facts = startFacts(config, gateway.agent.name, started);
      cli.print({ document: facts, text: (screen) => formatFacts(screen, startLines(config, facts)) });

      const signal = await stopped;
      cli.say(
        `${signal}: stopping. What runs has ${config.server.drainMs / 1000} s to end; another signal ends it at once.`,
      );
      const { finished, left } = await gateway.stop();
      const rest = left === 0 ? "nothing is left" : `${count(left, "turn")} left for the next start`;
      cli.say(`Stopped: ${count(finished, "turn")} finished, ${rest}.`);
      setTimeout(() => process.exit(EXIT.done), LEFTOVER_MS).unref();
    },
  );
}
