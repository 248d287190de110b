/**
 * What a store must do, in the plainest words: plain objects, no persistence, one caller. Random
 * histories are played on it and on a store side by side, by the commands in `history-steps.ts`.
 */
import type { BusyPolicy } from "../../core/busy-policy.ts";
import type { ResetReason } from "../../core/session.ts";
import type { Lease } from "../../core/turn.ts";
import type { LifecycleType } from "../../core/lifecycle-event.ts";
import type { MessageState } from "../../core/message.ts";
import { HOUR } from "./steps.ts";

/** Lives of the model end by themselves after this silence. */
export const IDLE_MS: number = 2 * HOUR;

export interface ModelMessage {
  readonly seq: number;
  readonly text: string;
  readonly sentAt: number;
  readonly acceptedAt: number;
  state: MessageState;
}

export interface ModelTurn {
  lease: Lease;
  attempt: number;
  state: "running" | "retrying";
  /** When it may be claimed again. */
  dueAt: number;
  readonly messages: readonly ModelMessage[];
  /** The last entry when it began; Infinity for one that nothing interrupts. */
  readonly knownSeq: number;
}

export interface ModelLife {
  readonly id: string;
  readonly user: string;
  readonly epoch: number;
  readonly startedAt: number;
  readonly messages: ModelMessage[];
  title: string | null;
  lastUserMessageAt: number | null;
  lastSeq: number;
  end: ResetReason | "erase" | null;
  turn: ModelTurn | null;
  /** When what waits may be claimed, while no turn runs. */
  dueAt: number | null;
  /** The last message that an interrupted turn had. */
  hadSeq: number;
  /** What interrupted turns have said, and behind which message it stands. */
  readonly said: { readonly seq: number; readonly follows: number }[];
  /** The types of its lifecycle events, in order. */
  readonly told: LifecycleType[];
}

/** A turn that was given up. */
export interface ModelDeadTurn {
  readonly turnId: string;
  readonly life: ModelLife;
  readonly messages: readonly ModelMessage[];
  retriedBy: string | null;
}

export interface Model {
  readonly policy: BusyPolicy;
  now: number;
  readonly lives: ModelLife[];
  /** Titles for drafts, by user. */
  readonly notes: Map<string, { readonly title: string; readonly until: number }>;
  /** By user and event id. */
  readonly receipts: Map<string, { readonly text: string; readonly life: ModelLife; readonly seq: number }>;
  /** Every lease that was ever given, to try stale ones. */
  readonly leases: Lease[];
  /** Every turn that was given up, to retry them. */
  readonly dead: ModelDeadTurn[];
}

export function createModel(now: number, policy: BusyPolicy): Model {
  return { policy, now, lives: [], notes: new Map(), receipts: new Map(), leases: [], dead: [] };
}

/** The life that goes on for a person, whether or not it is due to end. */
export function liveOf(model: Model, user: string): ModelLife | undefined {
  return model.lives.find((life) => life.user === user && life.end === null);
}

/** The number of the next life of a person. */
export function nextEpoch(model: Model, user: string): number {
  return 1 + model.lives.filter((life) => life.user === user).length;
}

export function waitingIn({ messages }: ModelLife): ModelMessage[] {
  return messages.filter(({ state }) => state === "waiting");
}

/** When the lane of a life is due in which no turn runs: one debounce after the newest message, but not too late. */
export function laneDueAt({ policy, now }: Model, life: ModelLife): number | null {
  if (waitingIn(life).length === 0) return null;
  const times = waitingIn(life)
    .filter(({ seq }) => seq > life.hadSeq)
    .map(({ acceptedAt }) => acceptedAt);
  const quietAt = Math.max(...times) + policy.debounceMs;
  return Math.max(now, Math.min(quietAt, Math.min(...times) + 10 * policy.debounceMs));
}

