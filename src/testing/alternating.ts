import { callStore, forwardingStore } from "./forwarding-store.ts";
import type { OpenStore } from "./open-store.ts";
import type { Store } from "../store/store.ts";

/**
 * Opens the same place once with each of the given functions, and hands every verb to the next of
 * those stores. What passes on one of these holds between nodes, not only inside one.
 */
export function alternating(...opens: readonly OpenStore[]): OpenStore {
  return async (options) => {
    const stores: Store[] = [];
    for (const open of opens) stores.push(await open(options));
    let calls = 0;
    return forwardingStore(
      (call) => {
        const store = stores[calls++ % stores.length];
        if (store === undefined) throw new TypeError("alternating() needs one or more functions that open a store.");
        return callStore(store, call);
      },
      async () => {
        for (const store of stores) await store[Symbol.asyncDispose]();
      },
    );
  };
}
