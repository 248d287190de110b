/** The thread in which long reads run, on a connection of its own that cannot write. */
import { parentPort, workerData } from "node:worker_threads";
import { ParlorError, errorMessage } from "../../core/errors.ts";
import { openReadOnly } from "./database.ts";
import type { LongRead, LongReadAnswer } from "./long-reads.ts";
import { createReader } from "./sqlite-reader.ts";

const reader = createReader(openReadOnly((workerData as { readonly path: string }).path));

parentPort?.on("message", (read: LongRead) => {
  void answer(read).then((message) => parentPort?.postMessage(message));
});

async function answer(read: LongRead): Promise<LongReadAnswer> {
  try {
    return { id: read.id, value: await run(read) };
  } catch (error) {
    const { code, retryable } = error instanceof ParlorError ? error : { code: null, retryable: false };
    return { id: read.id, error: { code, retryable, message: errorMessage(error) } };
  }
}

function run(read: LongRead): Promise<unknown> {
  switch (read.verb) {
    case "search":
      return reader.search(read.query);
    case "stats":
      return reader.stats();
    case "verify":
      return reader.verify();
  }
}
