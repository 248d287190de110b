/**
 * What a store must do, in the plainest words: plain objects, no persistence, one caller. Random
 * histories are played on it and on a store side by side, by the commands in `history-steps.ts`.
 */
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
  state: MessageState;
}

export interface ModelTurn {
  lease: Lease;
  attempt: number;
  state: "running" | "retrying";
  /** When it may be claimed again. */
  dueAt: number;
  readonly messages: readonly ModelMessage[];
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

export function createModel(now: number): Model {
  return { now, lives: [], notes: new Map(), receipts: new Map(), leases: [], dead: [] };
}

/** The life that goes on for a person, whether or not it is due to end. */
export function liveOf(model: Model, user: string): ModelLife | undefined {
  return model.lives.find((life) => life.user === user && life.end === null);
}

/** The number of the next life of a person. */
export function nextEpoch(model: Model, user: string): number {
  return 1 + model.lives.filter((life) => life.user === user).length;
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

/** Cancels what is unanswered; returns how many messages that were. */
export function cancelAll(life: ModelLife): number {
  const messages = unanswered(life);
  for (const message of messages) message.state = "cancelled";
  if (life.turn !== null) life.told.push("turn:end");
  life.turn = null;
  return messages.length;
}

/** The lives with something to claim now. */
export function claimable(model: Model): ModelLife[] {
  return model.lives.filter((life) =>
    life.turn === null ? unanswered(life).length > 0 : life.turn.dueAt <= model.now,
  );
}

/** The life whose turn is held under this lease; undefined when the lease is stale. */
export function heldUnder(model: Model, lease: Lease): ModelLife | undefined {
  return model.lives.find(
    ({ turn }) => turn?.state === "running" && turn.lease.turnId === lease.turnId && turn.lease.fence === lease.fence,
  );
}
