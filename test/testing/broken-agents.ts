/** Agents that break the contract, each in one way. Run by agent-contract.test.ts, in a process of its own. */
import type { Agent } from "../../src/agent/agent.ts";
import { untilAborted } from "../../src/lib/until-aborted.ts";
import { agentContract } from "../../src/testing/agent-contract.ts";
import { openFake } from "../agent/agent-subjects.ts";
import { NO_PORTS } from "../../src/agent/no-ports.ts";

type Run = Agent["run"];

function broken(name: string, change: (run: Run) => Run): void {
  agentContract(
    name,
    (script) => {
      const subject = openFake(script);
      return { ...subject, rested: () => Promise.resolve(), agent: { name: "broken", run: change(subject.agent.run) } };
    },
    { idleTimeout: false },
  );
}

broken(
  "an agent whose work goes on when it is aborted",
  (run) =>
    async function* (turn, signal) {
      const parts = run(turn, new AbortController().signal, NO_PORTS)[Symbol.asyncIterator]();
      for (let step = await untilAborted(parts.next(), signal); step.done !== true;) {
        yield step.value;
        step = await untilAborted(parts.next(), signal);
      }
    },
);

broken(
  "an agent that ends quietly when it is aborted",
  (run) =>
    async function* (turn, signal) {
      try {
        yield* run(turn, signal, NO_PORTS);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
);

broken(
  "an agent that speaks on after its finish",
  (run) =>
    async function* (turn, signal) {
      yield* run(turn, signal, NO_PORTS);
      yield { type: "text", text: "PS" };
    },
);

broken(
  "an agent that loses a piece",
  (run) =>
    async function* (turn, signal) {
      for await (const part of run(turn, signal, NO_PORTS))
        if (part.type !== "text" || part.text !== "morning, ") yield part;
    },
);

broken(
  "an agent that throws what nobody can judge",
  (run) =>
    async function* (turn, signal) {
      try {
        yield* run(turn, signal, NO_PORTS);
      } catch (error) {
        signal.throwIfAborted();
        throw new Error("It failed.", { cause: error });
      }
    },
);
