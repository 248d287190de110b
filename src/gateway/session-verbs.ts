import type { CommandPorts } from "../command/chat-command.ts";
import type { Store } from "../store/store.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { TurnRunner } from "../turn/turn-runner.ts";

export type SessionVerbs = Pick<Store, "reset" | "update" | "erase" | "answerQuestion"> &
  Pick<CommandPorts, "cancel" | "retry">;

/** The verbs that change a session, each followed by what has to know at once: its run stops, hooks are told. */
export function createSessionVerbs(deps: {
  readonly store: Store;
  readonly turns: Pick<TurnRunner, "cancel" | "abandon" | "wake" | "answered">;
  readonly telemetry: Pick<Telemetry, "sessionEnded" | "sessionErased" | "cancelled" | "turnRetried">;
  readonly onChanged: () => void;
}): SessionVerbs {
  const { store, turns, telemetry, onChanged } = deps;
  return {
    update: async (ref, patch, command) => {
      const outcome = await store.update(ref, patch, command);
      onChanged();
      return outcome;
    },
    reset: async (ref, command) => {
      const outcome = await store.reset(ref, command);
      if (outcome.outcome === "reset") {
        turns.abandon(outcome.ended.id);
        telemetry.sessionEnded({ sessionId: outcome.ended.id, reason: "command" });
      }
      onChanged();
      return outcome;
    },
    erase: async (sessionId) => {
      const outcome = await store.erase(sessionId);
      turns.abandon(sessionId);
      if (outcome.outcome === "erased") telemetry.sessionErased({ sessionId });
      onChanged();
      return outcome;
    },
    answerQuestion: async (ref, answer, command) => {
      const outcome = await store.answerQuestion(ref, answer, command);
      if (outcome.outcome === "answered") turns.answered(outcome.question.turnId);
      return outcome;
    },
    cancel: async (ref, command) => {
      const outcome = await turns.cancel(ref, command);
      if (outcome.outcome === "cancelled") {
        const { turnId, answering, waiting } = outcome;
        telemetry.cancelled({ turnId, answering, waiting });
      }
      return outcome;
    },
    retry: async (turn, command) => {
      const outcome = await store.retryTurn(turn, command);
      if (outcome.outcome === "retried") telemetry.turnRetried({ turnId: outcome.turnId });
      turns.wake();
      return outcome;
    },
  };
}
