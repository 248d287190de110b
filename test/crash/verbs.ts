/** The verbs that are killed, each with what has to happen before it. */
import { DEFAULT_BUSY } from "../../src/core/busy-policy.ts";
import type { InboundMessage, MessageState } from "../../src/core/message.ts";
import { type Source, createSource } from "../../src/core/source.ts";
import type { Turn } from "../../src/core/turn.ts";
import type { StoreOptions } from "../../src/store/options.ts";
import type { Store, TakenDelivery } from "../../src/store/store.ts";
import type { TurnFailure, TurnResult } from "../../src/store/turn-store.ts";

export const SOURCE: Source = createSource({ platform: "irc", user: "ada" });

export function message(number: number): InboundMessage {
  return { source: SOURCE, text: `message ${number} väl`, eventId: `m${number}` };
}

export interface KilledVerb {
  readonly prepare: (store: Store) => Promise<void>;
  readonly run: (store: Store) => Promise<unknown>;
  /** What is asked for again after the crash, before anything else comes. */
  readonly again?: (store: Store) => Promise<unknown>;
  /** How many sessions are left when all is over. Default: the one of both messages. */
  readonly sessions?: number;
  /** What may have become of the two messages when all is over. Default: both are answered. */
  readonly endings?: readonly Readonly<Partial<Record<MessageState, number>>>[];
}

/** What the store is opened with: a newer message interrupts. */
export const OPTIONS: StoreOptions = { busy: { default: { ...DEFAULT_BUSY, mode: "interrupt" } } };

/** Two messages, the second of which came while the first one's turn ran. */
async function beginTurn(store: Store): Promise<Turn> {
  await store.accept(message(1));
  const turn = await claim(store);
  await store.accept(message(2));
  return turn;
}

const prepareTurn = async (store: Store): Promise<void> => {
  claimed = await beginTurn(store);
};

const prepareStreamed = async (store: Store): Promise<void> => {
  claimed = await beginTurn(store);
  await store.openDelivery(claimed.lease);
  await store.recordPost(claimed.lease, "posted-1");
};

const prepareDelivery = async (store: Store): Promise<void> => {
  await prepareTurn(store);
  if (claimed !== undefined) await store.commitTurn(claimed.lease, RESULT);
};

async function take(store: Store): Promise<TakenDelivery> {
  const [taken] = await store.takeDeliveries({ node: "child", leaseMs: 30_000, limit: 1 });
  if (taken === undefined) throw new Error("nothing to deliver");
  return taken;
}

/** A turn that has asked something. */
const prepareQuestion = async (store: Store): Promise<void> => {
  await prepareStreamed(store);
  await ask(store);
};

/** A turn behind an entry that can be summed up, and a newer message. */
const prepareSecondTurn = async (store: Store): Promise<void> => {
  await store.accept(message(1));
  await store.commitTurn((await claim(store)).lease, RESULT);
  await store.accept(message(2));
  claimed = await claim(store);
};

async function ask(store: Store): Promise<unknown> {
  const choices = ["yes", "no"].map((id) => ({ id, label: id }));
  const question = { id: "qst_1", text: "May I?", choices, pieces: ["May ", "I?"], expiresAt: Date.now() + 60_000 };
  return claimed && store.askQuestion(claimed.lease, question);
}

function lead(store: Store): Promise<unknown> {
  return store.acquireLease({ name: "polling", holder: "child", leaseMs: 30_000 });
}

const stop = (store: Store): Promise<unknown> =>
  store.cancelTurn({ source: SOURCE }, { source: SOURCE, eventId: "stop" });

const startOver = (store: Store): Promise<unknown> =>
  store.reset({ source: SOURCE }, { source: SOURCE, eventId: "reset" });

async function forget(store: Store): Promise<void> {
  const { id, persisted } = await store.getOrCreate(SOURCE);
  if (persisted) await store.erase(id);
}

let claimed: Turn | undefined;
let taken: TakenDelivery | undefined;

export const RESULT: TurnResult = {
  entries: [{ role: "assistant", text: "an answer", pieces: ["an ", "answer"] }],
  usage: { model: "m", inputTokens: 3, outputTokens: 4 },
};