/** The first of these messages that one turn answers. */
export function groupOf(
  { policy, now }: Model,
  messages: readonly ModelMessage[],
  limits: { readonly maxMessages: number; readonly maxAgeMs: number },
): readonly ModelMessage[] {
  const isOld = ({ sentAt }: ModelMessage): boolean => limits.maxAgeMs > 0 && now - sentAt > limits.maxAgeMs;
  const group: ModelMessage[] = [];
  for (const message of messages.slice(0, policy.mode === "queue" ? 1 : limits.maxMessages)) {
    const [oldest] = group;
    if (oldest !== undefined && isOld(oldest) !== isOld(message)) break;
    group.push(message);
  }
  return group;
}

/** Whether a message has come since the turn of a life began that can be answered with its own. */
export function isInterruptible(life: ModelLife): boolean {
  const [oldest] = waitingIn(life);
  return life.turn !== null && oldest !== undefined && oldest.seq > life.turn.knownSeq;
}

/** Ends the turn of a life, whose messages wait again. */
export function interruptIn(model: Model, life: ModelLife): void {
  const { turn } = life;
  if (turn === null) return;
  for (const message of turn.messages) message.state = "waiting";
  life.hadSeq = turn.messages.at(-1)?.seq ?? 0;
  life.turn = null;
  life.told.push("turn:end");
  life.dueAt = laneDueAt(model, life);
}

function unanswered({ messages }: ModelLife): ModelMessage[] {
  return messages.filter(({ state }) => state === "waiting" || state === "running");
}

/** Whether silence has ended a life; never while a message is unanswered. */
export function isDue(model: Model, life: ModelLife): boolean {
  return unanswered(life).length === 0 && model.now >= (life.lastUserMessageAt ?? life.startedAt) + IDLE_MS;
}

/** The life that a message would join now. */
export function joinable(model: Model, user: string): ModelLife | undefined {
  const life = liveOf(model, user);
  return life === undefined || isDue(model, life) ? undefined : life;
}

/** What was set on a person's draft. */
export function noteOf(model: Model, user: string): string | null {
  const note = model.notes.get(user);
  return note !== undefined && note.until > model.now ? note.title : null;
}

/** The life that a message joins, after the end of one that is due and the birth of the next. */
export function joinOrOpen(model: Model, user: string, id: string): ModelLife {
  const joined = joinable(model, user);
  if (joined !== undefined) return joined;
  const over = liveOf(model, user);
  if (over !== undefined) endLife(over, "idle");
  const life: ModelLife = {
    id,
    user,
    epoch: nextEpoch(model, user),
    startedAt: model.now,
    messages: [],
    title: noteOf(model, user),
    lastUserMessageAt: null,
    lastSeq: 0,
    end: null,
    turn: null,
    dueAt: null,
    hadSeq: 0,
    said: [],
    told: ["session:start"],
  };
  model.notes.delete(user);
  model.lives.push(life);
  return life;
}

/** Ends a life, once. */
export function endLife(life: ModelLife, reason: ResetReason | "erase"): void {
  if (life.end === null) life.told.push("session:end");
  if (life.end !== "erase" && reason === "erase") life.told.push("session:erase");
  life.end = reason;
}

/** Cancels what is unanswered; returns how many messages a turn was answering, and how many waited. */
export function cancelAll(life: ModelLife): { readonly answering: number; readonly waiting: number } {
  const waiting = waitingIn(life).length;
  const messages = unanswered(life);
  for (const message of messages) message.state = "cancelled";
  if (life.turn !== null) life.told.push("turn:end");
  life.turn = null;
  life.dueAt = null;
  return { answering: messages.length - waiting, waiting };
}

/** When a life can next be claimed; null when there is nothing to do in it. */
export function lifeDueAt(life: ModelLife): number | null {
  return life.turn === null ? life.dueAt : life.turn.dueAt;
}

/** The lives with something to claim now. */
export function claimable(model: Model): ModelLife[] {
  return model.lives.filter((life) => {
    const dueAt = lifeDueAt(life);
    return dueAt !== null && dueAt <= model.now;
  });
}

/** The life whose turn is held under this lease; undefined when the lease is stale. */
export function heldUnder(model: Model, lease: Lease): ModelLife | undefined {
  return model.lives.find(
    ({ turn }) => turn?.state === "running" && turn.lease.turnId === lease.turnId && turn.lease.fence === lease.fence,
  );
}
