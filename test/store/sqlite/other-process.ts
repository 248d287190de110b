import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** Another process with a connection of its own to a database file: a plain one, which does as it is told. */
export class OtherProcess implements AsyncDisposable {
  readonly #child: ChildProcess;

  constructor(path: string) {
    this.#child = fork(new URL("./other-process-child.ts", import.meta.url), [path]);
  }

  /** Runs statements there; resolves when they are done. */
  async exec(sql: string): Promise<void> {
    const answered = once(this.#child, "message");
    this.#child.send(sql);
    const [error] = (await answered) as [string];
    if (error !== "") throw new Error(error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.disconnect();
    await ended;
  }
}
