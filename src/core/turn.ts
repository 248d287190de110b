/**
 * A turn is one run of the agent over the messages that waited when it was claimed; its attempts reuse
 * exactly those.
 *
 *     running ──commit──▶ done
 *        ├──attempt failed──▶ retrying ──claimed again──▶ running
 *        ├──lease ran out, claimed again──▶ running
 *        ├──attempts used up──▶ dead
 *        ├──a newer message──▶ interrupted (from retrying too, when it is claimed)
 *        └──cancel, reset──▶ cancelled (from retrying too)
 *
 * The messages of an interrupted turn wait again, to be answered with the newer one by the next turn.
 *
 * A dead turn stays dead. Retried by hand, its messages become those of a new turn, which begins as
 * `retrying` without an attempt and is claimed as any other. Nothing interrupts it: it answers exactly those.
 */
import type { Session } from "./session.ts";
import type { Entry } from "./transcript.ts";

export const TURN_STATES = ["running", "retrying", "done", "dead", "cancelled", "interrupted"] as const;

export type TurnState = (typeof TURN_STATES)[number];

const NEXT: Readonly<Record<TurnState, readonly TurnState[]>> = {
  running: ["running", "retrying", "done", "dead", "cancelled", "interrupted"],
  retrying: ["running", "cancelled", "interrupted"],
  done: [],
  dead: [],
  cancelled: [],
  interrupted: [],
};

/** Whether a turn may go from one state to the other. */
export function canTurnBecome(from: TurnState, to: TurnState): boolean {
  return NEXT[from].includes(to);
}

/** The right to run a turn and to commit it, until it ends or a newer claim raises the fence. */
export interface Lease {
  readonly turnId: string;
  readonly sessionId: string;
  /** The fencing token: every write of a holder carries it, and a stale one changes nothing. */
  readonly fence: number;
}

export interface Turn {
  readonly lease: Lease;
  readonly session: Session;
  /** 1 for the first try. Lost leases count. */
  readonly attempt: number;
  /** Whether nothing has been answered in its session before it. Cancelled and interrupted turns do not count. */
  readonly first: boolean;
  /** The messages it answers, oldest first. */
  readonly messages: readonly Entry[];
  /**
   * What interrupted turns had said to some of its messages, oldest first: each stands behind the message
   * it `follows`. Mostly empty.
   */
  readonly interrupted: readonly Entry[];
  /** When it was first claimed, or retried by hand, in epoch milliseconds. */
  readonly startedAt: number;
  /** Whether somebody asked for it by hand after a turn of the same messages had died. */
  readonly byHand: boolean;
}
