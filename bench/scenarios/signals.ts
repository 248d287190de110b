import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Child } from "../children/child.ts";
import type { FloodAnswer } from "../children/signal-flood.ts";
import { DATABASE } from "../filled/filled-homes.ts";
import { type Scenario, measure } from "../scenario.ts";

const MB = 1_000_000;

export const signals: Scenario = {
  name: "signals",
  compares: "signals from distinct keys through inbox, store and telemetry with nothing at all: what they leave behind",
  run: async (bench) => {
    const folder = await bench.newFolder();
    const { child } = await Child.start(new URL("../children/signal-flood.ts", import.meta.url), {
      arguments: [folder],
      flags: ["--expose-gc"],
    });
    await using flood = child;
    using watch = openWatch(join(folder, DATABASE));
    const before = watch.look();
    const found = await flood.ask<FloodAnswer>({ signals: bench.sizes.signals });
    const after = watch.look();
    return {
      measures: [
        measure({
          name: "bytes written to the database and its log",
          value: after.bytes - before.bytes,
          unit: "bytes",
          aim: { atMost: 0 },
          figures: [],
        }),
        measure({
          name: "commits seen by another connection (1: at least one)",
          value: Number(after.version !== before.version),
          unit: "",
          aim: { atMost: 0 },
          figures: [],
        }),
        measure({
          name: "growth of memory, garbage collected",
          value: found.heapBytes / MB,
          unit: "MB",
          aim: { atMost: 20 },
          figures: [{ name: "growth of the resident set", value: found.residentBytes / MB, unit: "MB" }],
        }),
      ],
      figures: [
        { name: "signals", value: bench.sizes.signals, unit: "" },
        { name: "signals per second", value: bench.sizes.signals / found.seconds, unit: "/s" },
        {
          name: "sessions not stored, as the gateway counts them",
          value: Number(found.avoided.split(" ").at(-1)),
          unit: "",
        },
      ],
    };
  },
};

interface Watch extends Disposable {
  look(): { readonly bytes: number; readonly version: number };
}

/** Looks at a database from outside: how large its files are, and whether anyone has committed. */
function openWatch(path: string): Watch {
  const db = new DatabaseSync(path, { readOnly: true });
  const version = db.prepare("PRAGMA data_version");
  return {
    look: () => ({
      bytes: [path, `${path}-wal`].reduce((sum, file) => sum + (existsSync(file) ? statSync(file).size : 0), 0),
      version: Number(version.get()?.["data_version"]),
    }),
    [Symbol.dispose]: () => db.close(),
  };
}
