import { callStore, forwardingStore } from "./forwarding-store.ts";
import type { OpenStore } from "./open-store.ts";

/**
 * Opens stores that hold on to nothing: each verb opens the database, is carried out and closes it
 * again. What passes on one of these does not live in the memory of a process.
 */
export function reopening(open: OpenStore): OpenStore {
  return async (options) => {
    // Once before the first verb: a place that cannot be opened must say so where it is opened.
    await (await open(options))[Symbol.asyncDispose]();
    return forwardingStore(
      async (call) => {
        await using store = await open(options);
        return await callStore(store, call);
      },
      async () => {},
    );
  };
}
