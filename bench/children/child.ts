/**
 * A process of its own for one part of a scenario: a server, a load generator, a flood.
 *
 *     started ──its first message──▶ ready ──a question──▶ asked ──its answer──▶ ready … ──dispose──▶ ended
 *
 * It ends with the one that started it. When it ends by itself, whoever waits for it is told.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

export interface ChildOptions {
  readonly arguments?: readonly string[];
  /** For Node itself. */
  readonly flags?: readonly string[];
}

export class Child implements AsyncDisposable {
  readonly #process: ChildProcess;

  private constructor(started: ChildProcess) {
    this.#process = started;
  }

  /** Starts the file; `ready` is the first thing it says. */
  static async start<Ready>(
    file: URL,
    options: ChildOptions = {},
  ): Promise<{ readonly child: Child; readonly ready: Ready }> {
    const started = fork(file, [...(options.arguments ?? [])], {
      execArgv: [...(options.flags ?? [])],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const child = new Child(started);
    return { child, ready: await child.#answer<Ready>() };
  }

  async ask<Answer>(question: object): Promise<Answer> {
    const answer = this.#answer<Answer>();
    this.#process.send(question);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exit = once(this.#process, "exit");
    this.#process.disconnect();
    await exit;
  }

  #answer<Answer>(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const answered = (answer: unknown): void => {
        this.#process.off("exit", ended);
        resolve(answer as Answer);
      };
      const ended = (code: number | null, signal: string | null): void => {
        this.#process.off("message", answered);
        reject(
          new Error(`${this.#process.spawnargs.join(" ")} ended by itself (${code ?? signal}); its error is above.`),
        );
      };
      this.#process.once("message", answered);
      this.#process.once("exit", ended);
    });
  }
}
