import type { StoreReader } from "../store/reader.ts";
import type { Store } from "../store/store.ts";

type StoreVerb = Exclude<keyof Store, "reader" | symbol>;

/** One call of a verb, as data. */
export type StoreCall = { readonly verb: StoreVerb | keyof StoreReader; readonly args: readonly unknown[] };

// Records, so that the compiler asks for a verb that is added to the port.
const STORE_VERBS: Readonly<Record<StoreVerb, true>> = {
  getOrCreate: true,
  ensurePersisted: true,
  accept: true,
  overhear: true,
  reset: true,
  update: true,
  erase: true,
  claimTurn: true,
  renewLease: true,
  openDelivery: true,
  recordPost: true,
  recordLatePost: true,
  commitTurn: true,
  failTurn: true,
  interruptTurn: true,
  cancelTurn: true,
  leaseholders: true,
  releaseNode: true,
  addDelivery: true,
  takeDeliveries: true,
  settleDelivery: true,
  watchEvents: true,
  unwatchEvents: true,
  takeEvents: true,
  settleEvent: true,
  requestAccess: true,
  approveAccess: true,
  decideAccess: true,
  revokeAccess: true,
  retryTurn: true,
  retryDelivery: true,
  dropDelivery: true,
  addSummary: true,
  setAgentNote: true,
  askQuestion: true,
  answerQuestion: true,
  expireQuestion: true,
  acquireLease: true,
  renewNamedLease: true,
  releaseLease: true,
  sweep: true,
};

const READER_VERBS: Readonly<Record<keyof StoreReader, true>> = {
  get: true,
  list: true,
  transcript: true,
  glance: true,
  events: true,
  eventRange: true,
  received: true,
  reply: true,
  search: true,
  stats: true,
  verify: true,
  backlog: true,
  nextDue: true,
  standing: true,
  accessList: true,
  summary: true,
  agentNote: true,
  question: true,
  openQuestion: true,
  turns: true,
  turn: true,
  deliveries: true,
  entryDeliveries: true,
};

type Verb = (...args: unknown[]) => Promise<unknown>;

/** A store whose verbs are all handed to `forward`. */
export function forwardingStore(forward: (call: StoreCall) => Promise<unknown>, close: () => Promise<void>): Store {
  const verbs = (names: object): Record<string, Verb> =>
    Object.fromEntries(
      Object.keys(names).map((name) => {
        const verb = name as StoreCall["verb"];
        return [name, (...args: unknown[]): Promise<unknown> => forward({ verb, args })];
      }),
    );
  return {
    ...(verbs(STORE_VERBS) as unknown as Pick<Store, StoreVerb>),
    reader: verbs(READER_VERBS) as unknown as StoreReader,
    [Symbol.asyncDispose]: close,
  };
}

/** Makes the call on a store. */
export async function callStore(store: Store, { verb, args }: StoreCall): Promise<unknown> {
  const verbs = (verb in READER_VERBS ? store.reader : store) as unknown as Record<StoreCall["verb"], Verb>;
  return await verbs[verb](...args);
}
