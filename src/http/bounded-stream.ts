/**
 * The body of a response that is written as things happen, and holds no more than a bound for a reader
 * that does not keep up.
 *
 *     open ──end──▶ ending ──everything taken──▶ done
 *       ├──cut──▶ ending (what waits is thrown away)
 *       └──cancelled by the reader, also while ending──▶ done
 *
 * Invariants: a chunk is taken whole or not at all; `taken` is the mark of the last one that was; chunks
 * are shared with other streams and never changed; `onDone` is called once, after which nothing is held.
 */
import type { Spread } from "../lib/spread.ts";

export interface BoundedStreamOptions {
  /** How much may wait, in bytes; a chunk that is pushed before that is reached still fits. */
  readonly maxBytes: number;
  /** The mark before the first chunk was taken. */
  readonly mark: number;
  /** When a reader that waits for a chunk is handed it. */
  readonly later: Spread;
  readonly onDone: () => void;
}

interface Waiting {
  readonly chunk: Uint8Array;
  readonly mark: number;
}

/** Chunks that wait are handed on together, up to this size. */
const JOINED_BYTES = 64 * 1024;

export class BoundedStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #options: BoundedStreamOptions;
  #waiting: Waiting[] = [];
  #bytes = 0;
  #taken: number;
  #isEnding = false;
  #isDone = false;
  /** Serves the reader that asked while there was nothing. */
  #serve: (() => void) | null = null;
  #isServedLater = false;
  #onIdle: (() => void)[] = [];

  constructor(options: BoundedStreamOptions) {
    this.#options = options;
    this.#taken = options.mark;
    // Nothing is asked for before it is read, so that what was taken has left this process but for a socket's buffer.
    this.body = new ReadableStream<Uint8Array>(
      { pull: (controller) => this.#pull(controller), cancel: () => this.#finish() },
      { highWaterMark: 0 },
    );
  }

  /** The mark of the last chunk that was taken. */
  get taken(): number {
    return this.#taken;
  }

  /** Whether another chunk may be pushed. */
  get isRoomy(): boolean {
    return this.#bytes < this.#options.maxBytes;
  }

  /** Whether nothing waits to be taken. */
  get isIdle(): boolean {
    return this.#waiting.length === 0;
  }

  /** Adds a chunk. */
  push(chunk: Uint8Array, mark: number): void {
    if (this.#isEnding || this.#isDone) return;
    this.#waiting.push({ chunk, mark });
    this.#bytes += chunk.byteLength;
    this.#serveLater();
  }

  #serveLater(): void {
    if (this.#serve === null || this.#isServedLater) return;
    this.#isServedLater = true;
    this.#options.later(() => {
      this.#isServedLater = false;
      this.#serve?.();
    });
  }

  /** Nothing more comes; what waits may still be taken. */
  end(): void {
    this.#isEnding = true;
    this.#serve?.();
  }

  /** Nothing more comes but this; what waits is thrown away. */
  cut(last: Uint8Array): void {
    this.#waiting = [];
    this.#bytes = 0;
    this.push(last, this.#taken);
    this.end();
    this.#tellIdle();
  }

  /** Resolves when nothing waits to be taken, or never will be. */
  idle(): Promise<void> {
    if (this.isIdle || this.#isEnding || this.#isDone) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> | void {
    if (this.#give(controller)) return;
    return new Promise((resolve) => {
      this.#serve = () => {
        this.#serve = null;
        this.#give(controller);
        resolve();
      };
    });
  }

  /** Whether the reader got something: the next chunk, or the end. */
  #give(controller: ReadableStreamDefaultController<Uint8Array>): boolean {
    if (this.#isDone) return true;
    if (this.#waiting.length > 0) {
      controller.enqueue(this.#take());
      if (this.isIdle) this.#tellIdle();
      return true;
    }
    if (!this.#isEnding) return false;
    controller.close();
    this.#finish();
    return true;
  }

  #take(): Uint8Array {
    let bytes = 0;
    let count = 0;
    for (const { chunk } of this.#waiting) {
      if (count > 0 && bytes + chunk.byteLength > JOINED_BYTES) break;
      bytes += chunk.byteLength;
      count += 1;
    }
    const taken = this.#waiting.splice(0, count);
    this.#bytes -= bytes;
    this.#taken = taken.at(-1)?.mark ?? this.#taken;
    const [first] = taken;
    return taken.length === 1 && first !== undefined ? first.chunk : Buffer.concat(taken.map(({ chunk }) => chunk));
  }

  #finish(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#waiting = [];
    this.#bytes = 0;
    this.#serve = null;
    this.#tellIdle();
    this.#options.onDone();
  }

  #tellIdle(): void {
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}
