import type { CommandPorts } from "../command/chat-command.ts";
import type { Store } from "../store/store.ts";
import type { TurnRunner } from "../turn/turn-runner.ts";

export type SessionVerbs = Pick<Store, "reset" | "update" | "erase"> & Pick<CommandPorts, "cancel">;

/** The verbs that change a session, each followed by what has to know at once: its run stops, hooks are told. */
export function createSessionVerbs(deps: {
  readonly store: Store;
  readonly turns: Pick<TurnRunner, "cancel" | "interrupt">;
  readonly onChanged: () => void;
}): SessionVerbs {
  const { store, turns, onChanged } = deps;
  return {
    update: async (ref, patch, command) => {
      const outcome = await store.update(ref, patch, command);
      onChanged();
      return outcome;
    },
    reset: async (ref, command) => {
      const outcome = await store.reset(ref, command);
      if (outcome.outcome === "reset") turns.interrupt(outcome.ended.id);
      onChanged();
      return outcome;
    },
    erase: async (sessionId) => {
      const outcome = await store.erase(sessionId);
      turns.interrupt(sessionId);
      onChanged();
      return outcome;
    },
    cancel: turns.cancel,
  };
}
