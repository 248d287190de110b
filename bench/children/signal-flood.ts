/**
 * Receives signals, each from a key of its own, with the real store, inbox and telemetry, and says
 * how much memory that took. Needs `--expose-gc`: what is not collected yet is not growth.
 */
import { join } from "node:path";
import { createCommands } from "../../src/command/commands.ts";
import { createSource } from "../../src/core/source.ts";
import { createInbox } from "../../src/inbox/inbox.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { openSqliteStore } from "../../src/sqlite.ts";
import { createTelemetry } from "../../src/telemetry/create-telemetry.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { manyCallers } from "../many-callers.ts";
import { answerParent } from "./parent.ts";

const [folder] = process.argv.slice(2);
const collect = globalThis.gc;
if (folder === undefined || collect === undefined) throw new Error("Expected a folder, and --expose-gc.");

export interface FloodAnswer {
  readonly heapBytes: number;
  readonly residentBytes: number;
  readonly seconds: number;
  /** How many keys the gateway says it has not stored. */
  readonly avoided: string;
}

const CALLERS = 128;
const clock = systemClock;
const telemetry = createTelemetry({ log: createLog({ level: "error" }), clock });
await using store = await openSqliteStore({ path: join(folder, "parlor.db"), clock });
const inbox = createInbox({
  store,
  commands: createCommands({ store, cancel: store.cancelTurn, retry: store.retryTurn }),
  telemetry,
  onAccepted: () => {
    throw new Error("A signal was taken for a message.");
  },
});
const closed = Promise.withResolvers<void>();
answerParent({}, flood, () => Promise.resolve(closed.resolve()));
await closed.promise;

async function flood({ signals }: { readonly signals: number }): Promise<FloodAnswer> {
  const before = memory();
  const begun = performance.now();
  await manyCallers(CALLERS, signals, async (index) => {
    const source = createSource({ platform: "api", chatType: "group", chat: `chat-${index}`, user: `person-${index}` });
    const { outcome } = await inbox.receive({ kind: "signal", name: "ping", source });
    if (outcome !== "signal") throw new Error(`Expected a signal; found ${outcome}.`);
  });
  const seconds = (performance.now() - begun) / 1000;
  const after = memory();
  const avoided = /^parlor_empty_sessions_avoided_total.*$/m.exec(await telemetry.metrics())?.[0] ?? "not counted";
  return { heapBytes: after.heap - before.heap, residentBytes: after.resident - before.resident, seconds, avoided };
}

function memory(): { readonly heap: number; readonly resident: number } {
  collect?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, resident: rss };
}
