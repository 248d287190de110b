/** The store port on SQLite: each verb as one write of the queue. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { checkQuestion } from "../../core/question.ts";
import { createRecent } from "../../lib/recent.ts";
import type { StoreReader } from "../reader.ts";
import type { Command, Store } from "../store.ts";
import { acceptance, overhearing } from "./accept.ts";
import { approveAccess, checkParty, decideAccess, requestAccess, revokeAccess } from "./access.ts";
import { addSummary, setAgentNote } from "./agent-notes.ts";
import { claimTurn } from "./claim.ts";
import type { Context } from "./context.ts";
import { addDelivery, recordLatePost, settleDelivery, takeDeliveries } from "./delivery-writer.ts";
import { erase } from "./erase.ts";
import { storeFault } from "./fault.ts";
import { interruptTurn } from "./interrupt.ts";
import { settleEvent, takeEvents, unwatchEvents, watchEvents } from "./lifecycle-events.ts";
import { acquireLease, releaseLease, renewNamedLease } from "./named-leases.ts";
import { answerQuestion, askQuestion, expireQuestion, mayAnswer } from "./questions.ts";
import { dropDelivery, retryDelivery, retryTurn } from "./repair.ts";
import { commandIdentity } from "./receipts.ts";
import { checkPatch, ensurePersisted, getOrCreate, reset, update } from "./session-verbs.ts";
import { scrub } from "./scrub.ts";
import { type Retention, sweepStep } from "./sweep.ts";
import {
  cancelTurn,
  commitTurn,
  failTurn,
  leaseholders,
  openDelivery,
  recordPost,
  releaseNode,
  renewLease,
} from "./turn-verbs.ts";
import { WriteQueue } from "./write-queue.ts";

export interface SqliteParts {
  readonly context: Context;
  readonly reader: StoreReader;
  readonly retention: Retention;
  /** Closed, in reverse order, when the store is. */
  readonly resources: AsyncDisposableStack;
}

export function createSqliteStore({ context, reader, retention, resources }: SqliteParts): Store {
  const queue = resources.use(new WriteQueue(context.db));
  const write = <T>(verb: () => T): Promise<T> => queue.run(verb);
  // A command that found nothing to act on wrote nothing, not even a receipt; remembered here, its
  // redelivery does not act on what has begun meanwhile.
  const idleCommands = createRecent<true>(1024);
  const once = async <T extends { readonly outcome: string }>(
    command: Command | undefined,
    idle: T["outcome"],
    verb: () => T,
  ): Promise<T | { readonly outcome: "duplicate" }> => {
    const identity = command === undefined ? null : commandIdentity(context, command);
    if (identity !== null && idleCommands.get(identity) === true) return { outcome: "duplicate" };
    const outcome = await write(verb);
    if (identity !== null && outcome.outcome === idle) idleCommands.set(identity, true);
    return outcome;
  };
  return {
    reader,
    getOrCreate: async (source) => read(() => getOrCreate(context, source)),
    ensurePersisted: (session) => write(() => ensurePersisted(context, session)),
    accept: async (message) => write(acceptance(context, message)),
    overhear: async (message) => write(overhearing(context, message)),
    reset: (ref, command) => once(command, "unchanged", () => reset(context, ref, command)),
    update: async (ref, patch, command) => {
      const checked = checkPatch(patch);
      return write(() => update(context, ref, checked, command));
    },
    erase: async (sessionId) => {
      const outcome = await write(() => erase(context, sessionId));
      if (outcome.outcome !== "erased") return outcome;
      return { outcome: "erased", messages: outcome.messages, scrubbed: await scrub(context.db, outcome.words, write) };
    },
    claimTurn: (claim) => write(() => claimTurn(context, claim)),
    renewLease: (lease, leaseMs) => write(() => renewLease(context, lease, leaseMs)),
    openDelivery: (lease) => write(() => openDelivery(context, lease)),
    recordPost: (lease, remoteId) => write(() => recordPost(context, lease, remoteId)),
    recordLatePost: (id, remoteId) => write(() => recordLatePost(context, id, remoteId)),
    commitTurn: (lease, result) => write(() => commitTurn(context, lease, result)),
    failTurn: (lease, failure) => write(() => failTurn(context, lease, failure)),
    interruptTurn: (lease, said) => write(() => interruptTurn(context, lease, said)),
    cancelTurn: (ref, command) => once(command, "idle", () => cancelTurn(context, ref, command)),
    leaseholders: async () => read(() => leaseholders(context)),
    releaseNode: (node) => write(() => releaseNode(context, node)),
    addDelivery: (reply) => write(() => addDelivery(context, reply)),
    takeDeliveries: (request) => write(() => takeDeliveries(context, request)),
    settleDelivery: (taken, result) => write(() => settleDelivery(context, taken, result)),
    watchEvents: () => write(() => watchEvents(context)),
    unwatchEvents: () => write(() => unwatchEvents(context)),
    takeEvents: (request) => write(() => takeEvents(context, request)),
    settleEvent: (id, result) => write(() => settleEvent(context, id, result)),
    requestAccess: (party, name) => write(() => requestAccess(context, party, name)),
    approveAccess: (approval) => write(() => approveAccess(context, approval)),
    decideAccess: async (party, state, name) => {
      const checked = checkParty(party);
      return write(() => decideAccess(context, checked, state, name));
    },
    revokeAccess: (party) => write(() => revokeAccess(context, party)),
    retryTurn: async (turn, command) => {
      const outcome = await once(command, "missing", () => retryTurn(context, turn, command));
      return outcome.outcome === "duplicate" ? { turnId: null, ...outcome } : outcome;
    },
    retryDelivery: (id, options) => write(() => retryDelivery(context, id, options)),
    dropDelivery: (id) => write(() => dropDelivery(context, id)),
    addSummary: (lease, summary) => write(() => addSummary(context, lease, summary)),
    setAgentNote: (lease, note) => write(() => setAgentNote(context, lease, note)),
    askQuestion: async (lease, question) => {
      const checked = { ...question, ...checkQuestion(question) };
      return write(() => askQuestion(context, lease, checked));
    },
    answerQuestion: async (ref, answer, command) =>
      read(() => mayAnswer(context, ref, answer.choice, command))
        ? write(() => answerQuestion(context, ref, answer, command))
        : { outcome: "none" },
    expireQuestion: (id) => write(() => expireQuestion(context, id)),
    acquireLease: (request) => write(() => acquireLease(context, request)),
    renewNamedLease: (lease, leaseMs) => write(() => renewNamedLease(context, lease, leaseMs)),
    releaseLease: (lease) => write(() => releaseLease(context, lease)),
    sweep: async () => {
      while (await write(() => sweepStep(context, retention))) await nextTurn();
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function read<T>(query: () => T): T {
  try {
    return query();
  } catch (error) {
    throw storeFault(error);
  }
}
