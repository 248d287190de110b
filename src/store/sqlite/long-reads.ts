/**
 * Reads whose time grows with the database run in a thread, so that they hold up nobody's message.
 * The thread starts with the first such read and ends with the store.
 */
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { type ErrorCode, ParlorError } from "../../core/errors.ts";
import type { SearchQuery, StoreReader } from "../reader.ts";
import { storeFault } from "./fault.ts";

export type LongRead = { readonly id: number } & (
  | { readonly verb: "search"; readonly query: SearchQuery }
  | { readonly verb: "stats" | "verify" }
);

export type LongReadAnswer =
  | { readonly id: number; readonly value: unknown }
  | {
      readonly id: number;
      readonly error: { readonly code: ErrorCode | null; readonly retryable: boolean; readonly message: string };
    };

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

export class LongReads implements AsyncDisposable, Pick<StoreReader, "search" | "stats" | "verify"> {
  readonly #path: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastId = 0;
  #closed = false;

  constructor(path: string) {
    this.#path = path;
  }

  search: StoreReader["search"] = (query) => this.#ask({ verb: "search", query });
  stats: StoreReader["stats"] = () => this.#ask({ verb: "stats" });
  verify: StoreReader["verify"] = () => this.#ask({ verb: "verify" });

  async [Symbol.asyncDispose](): Promise<void> {
    const worker = this.#worker;
    this.#closed = true;
    this.#fail(new ParlorError("STORE_UNAVAILABLE", "The store was closed before the read was finished."));
    await worker?.terminate();
  }

  #ask<T>(
    read: { readonly verb: "search"; readonly query: SearchQuery } | { readonly verb: "stats" | "verify" },
  ): Promise<T> {
    if (this.#closed) {
      return Promise.reject(new ParlorError("STORE_UNAVAILABLE", "The store is closed; open it again to read."));
    }
    return new Promise<T>((resolve, reject) => {
      const id = (this.#lastId += 1);
      this.#waiting.set(id, { resolve, reject });
      const worker = (this.#worker ??= this.#start());
      worker.ref();
      worker.postMessage({ id, ...read } satisfies LongRead);
    });
  }

  #start(): Worker {
    // The file has the extension of this one: .ts in a checkout, .js in the package.
    const worker = new Worker(new URL(`./read-worker${extname(import.meta.url)}`, import.meta.url), {
      workerData: { path: this.#path },
      // Some options of the process, such as --input-type, are for its own program and refuse any other file.
      execArgv: [],
    });
    worker.on("message", (answer: LongReadAnswer) => this.#settle(answer));
    worker.on("error", (error) => this.#fail(storeFault(error)));
    return worker;
  }

  #settle(answer: LongReadAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#worker?.unref();
    if ("value" in answer) waiting?.resolve(answer.value as never);
    else waiting?.reject(errorOf(answer.error));
  }

  #fail(error: unknown): void {
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

function errorOf(error: {
  readonly code: ErrorCode | null;
  readonly retryable: boolean;
  readonly message: string;
}): Error {
  return error.code === null
    ? new Error(error.message)
    : new ParlorError(error.code, error.message, { retryable: error.retryable });
}
