import { describe } from "node:test";
import { access } from "./contract/access.ts";
import { accounting } from "./contract/accounting.ts";
import { agentNotes } from "./contract/agent-notes.ts";
import { backlog } from "./contract/backlog.ts";
import { autoReset } from "./contract/auto-reset.ts";
import { birth } from "./contract/birth.ts";
import { cancellation } from "./contract/cancellation.ts";
import { claims } from "./contract/claims.ts";
import { concurrency } from "./contract/concurrency.ts";
import { createContract, type Contract, type StoreTraits } from "./contract/contract.ts";
import { dailyReset } from "./contract/daily-reset.ts";
import { debounce } from "./contract/debounce.ts";
import { deletion } from "./contract/deletion.ts";
import { deliveries } from "./contract/deliveries.ts";
import { grouping } from "./contract/grouping.ts";
import { identity } from "./contract/identity.ts";
import { interruptedReplies } from "./contract/interrupted-replies.ts";
import { interruption } from "./contract/interruption.ts";
import { leases } from "./contract/leases.ts";
import { lifecycleEvents } from "./contract/lifecycle-events.ts";
import { lists } from "./contract/lists.ts";
import { glances } from "./contract/glances.ts";
import { histories } from "./contract/histories.ts";
import { namedLeases } from "./contract/named-leases.ts";
import { noteBound } from "./contract/note-bound.ts";
import { order } from "./contract/order.ts";
import { pieces } from "./contract/pieces.ts";
import { pinning } from "./contract/pinning.ts";
import { questionAnswers } from "./contract/question-answers.ts";
import { questions } from "./contract/questions.ts";
import { recordedEvents } from "./contract/recorded-events.ts";
import { receipts } from "./contract/receipts.ts";
import { entryDeliveries } from "./contract/entry-deliveries.ts";
import { putOff } from "./contract/put-off.ts";
import { deliveryRepairs } from "./contract/delivery-repairs.ts";
import { turnRetries } from "./contract/turn-retries.ts";
import { workLists } from "./contract/work-lists.ts";
import { reset } from "./contract/reset.ts";
import { results } from "./contract/results.ts";
import { search } from "./contract/search.ts";
import { streamedReplies } from "./contract/streamed-replies.ts";
import { updates } from "./contract/updates.ts";
import { waitingBound } from "./contract/waiting-bound.ts";
import type { OpenStore } from "./open-store.ts";

/**
 * The specification of the store port, by the numbers of the invariants. Each title begins with the
 * one it states; every rule ends with a `verify()` that must find no defect.
 *
 * | invariant | stated in `contract/` | what else it needs, and where that is held |
 * | --- | --- | --- |
 * | I1 derived id | identity | |
 * | I2 address first | identity | what the API answers there: http |
 * | I3 an id never changes meaning | deletion | the three status codes: http |
 * | I4 one live session per key | identity, concurrency | the constraint itself: the tests of each engine |
 * | I5 injective keys | identity | as a property of the function: core |
 * | I6 atomic | birth, pinning | at every statement: crash tests |
 * | I7 complete | birth | NOT NULL columns: the tests of each engine |
 * | I8 one materialiser | birth, pinning | |
 * | I9 content, not role | birth | what is a signal: inbox |
 * | I10 before the ack | – | durable when the promise resolves: crash tests; the 503: http |
 * | I11 concurrent firsts | concurrency | |
 * | I12 receipts | receipts, waiting-bound, grouping, concurrency, deletion | scope of callers' ids: http |
 * | I13 order | order, interrupted-replies | order of arrival through a platform: inbox |
 * | I14 reset | reset, auto-reset, pinning, concurrency | telling the person: session |
 * | I15 auto-reset | auto-reset, daily-reset | as a property of the function: core |
 * | I16 rollover in accept | auto-reset, concurrency | |
 * | I17 deletion is final | deletion | the bytes of the files: the tests of each engine |
 * | I18 lists and search | backlog, lists, glances, search, work-lists | |
 * | I19 lifecycle events | lifecycle-events, recorded-events, updates, reset, auto-reset, cancellation, deletion | handing them on: hook |
 * | I20 commands, notes | updates, note-bound | |
 * | I21 claim makes the turn | claims, grouping, debounce, interruption, turn-retries | |
 * | I22 one turn at a time | claims, interruption, leases, cancellation, concurrency | stopping before the lease ends: turn |
 * | I23 a result is atomic | results, interrupted-replies, streamed-replies, pieces | tools: agent |
 * | I24 crash anywhere | leases, interruption, results | a limit on attempts and age: turn; real kills: crash tests |
 * | I25 deliveries | deliveries, interrupted-replies, put-off, delivery-repairs, entry-deliveries, streamed-replies, pieces, concurrency | splitting, reconciling: outbox |
 * | I26 accounting | accounting, backlog, debounce, interrupted-replies, results, cancellation, turn-retries | what was received: telemetry |
 * | I27 bounds | birth, note-bound, waiting-bound, access | memory under a flood: bench |
 * | I28 the same cost at any size | – | bench |
 * | I30 closed by default | access | who is asked, and what is stored of strangers: access, inbox |
 * | I31 named leases | named-leases | giving up in time: gateway |
 * | I32 questions | questions, question-answers | recognising an answer: inbox; waiting for it: turn |
 * | I33 what agents keep | agent-notes | what stands in the prompt: turn, agent |
 *
 * `histories` plays random histories on a store and on a model of plain objects (`model`) side by
 * side, and holds one against the other: I3, I4, I6, I8, I12–I17, I19–I24, I26.
 */
const PARTS: Readonly<Record<string, (contract: Contract) => void>> = {
  identity,
  birth,
  pinning,
  receipts,
  order,
  concurrency,
  reset,
  "auto-reset": autoReset,
  "daily reset": dailyReset,
  deletion,
  lists,
  glances,
  search,
  updates,
  "the bound on notes": noteBound,
  claims,
  grouping,
  debounce,
  interruption,
  "interrupted replies": interruptedReplies,
  "the bound on waiting": waitingBound,
  leases,
  results,
  cancellation,
  deliveries,
  "turn retries": turnRetries,
  "put off": putOff,
  "delivery repairs": deliveryRepairs,
  "entry deliveries": entryDeliveries,
  "work lists": workLists,
  "streamed replies": streamedReplies,
  pieces,
  "lifecycle events": lifecycleEvents,
  "recorded events": recordedEvents,
  accounting,
  backlog,
  access,
  "named leases": namedLeases,
  questions,
  "question answers": questionAnswers,
  "agent notes": agentNotes,
  histories,
};

/**
 * States the contract of the store port with `node:test`, for the stores that `open` opens. Every
 * rule is played in a place of its own, and every store is closed when its rule has been played.
 * What the places consist of is the caller's to remove.
 *
 * @param name What the stores are called in the report.
 * @param open Opens the store of a place. It is given a clock that stands still.
 * @param traits What cannot be said of every store. Default: durable, one node, 100 random histories.
 */
export function storeContract(name: string, open: OpenStore, traits: StoreTraits = {}): void {
  const contract = createContract(open, traits);
  // Rules share nothing; while one waits for a thread or another process, another one goes on.
  describe(`the store contract on ${name}`, { concurrency: 2 }, () => {
    for (const [part, state] of Object.entries(PARTS)) describe(part, () => state(contract));
  });
}
