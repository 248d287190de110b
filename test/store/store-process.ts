import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Clock } from "../../src/lib/clock.ts";
import { forwardingStore } from "../../src/testing/forwarding-store.ts";
import type { OpenStore } from "../../src/testing/open-store.ts";
import { type Answer, errorOf, fromWire, type Request, toWire } from "./wire.ts";

type Asked = Request extends infer R ? (R extends Request ? Omit<R, "id" | "now"> : never) : never;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Another process with stores of its own, opened with the `open` that `module` exports. The clock
 * of a store there follows the one it was opened with here, from call to call.
 */
export class StoreProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #lastHandle = 0;

  constructor(module: URL) {
    this.#child = fork(new URL("./store-process-child.ts", import.meta.url), [module.href], {
      serialization: "advanced",
    });
    this.#child.on("message", (answer: Answer) => this.#settle(answer));
    this.#child.on("exit", (code, signal) => this.#fail(new Error(`The store process ended (${signal ?? code}).`)));
  }

  readonly open: OpenStore = async ({ clock, ...options }) => {
    const handle = ++this.#lastHandle;
    await this.#ask({ kind: "open", handle, options }, clock);
    return forwardingStore(
      (call) => this.#ask({ kind: "call", handle, call }, clock),
      async () => void (await this.#ask({ kind: "close", handle }, clock)),
    );
  };

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    await exited;
  }

  #ask(asked: Asked, clock: Clock | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      this.#waiting.set(id, { resolve, reject });
      this.#child.send(toWire({ ...asked, id, now: clock?.now() ?? null }) as Request);
    });
  }

  #settle(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ("fault" in answer) waiting?.reject(errorOf(answer.fault));
    else waiting?.resolve(fromWire(answer.value));
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
