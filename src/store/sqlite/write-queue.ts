/**
 * Group commit: writes asked for in one turn of the event loop share one transaction and one fsync,
 * each of them still all-or-nothing.
 *
 *     waiting ──event loop turns──▶ BEGIN IMMEDIATE ▶ write, write, … ▶ COMMIT ──▶ answered
 *        ▲                  │ another process writes      │ one throws
 *        │                  ▼                             ▼
 *        └── back off, at most 5 s          ROLLBACK ▶ again, each in a savepoint ▶ COMMIT ──▶ answered
 *
 * Savepoints come second because they make FTS5 write out its index at every one of them: with them
 * a batch took twice as long. A write may therefore run twice; it touches nothing but the database.
 * From BEGIN to COMMIT nothing is awaited, and no result leaves before COMMIT. An error that makes
 * SQLite roll back the whole transaction (a full disk does) fails every write of the batch.
 */
import { ParlorError } from "../../core/errors.ts";
import type { Database } from "./database.ts";
import { isBusy, storeFault } from "./fault.ts";

/** The longest a write waits for other processes, in milliseconds, unless said otherwise. */
const PATIENCE_MS = 5_000;
/** The most writes that share a transaction: bounds how much is lost with it. */
const MAX_BATCH = 512;
/** No further write joins a transaction after so many milliseconds: bounds how long the event loop is held. */
const MAX_BATCH_MS = 100;

interface Write {
  readonly run: () => unknown;
  readonly waitingSince: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Settled = { readonly write: Write } & ({ readonly value: unknown } | { readonly error: unknown });

export class WriteQueue implements AsyncDisposable {
  readonly #db: Database;
  readonly #patienceMs: number;
  #waiting: Write[] = [];
  #scheduled = false;
  #busyAttempts = 0;
  #closed = false;
  #drained: (() => void) | undefined;

  constructor(db: Database, patienceMs: number = PATIENCE_MS) {
    this.#db = db;
    this.#patienceMs = patienceMs;
  }

  /** Runs `write` inside a transaction; it must be synchronous, touch nothing but the database, and bear running twice. */
  run<T>(write: () => T): Promise<T> {
    if (this.#closed) {
      return Promise.reject(new ParlorError("STORE_UNAVAILABLE", "The store is closed; open it again to write."));
    }
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({
        run: write,
        waitingSince: performance.now(),
        resolve: resolve as (value: unknown) => void,
        reject,
      });
      this.#schedule();
    });
  }

  /** Lets the writes that wait finish, then accepts no more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    if (this.#waiting.length > 0) await new Promise<void>((resolve) => (this.#drained = resolve));
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    try {
      this.#db.exec("BEGIN IMMEDIATE");
    } catch (error) {
      this.#beginFailed(error);
      return;
    }
    this.#busyAttempts = 0;
    const batch = this.#waiting.splice(0, MAX_BATCH);
    const settled = this.#commit(batch);
    if (settled === null) return;
    this.#waiting.unshift(...batch.slice(settled.length));
    if (this.#waiting.length > 0) this.#schedule();
    else this.#drained?.();
    for (const answer of settled) {
      if ("value" in answer) answer.write.resolve(answer.value);
      else answer.write.reject(storeFault(answer.error));
    }
  }

  /**
   * Answers for the writes of the batch, from the first on as many as there is time for, inside the
   * transaction that is open, and ends it; null: they all wait again.
   */
  #commit(batch: readonly Write[]): Settled[] | null {
    try {
      return this.#commitTogether(batch);
    } catch (error) {
      this.#rollBack();
      if (batch.length === 1) return batch.map((write) => ({ write, error }));
    }
    try {
      this.#db.exec("BEGIN IMMEDIATE");
    } catch (error) {
      this.#waiting.unshift(...batch);
      this.#beginFailed(error);
      return null;
    }
    try {
      return this.#commitApart(batch);
    } catch (error) {
      this.#rollBack();
      return batch.map((write) => ({ write, error }));
    }
  }

  #commitTogether(batch: readonly Write[]): Settled[] {
    const settled = inTime(batch, (write) => ({ write, value: write.run() }));
    this.#db.exec("COMMIT");
    return settled;
  }

  #commitApart(batch: readonly Write[]): Settled[] {
    const settled = inTime(batch, (write) => this.#runApart(write));
    this.#db.exec("COMMIT");
    return settled;
  }

  /** Throws only when the whole transaction is lost. */
  #runApart(write: Write): Settled {
    this.#db.exec("SAVEPOINT one");
    try {
      const value = write.run();
      this.#db.exec("RELEASE one");
      return { write, value };
    } catch (error) {
      if (!this.#db.inTransaction) throw error;
      this.#db.exec("ROLLBACK TO one; RELEASE one");
      return { write, error };
    }
  }

  #rollBack(): void {
    if (this.#db.inTransaction) this.#db.exec("ROLLBACK");
  }

  #beginFailed(error: unknown): void {
    const now = performance.now();
    const givenUp = isBusy(error)
      ? this.#waiting.filter((write) => now - write.waitingSince > this.#patienceMs)
      : this.#waiting;
    this.#waiting = this.#waiting.filter((write) => !givenUp.includes(write));
    for (const write of givenUp) write.reject(storeFault(error));
    if (this.#waiting.length === 0) {
      this.#drained?.();
      return;
    }
    this.#busyAttempts += 1;
    this.#scheduled = true;
    setTimeout(() => this.#flush(), Math.min(5 * this.#busyAttempts, 50) * (0.5 + Math.random()));
  }
}

function inTime(batch: readonly Write[], run: (write: Write) => Settled): Settled[] {
  const endsAt = performance.now() + MAX_BATCH_MS;
  const settled: Settled[] = [];
  for (const write of batch) {
    settled.push(run(write));
    if (performance.now() > endsAt) break;
  }
  return settled;
}
