/** The verbs that are killed, each with what has to happen before it. */
import type { InboundMessage } from "../../src/core/message.ts";
import { type Source, createSource } from "../../src/core/source.ts";
import type { Turn } from "../../src/core/turn.ts";
import type { Store } from "../../src/store/store.ts";
import type { TurnResult } from "../../src/store/turn-store.ts";

export const SOURCE: Source = createSource({ platform: "irc", user: "ada" });

export function message(number: number): InboundMessage {
  return { source: SOURCE, text: `message ${number} väl`, eventId: `m${number}` };
}

export interface KilledVerb {
  readonly prepare: (store: Store) => Promise<void>;
  readonly run: (store: Store) => Promise<unknown>;
}

export const RESULT: TurnResult = {
  entries: [{ role: "assistant", text: "an answer", pieces: ["an ", "answer"] }],
  usage: { model: "m", inputTokens: 3, outputTokens: 4 },
};

export async function claim(store: Store): Promise<Turn> {
  const turn = await store.claimTurn({ node: "child", leaseMs: 30_000, maxMessages: 50, maxAgeMs: 0 });
  if (turn === null) throw new Error("nothing to claim");
  return turn;
}

let claimed: Turn | undefined;

export const VERBS: Readonly<Record<string, KilledVerb>> = {
  "a first accept": { prepare: async () => {}, run: (store) => store.accept(message(1)) },
  "a later accept": {
    prepare: async (store) => void (await store.accept(message(1))),
    run: (store) => store.accept(message(2)),
  },
  "a claim": {
    prepare: async (store) => void (await Promise.all([store.accept(message(1)), store.accept(message(2))])),
    run: claim,
  },
  "a commit": {
    prepare: async (store) => {
      await store.accept(message(1));
      claimed = await claim(store);
      await store.accept(message(2));
    },
    run: async (store) => claimed && store.commitTurn(claimed.lease, RESULT),
  },
  "a reset": {
    prepare: async (store) => {
      await store.accept(message(1));
      await claim(store);
      await store.accept(message(2));
    },
    run: (store) => store.reset({ source: SOURCE }, { source: SOURCE, eventId: "reset" }),
  },
};
