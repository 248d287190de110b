import type { Config } from "../config/config.ts";
import { ParlorError } from "../core/errors.ts";
import { openReader, openStore } from "../gateway/open-store.ts";
import type { StoreReader } from "../store/reader.ts";
import type { Store } from "../store/store.ts";

/**
 * Reads from the store of a configuration, also while a gateway runs.
 *
 * @throws ParlorError `STORE_MISSING`, with where it looked; nothing is made.
 */
export async function withReader<T>(config: Config, read: (reader: StoreReader) => Promise<T>): Promise<T> {
  using reader = openReader(config);
  return await read(reader);
}

/** Changes what is in the store of a configuration, also while a gateway runs. Throws like `withReader`. */
export async function withStore<T>(config: Config, change: (store: Store) => Promise<T>): Promise<T> {
  // To open a store for writing makes one where there is none; the reading side refuses.
  openReader(config)[Symbol.dispose]();
  await using store = await openStore(config);
  return await change(store);
}

/** Why a session cannot be had. Ids are never completed: half an id could be another person's. */
export function sessionFault(outcome: "gone" | "missing" | "duplicate", id: string): ParlorError {
  if (outcome === "gone") return new ParlorError("GONE", `Session ${id} was erased.`);
  return new ParlorError(
    "NOT_FOUND",
    `There is no session ${JSON.stringify(id)}. Give a whole id; parlor sessions list shows them.`,
  );
}
