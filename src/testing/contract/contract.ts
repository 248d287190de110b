import assert from "node:assert/strict";
import { it } from "node:test";
import type { StoreOptions } from "../../store/options.ts";
import type { Store } from "../../store/store.ts";
import { createManualClock, type ManualClock } from "../manual-clock.ts";
import type { OpenStore } from "../open-store.ts";

/** What can be said of every store that `open` opens. */
export interface StoreTraits {
  /** Whether a place keeps its data when it is closed, and can be open twice. Default: true. */
  readonly durable?: boolean;
  /** Whether calls that are made together reach one node, in the order they were made. Default: true. */
  readonly oneNode?: boolean;
  /** How many random histories are played. Default: 100. */
  readonly histories?: number;
}

/** One database of its own, for one rule. */
export interface Scene {
  /** Opened with the options of `given`. */
  readonly store: Store;
  /** The clock of every store of the scene. */
  readonly clock: ManualClock;
  /** Opens the same database once more; only when the store is durable. */
  readonly reopen: (options?: StoreOptions) => Promise<Store>;
}

export type SceneBody = (scene: Scene) => Promise<void>;

export interface Contract extends Required<StoreTraits> {
  /** States a rule, begun with the number of its invariant. A healthy database is part of every rule. */
  states(rule: string, body: SceneBody): void;
  /** The same contract for stores that are opened with these options. */
  given(options: StoreOptions): Contract;
  /** Plays a scene inside another rule. */
  play(body: SceneBody): Promise<void>;
}

/** When every scene begins: the morning of a Monday without a change of clocks near. */
export const SCENE_START: number = Date.parse("2026-03-02T09:00:00Z");

let places = 0;

/** The contract for the stores that `open` opens. */
export function createContract(open: OpenStore, traits: StoreTraits, options: StoreOptions = {}): Contract {
  const play = async (body: SceneBody): Promise<void> => {
    const place = `contract-${process.pid}-${++places}`;
    const clock = createManualClock(SCENE_START);
    await using stores = new AsyncDisposableStack();
    const reopen = async (other: StoreOptions = options): Promise<Store> =>
      stores.use(await open({ clock, ...other, place }));
    const store = await reopen();
    await body({ store, clock, reopen });
    await assertHealthy(store);
  };
  return {
    durable: traits.durable ?? true,
    oneNode: traits.oneNode ?? true,
    histories: traits.histories ?? 100,
    states: (rule, body) => void it(rule, () => play(body)),
    given: (other) => createContract(open, traits, { ...options, ...other }),
    play,
  };
}

async function assertHealthy({ reader }: Store): Promise<void> {
  const checks = await reader.verify();
  assert.notEqual(checks.length, 0, "verify() must say what it has checked");
  const defects = checks.filter((check) => check.defects !== 0);
  assert.deepEqual(defects, [], "the database must be healthy when the rule has been played");
}
