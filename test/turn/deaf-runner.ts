import { createTurnRunner, type TurnRunner } from "../../src/turn/turn-runner.ts";
import { OPTIONS, type TurnSetup } from "./turn-setup.ts";

export interface DeafRunner {
  readonly runner: TurnRunner;
  /** The agent has begun and hears nothing any more. */
  readonly begun: Promise<void>;
}

/** A runner of its own whose agent says half of its first answer and then never stops, whatever it is told. */
export function startDeafRunner(rig: TurnSetup): DeafRunner {
  const begun = Promise.withResolvers<void>();
  let runs = 0;
  const deaf = {
    name: "deaf",
    async *run() {
      runs += 1;
      if (runs === 1) {
        yield { type: "text", text: "Half" } as const;
        begun.resolve();
        yield await new Promise<never>(() => {});
      }
      yield { type: "text", text: "Whole" } as const;
      yield { type: "finish", reason: "done" } as const;
    },
  };
  const runner = createTurnRunner({
    ...rig,
    agentFor: () => deaf,
    node: "node-2",
    options: OPTIONS,
    pieces: () => [],
  });
  runner.start();
  return { runner, begun: begun.promise };
}