const FAILURE: TurnFailure = { reason: "It is down.", retryAt: null, notice: "Sorry.", pieces: ["Sorry."] };

export async function claim(store: Store): Promise<Turn> {
  const turn = await store.claimTurn({ node: "child", leaseMs: 30_000, maxMessages: 50, maxAgeMs: 0 });
  if (turn === null) throw new Error("nothing to claim");
  return turn;
}

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
  "an opened delivery": { prepare: prepareTurn, run: async (store) => claimed && store.openDelivery(claimed.lease) },
  "a recorded post": {
    prepare: async (store) => {
      await prepareTurn(store);
      if (claimed !== undefined) await store.openDelivery(claimed.lease);
    },
    run: async (store) => claimed && store.recordPost(claimed.lease, "posted-1"),
  },
  "a commit": { prepare: prepareTurn, run: async (store) => claimed && store.commitTurn(claimed.lease, RESULT) },
  "a commit of what was streamed": {
    prepare: prepareStreamed,
    run: async (store) => claimed && store.commitTurn(claimed.lease, RESULT),
  },
  "a failed attempt": {
    prepare: prepareStreamed,
    run: async (store) => claimed && store.failTurn(claimed.lease, { ...FAILURE, retryAt: Date.now() }),
  },
  "a turn given up": {
    prepare: prepareStreamed,
    run: async (store) => claimed && store.failTurn(claimed.lease, FAILURE),
    endings: [{ answered: 2 }, { answered: 1, dead: 1 }],
  },
  "an interruption": {
    prepare: prepareStreamed,
    run: async (store) => claimed && store.interruptTurn(claimed.lease, { text: "so far", pieces: ["so far"] }),
  },
  "a claim that interrupts": {
    prepare: async (store) => {
      await prepareStreamed(store);
      await store.releaseNode("child");
    },
    run: claim,
  },
  "a stop": {
    prepare: prepareStreamed,
    run: stop,
    endings: [{ answered: 2 }, { cancelled: 2 }],
  },
  "a retry by hand": {
    prepare: async (store) => {
      await prepareTurn(store);
      if (claimed !== undefined) await store.failTurn(claimed.lease, FAILURE);
    },
    run: async (store) => claimed && store.retryTurn(claimed.lease.turnId),
    endings: [{ answered: 2 }, { answered: 1, dead: 1 }],
  },
  "a question": { prepare: prepareStreamed, run: ask },
  "an answer to a question": {
    prepare: prepareQuestion,
    run: (store) =>
      store.answerQuestion({ source: SOURCE }, { by: "ada", choice: "1" }, { source: SOURCE, eventId: "answer" }),
  },
  "the end of a question's time": { prepare: prepareQuestion, run: (store) => store.expireQuestion("qst_1") },
  "a summary": {
    prepare: prepareSecondTurn,
    run: async (store) => claimed && store.addSummary(claimed.lease, { text: "They said hello.", throughSeq: 1 }),
  },
  "a note of an agent": {
    prepare: prepareTurn,
    run: async (store) => claimed && store.setAgentNote(claimed.lease, { agent: "agent", text: "knows them" }),
  },
  "a named lease": { prepare: prepareTurn, run: lead },
  "a dead node's leases freed": {
    prepare: async (store) => {
      await prepareTurn(store);
      await lead(store);
    },
    run: (store) => store.releaseNode("child"),
  },
  "a delivery taken": { prepare: prepareDelivery, run: take },
  "a delivery settled": {
    prepare: async (store) => {
      await prepareDelivery(store);
      taken = await take(store);
    },
    run: async (store) => taken && store.settleDelivery(taken, { state: "sent", remoteId: "posted-1", restMs: 1_000 }),
  },
  "a reset": {
    prepare: async (store) => {
      await store.accept(message(1));
      await claim(store);
      await store.accept(message(2));
    },
    run: startOver,
    again: startOver,
    endings: [{ cancelled: 2 }],
  },
  "an erasure": { prepare: prepareQuestion, run: forget, again: forget, endings: [{}], sessions: 0 },
};
