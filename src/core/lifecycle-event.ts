import type { EndReason, ResetReason } from "./session.ts";

/** What happened, as hooks are told: written in the transaction that makes it true, without anything anyone said. */
export type LifecycleFact =
  | { readonly type: "session:start"; readonly epoch: number; readonly reset: ResetReason | null }
  | { readonly type: "session:update"; readonly changed: "title" }
  | { readonly type: "session:end"; readonly reason: EndReason }
  | { readonly type: "session:erase" }
  | { readonly type: "turn:start"; readonly turnId: string; readonly attempt: number }
  | {
      readonly type: "turn:end";
      readonly turnId: string;
      readonly outcome: "done" | "dead" | "cancelled" | "interrupted";
    };

export const LIFECYCLE_TYPES = [
  "session:start",
  "session:update",
  "session:end",
  "session:erase",
  "turn:start",
  "turn:end",
] as const;

export type LifecycleType = LifecycleFact["type"];

export type LifecycleEvent = LifecycleFact & {
  /** Increases with every event of the store; the order within a session. */
  readonly id: number;
  readonly sessionId: string;
  /** Epoch milliseconds. */
  readonly at: number;
};
