import type { Agent, AgentError, AgentTurn } from "../../../src/agent/agent.ts";

/** One run of the agent, which goes on when it is told to. */
export class ControlledRun {
  readonly turn: AgentTurn;
  readonly signal: AbortSignal;
  /** What it has said so far. */
  text = "";
  /** What it was told to fail with. */
  error: AgentError | null = null;
  /** Whether it was told how to end, or has heard that it is to stop. */
  isOver = false;
  readonly #steps: Step[] = [];
  #wake = Promise.withResolvers<void>();

  constructor(turn: AgentTurn, signal: AbortSignal) {
    this.turn = turn;
    this.signal = signal;
    signal.addEventListener("abort", () => {
      this.isOver = true;
      this.#wake.resolve();
    });
  }

  say(text: string): void {
    this.text += text;
    this.#push({ text });
  }

  finish(): void {
    this.isOver = true;
    this.#push("finish");
  }

  fail(error: AgentError): void {
    this.isOver = true;
    this.error = error;
    this.#push({ error });
  }

  #push(step: Step): void {
    this.#steps.push(step);
    this.#wake.resolve();
  }

  /** @throws the reason of its signal. */
  async next(): Promise<Step> {
    for (;;) {
      this.signal.throwIfAborted();
      const step = this.#steps.shift();
      if (step !== undefined) return step;
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
    }
  }
}

type Step = { readonly text: string } | "finish" | { readonly error: Error };

/** An agent each of whose runs is handed to `onStart`. */
export function createControlledAgent(onStart: (run: ControlledRun) => void): Agent {
  return {
    name: "controlled",
    async *run(turn, signal) {
      const run = new ControlledRun(turn, signal);
      onStart(run);
      for (;;) {
        const step = await run.next();
        if (step === "finish") break;
        if ("error" in step) throw step.error;
        yield { type: "text", text: step.text };
      }
      yield { type: "finish", reason: "done" };
    },
  };
}
