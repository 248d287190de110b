import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import type { BusyPolicy } from "../../core/busy-policy.ts";
import { MESSAGE_STATES, type MessageState } from "../../core/message.ts";
import type { Store } from "../../store/store.ts";
import { sourceOf } from "../sources.ts";
import { type Contract, SCENE_START } from "./contract.ts";
import { accept, cancel, entitle, erase, overhear, pin, type Real, reset, type Step, wait } from "./history-steps.ts";
import {
  createModel,
  IDLE_MS,
  joinable,
  lifeDueAt,
  type Model,
  type ModelLife,
  nextEpoch,
  noteOf,
  waitingIn,
} from "./model.ts";
import { HOUR, LEASE_MS, MINUTE, SECOND, transcriptOf, typesOf } from "./steps.ts";
import { claim, finish, interrupt, renew, retryDead } from "./turn-steps.ts";

const USERS = ["ada", "bob"] as const;
const STEPS_AT_MOST = 30;

const user = fc.constantFrom(...USERS);
const someNumber = fc.nat({ max: 9 });
const event = fc.option(fc.nat({ max: 5 }));
const ago = fc.constantFrom(0, 0, 2 * MINUTE);
const accepted = fc.tuple(user, fc.constantFrom("hello", "hi"), event, ago).map((args) => accept(...args));
const limits = fc.record({ maxMessages: fc.constantFrom(1, 2, 10), maxAgeMs: fc.constantFrom(0, MINUTE) });
const claimed = limits.map(claim);
const finished = fc.tuple(someNumber, fc.constantFrom("commit", "retry", "give up")).map((args) => finish(...args));

/** What happens most in a conversation is drawn most often. */
const anyStep: readonly fc.Arbitrary<Step>[] = [
  accepted,
  accepted,
  accepted,
  claimed,
  claimed,
  finished,
  finished,
  fc.tuple(someNumber, fc.constantFrom("", "said so far")).map((args) => interrupt(...args)),
  someNumber.map(renew),
  fc.constantFrom(SECOND, LEASE_MS, HOUR, IDLE_MS).map(wait),
  user.map(overhear),
  user.map(reset),
  user.map(pin),
  user.map(cancel),
  fc.tuple(user, fc.constantFrom("Plans", "Notes")).map((args) => entitle(...args)),
  someNumber.map(retryDead),
  someNumber.map(erase),
];

const history = fc.commands(
  anyStep.map((steps) => steps.map(commandOf)),
  // Without a size, most histories have fewer than ten steps and never see a second life.
  { maxCommands: STEPS_AT_MOST, size: "max" },
);

function commandOf({ name, play }: Step): fc.AsyncCommand<Model, Real> {
  return { check: () => true, run: play, toString: () => name };
}

const POLICIES: readonly BusyPolicy[] = [
  { mode: "collect", debounceMs: 0, maxWaiting: 100 },
  { mode: "collect", debounceMs: 2 * SECOND, maxWaiting: 3 },
  { mode: "interrupt", debounceMs: 0, maxWaiting: 4 },
  { mode: "interrupt", debounceMs: 2 * SECOND, maxWaiting: 100 },
  { mode: "queue", debounceMs: 0, maxWaiting: 2 },
];

/** Random histories, played on a model and a store side by side: I3, I4, I6, I8, I12–I17, I19–I24, I26. */
export function histories(contract: Contract): void {
  const ending = { default: { mode: "idle", idleMs: IDLE_MS } } as const;
  void it(`I26 accounting: a store and its model agree after ${contract.histories} random histories`, async () => {
    const agrees = fc.asyncProperty(fc.constantFrom(...POLICIES), history, (policy, steps) =>
      contract.given({ reset: ending, busy: { default: policy } }).play(async ({ store, clock }) => {
        const model = createModel(SCENE_START, policy);
        await fc.asyncModelRun(() => ({ model, real: { store, clock } }), steps);
        await assertAgreement(model, store);
      }),
    );
    await fc.assert(agrees, { numRuns: contract.histories });
  });
}

async function assertAgreement(model: Model, store: Store): Promise<void> {
  for (const life of model.lives) await assertLife(life, store);
  for (const name of USERS) {
    const session = await store.getOrCreate(sourceOf({ user: name }));
    const life = joinable(model, name);
    const expected = life ?? { epoch: nextEpoch(model, name), title: noteOf(model, name) };
    assert.deepEqual(
      [session.epoch, session.title, session.persisted],
      [expected.epoch, expected.title, life !== undefined],
    );
  }
  await assertTold(model, store);
  await assertBacklog(model, store);
  const stored = model.lives.filter(({ end }) => end !== "erase");
  const stats = await store.reader.stats();
  assert.deepEqual([stats.sessions, stats.emptySessions], [stored.length, 0]);
  assert.equal(stats.liveSessions, stored.filter(({ end }) => end === null).length);
  const states = stored.flatMap(({ messages }) => messages.map(({ state }) => state));
  const count = (state: MessageState): number => states.filter((one) => one === state).length;
  for (const state of MESSAGE_STATES) {
    if (state !== "erased") assert.equal(stats.messages[state], count(state), state);
  }
}

async function assertBacklog({ lives, dead }: Model, { reader }: Store): Promise<void> {
  const due = lives.flatMap((life) => lifeDueAt(life) ?? []);
  assert.equal((await reader.nextDue()).turn, due.length === 0 ? null : Math.min(...due));
  const sent = lives.flatMap((life) => waitingIn(life).map(({ sentAt }) => sentAt));
  const { waiting, sessions, oldestAt, deadTurns } = await reader.backlog();
  assert.deepEqual([waiting, sessions], [sent.length, due.length]);
  assert.equal(oldestAt, sent.length === 0 ? null : Math.min(...sent));
  assert.equal(deadTurns, dead.filter(({ life, retriedBy }) => life.end !== "erase" && retriedBy === null).length);
}

async function assertTold({ lives }: Model, { reader }: Store): Promise<void> {
  const events = (await reader.events({ after: 0, limit: 1_000 })).map((recorded) => recorded.event);
  for (const { id, told } of lives) {
    const types = typesOf(events, id);
    assert.deepEqual(types, told, id);
  }
  assert.equal(events.length, lives.flatMap(({ told }) => told).length);
}

async function assertLife(life: ModelLife, store: Store): Promise<void> {
  const found = await store.reader.get(life.id);
  if (life.end === "erase") {
    assert.equal(found.outcome, "gone");
    return;
  }
  assert.ok(found.outcome === "found", `must be found; was ${found.outcome}`);
  const { epoch, lastSeq, title, endReason, lastUserMessageAt, startedAt } = found.session;
  assert.deepEqual(
    { epoch, lastSeq, title, end: endReason, lastUserMessageAt, startedAt },
    {
      epoch: life.epoch,
      lastSeq: life.lastSeq,
      title: life.title,
      end: life.end,
      lastUserMessageAt: life.lastUserMessageAt,
      startedAt: life.startedAt,
    },
  );
  const entries = await transcriptOf(store, life.id);
  assert.deepEqual(
    entries.map(({ seq }) => seq),
    Array.from({ length: life.lastSeq }, (_, n) => n + 1),
  );
  assert.deepEqual(
    entries.filter(({ role }) => role === "user").map(({ seq, text, state }) => ({ seq, text, state })),
    life.messages.map(({ seq, text, state }) => ({ seq, text, state })),
  );
  assert.deepEqual(
    entries.flatMap(({ seq, follows }) => (follows === null ? [] : { seq, follows })),
    life.said,
  );
}
