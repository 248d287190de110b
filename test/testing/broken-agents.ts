/** Agents that break the contract, each in one way. Run by agent-contract.test.ts, in a process of its own. */
import { AgentError, type Agent, type AgentPart } from "../../src/agent/agent.ts";
import { untilAborted } from "../../src/lib/until-aborted.ts";
import { createTimeLimit } from "../../src/agent/time-limit.ts";
import { agentContract, type AgentGaps } from "../../src/testing/agent-contract.ts";
import { openFake } from "../agent/agent-subjects.ts";

type Run = Agent["run"];

const GAPS: AgentGaps = { idleTimeout: "a script waits", totalTimeout: "a script waits" };

function broken(name: string, change: (run: Run) => Run, more: Partial<Agent> = {}): void {
  agentContract(
    name,
    (script) => {
      const subject = openFake(script);
      const agent = { name: "broken", run: change(subject.agent.run), ...more };
      return { ...subject, rested: () => Promise.resolve(), agent };
    },
    GAPS,
  );
}

/** Passes on what the agent says, changed or left out. */
function telling(change: (part: AgentPart) => readonly AgentPart[]): (run: Run) => Run {
  return (run) =>
    async function* (turn, signal, ports) {
      for await (const part of run(turn, signal, ports)) yield* change(part);
    };
}

/** Passes on what the agent throws, changed. */
function throwing(change: (error: AgentError) => unknown): (run: Run) => Run {
  return (run) =>
    async function* (turn, signal, ports) {
      try {
        yield* run(turn, signal, ports);
      } catch (error) {
        signal.throwIfAborted();
        throw error instanceof AgentError ? change(error) : error;
      }
    };
}

broken(
  "an agent whose work goes on when it is aborted",
  (run) =>
    async function* (turn, signal, ports) {
      const parts = run(turn, new AbortController().signal, ports)[Symbol.asyncIterator]();
      for (let step = await untilAborted(parts.next(), signal); step.done !== true;) {
        yield step.value;
        step = await untilAborted(parts.next(), signal);
      }
    },
);

broken(
  "an agent that ends quietly when it is aborted",
  (run) =>
    async function* (turn, signal, ports) {
      try {
        yield* run(turn, signal, ports);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
);

broken(
  "an agent that speaks on after its finish",
  (run) =>
    async function* (turn, signal, ports) {
      yield* run(turn, signal, ports);
      yield { type: "text", text: "PS" };
    },
);

broken(
  "an agent that loses a piece",
  telling((part) => (part.type === "text" && part.text === "morning, " ? [] : [part])),
);

broken(
  "an agent that shows a call before the words that led to it",
  (run) =>
    async function* (turn, signal, ports) {
      let words: readonly AgentPart[] = [];
      for await (const part of run(turn, signal, ports)) {
        if (part.type === "text" && part.text === "Let me see.") words = [part];
        else {
          if (part.type === "finish") yield* words;
          yield part;
        }
      }
    },
);

broken("an agent whose runs share what they say", (run) => {
  let last = "";
  return async function* (turn, signal, ports) {
    for await (const part of run(turn, signal, ports)) {
      if (part.type !== "text") yield part;
      else {
        yield { type: "text", text: last + part.text };
        last = part.text;
      }
    }
  };
});

broken(
  "an agent that counts only its last report",
  (run) =>
    async function* (turn, signal, ports) {
      let usage: AgentPart | null = null;
      for await (const part of run(turn, signal, ports)) {
        if (part.type === "usage") usage = part;
        else {
          if (part.type === "finish" && usage !== null) yield usage;
          yield part;
        }
      }
    },
);

broken(
  "an agent that throws what nobody can judge",
  throwing((error) => new Error("It failed.", { cause: error })),
);

broken(
  "an agent that takes one kind of fault for another",
  throwing(({ message, retryable, retryAfterMs }) => new AgentError(message, { retryable, retryAfterMs })),
);

broken(
  "an agent that forgets when it may ask again",
  throwing(({ message, retryable, fault }) => new AgentError(message, { retryable, fault })),
);

broken(
  "an agent that chooses for the person",
  (run) => (turn, signal, ports) =>
    run(turn, signal, {
      ...ports,
      ask: ({ choices }) => Promise.resolve({ outcome: "chosen", id: choices[0]?.id ?? "" }),
    }),
);

broken(
  "an agent that asks twice",
  (run) => (turn, signal, ports) =>
    run(turn, signal, {
      ...ports,
      ask: async (question) => {
        await ports.ask(question);
        return await ports.ask(question);
      },
    }),
);

broken("an agent that cannot be closed twice", (run) => run, {
  close: (() => {
    let isClosed = false;
    return () => {
      if (isClosed) return Promise.reject(new Error("It is closed."));
      isClosed = true;
      return Promise.resolve();
    };
  })(),
});

agentContract(
  "an agent that has something left to do when it is closed",
  (script) => {
    const subject = openFake(script);
    const released = Promise.withResolvers<void>();
    let marks = 0;
    const run: Run = async function* (turn, signal, ports) {
      try {
        yield* subject.agent.run(turn, signal, ports);
      } catch (error) {
        void released.promise.then(() => (marks += 1));
        throw error;
      }
    };
    return {
      ...subject,
      agent: { name: "broken", run },
      marks: () => marks,
      release: () => {
        subject.release();
        released.resolve();
      },
      rested: () => Promise.resolve(),
    };
  },
  GAPS,
);

agentContract("an agent that waits for ever", openFake);

agentContract("an agent whose time runs out while a person thinks", (script, { clock, totalTimeoutMs }) => {
  const subject = openFake(script);
  const run: Run = async function* (turn, signal, ports) {
    using limit = createTimeLimit(clock, totalTimeoutMs);
    limit.restart();
    yield* subject.agent.run(turn, AbortSignal.any([signal, limit.signal]), ports);
  };
  return { ...subject, agent: { name: "broken", run } };
});

agentContract("an agent that does not say why it leaves something out", openFake, { ...GAPS, tools: " " });
