import type { StoreOptions } from "../store/options.ts";
import type { Store } from "../store/store.ts";

export interface PlacedStoreOptions extends StoreOptions {
  /**
   * Which database: equal places are the same one, and one that was never opened is empty. Letters,
   * digits and hyphens only, fit for the name of a file or a schema.
   */
  readonly place: string;
}

/** How a contract opens the store it is run on. */
export type OpenStore = (options: PlacedStoreOptions) => Promise<Store>;
