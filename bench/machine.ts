/** What a figure depends on besides the program. */
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { median } from "./statistics.ts";

export interface Machine {
  readonly node: string;
  readonly sqlite: string;
  readonly cores: number;
  readonly processor: string;
  /** The median of 200 times `fdatasync` after 4 KiB, in the folder of the databases, in microseconds. */
  readonly fsyncUs: number;
}

export function examineMachine(folder: string): Machine {
  return {
    node: process.versions.node,
    sqlite: process.versions["sqlite"] ?? "unknown",
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? "unknown",
    fsyncUs: fsyncUs(folder),
  };
}

function fsyncUs(folder: string): number {
  const file = openSync(join(folder, "fsync"), "w");
  try {
    const block = Buffer.alloc(4096, 1);
    const taken = Array.from({ length: 200 }, () => {
      writeSync(file, block);
      const start = performance.now();
      fdatasyncSync(file);
      return (performance.now() - start) * 1000;
    });
    return median(taken);
  } finally {
    closeSync(file);
  }
}
