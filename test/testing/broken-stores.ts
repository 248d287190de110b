/** The contract, run on stores that break it: not a test by itself, `store-contract.test.ts` runs it. */
import { openSqliteStore } from "../../src/sqlite.ts";
import type { Store } from "../../src/store/store.ts";
import type { OpenStore } from "../../src/testing/open-store.ts";
import { storeContract } from "../../src/testing/store-contract.ts";

const TRAITS = { durable: false, histories: 20 };

function broken(breakIt: (store: Store) => Partial<Store>): OpenStore {
  return async (options) => {
    const store = await openSqliteStore({ ...options, path: ":memory:" });
    return { ...store, ...breakIt(store) };
  };
}

storeContract(
  "a store without receipts",
  broken((store) => ({ accept: (message) => store.accept({ ...message, eventId: null }) })),
  TRAITS,
);

storeContract(
  "a store that writes a row whenever it is asked for one",
  broken((store) => ({ getOrCreate: async (source) => await store.ensurePersisted(await store.getOrCreate(source)) })),
  TRAITS,
);

storeContract(
  "a store whose leases never end",
  broken((store) => ({
    renewLease: async () => "renewed" as const,
    claimTurn: (claim) => store.claimTurn({ ...claim, leaseMs: 1e9 }),
  })),
  TRAITS,
);
