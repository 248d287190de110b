/**
 * Reads stored events once for all readers and gives them out, with what turns say in between. It exists
 * while there are readers:
 *
 *     running: taking what was heard ──▶ reading what is stored ──▶ giving out ──▶ resting ──▶ …
 *
 * A rest ends when something is heard or stored on this node, 40 ms after the step before at the earliest,
 * and after half a second in any case: other processes write, too.
 *
 * A reader joins when it stands where the broadcast does:
 *
 *     admitted ──its position < the broadcast's──▶ reading pages by itself ──▶ compared again
 *        └──its position ≥ the broadcast's──▶ joined, and told page by page what the running turns have said
 *
 * Comparing and joining are one step, as are giving out and moving on, so no event falls between what a
 * reader has read and what it is given; what a reader that is ahead is given again, it knows by its id.
 * What turns say is taken before the stored events are read, and given out after them: when a reader hears
 * of a turn, it has heard of its session. A store that cannot be read is read again, and holds up neither
 * the readers nor what turns say.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { ParlorError } from "../core/errors.ts";
import { backoffMs } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { type Loop, createLoop } from "../lib/loop.ts";
import { retry } from "../lib/retry.ts";
import type { Spread } from "../lib/spread.ts";
import type { StoreReader } from "../store/reader.ts";
import type { Live } from "../turn/live.ts";
import type { EventBatch } from "./event-batch.ts";
import { readEventPage } from "./event-page.ts";
import type { EventReader } from "./event-reader.ts";
import { LiveParts } from "./live-parts.ts";

export interface BroadcastDeps {
  readonly reader: Pick<StoreReader, "events" | "eventRange">;
  readonly live: Pick<Live, "listenAll">;
  readonly clock: Clock;
  /** How readers are handed what they are given; see `EventReaderOptions`. */
  readonly later: Spread;
  readonly onFault: (error: unknown) => void;
}

/** Between two steps, in milliseconds: what turns say meanwhile is given out together. */
const STEP_MS = 40;
const POLL_MS = 500;
const HEARTBEAT_MS = 15_000;
const STORE_BACKOFF = { firstMs: 100, maxMs: 5_000 };

export class EventBroadcast {
  readonly #deps: BroadcastDeps;
  readonly #live = new LiveParts();
  readonly #readers = new Set<EventReader>();
  readonly #joined = new Set<EventReader>();
  readonly #loop: Loop;
  readonly #stopListening: () => void;
  /** The last stored event that was given out. */
  #position: number;
  #steppedAt = -Infinity;
  #faults = 0;
  #readAgainAt = -Infinity;
  #isStopped = false;
  #stopWaking: (() => void) | null = null;
  #stopBeating: () => void;

  /** Begins after the event with this id. */
  constructor(position: number, deps: BroadcastDeps) {
    const { clock, live, onFault } = deps;
    this.#deps = deps;
    this.#position = position;
    this.#loop = createLoop({
      clock,
      step: () => this.#step(),
      nextDue: () => Promise.resolve(clock.now() + POLL_MS),
      onFault,
    });
    this.#stopListening = live.listenAll((sessionId, part) => {
      this.#live.hear(sessionId, part);
      this.wake();
    });
    this.#stopBeating = this.#beatLater();
    this.#loop.start();
  }

  get readers(): number {
    return this.#readers.size;
  }

  /** Something was stored or heard. */
  wake(): void {
    if (this.#stopWaking !== null) return;
    const { clock } = this.#deps;
    const waitMs = this.#steppedAt + STEP_MS - clock.monotonic();
    if (waitMs <= 0) {
      this.#loop.wake();
      return;
    }
    this.#stopWaking = clock.timer(waitMs, () => {
      this.#stopWaking = null;
      this.#loop.wake();
    });
  }

  accepted(sessionId: string, seq: number): void {
    this.#live.accepted(sessionId, seq);
    this.wake();
  }

  admit(reader: EventReader): void {
    this.#readers.add(reader);
    void this.#catchUp(reader).catch((error: unknown) => {
      if (!reader.over.aborted) this.#deps.onFault(error);
      reader.end();
    });
  }

  dismiss(reader: EventReader): void {
    this.#readers.delete(reader);
    this.#joined.delete(reader);
  }

  /** Gives out what has happened so far, then ends every reader. */
  async finish(): Promise<void> {
    await this.#loop.stop();
    await this.#step();
    this.stop();
  }

  /** Ends every reader. */
  stop(): void {
    this.#isStopped = true;
    this.#stopListening();
    this.#stopBeating();
    this.#stopWaking?.();
    void this.#loop.stop();
    for (const reader of Array.from(this.#readers)) reader.end();
  }

  async #step(): Promise<void> {
    this.#steppedAt = this.#deps.clock.monotonic();
    const flush = this.#live.take();
    await this.#readStored();
    if (flush.length > 0) this.#giveOut(this.#live.give(flush));
  }

  async #readStored(): Promise<void> {
    const { reader, clock, onFault } = this.#deps;
    if (clock.monotonic() < this.#readAgainAt) return;
    try {
      for (;;) {
        const { batch, gap, isLast } = await readEventPage(reader, this.#position);
        if (this.#isStopped) return;
        if (gap !== null) this.#skipTo(gap);
        this.#position = batch.lastId ?? this.#position;
        this.#giveOut(batch);
        if (batch.items.length > 0) await this.#handedOut();
        if (isLast) break;
      }
      this.#faults = 0;
    } catch (error) {
      this.#faults += 1;
      this.#readAgainAt = clock.monotonic() + backoffMs(STORE_BACKOFF, this.#faults);
      onFault(error);
    }
  }

  #giveOut(batch: EventBatch): void {
    if (batch.items.length === 0) return;
    for (const reader of this.#joined) reader.give(batch);
  }

  /** Resolves when every reader that keeps up has what it was given: a burst must not look like slowness. */
  #handedOut(): Promise<void> {
    return new Promise((resolve) => this.#deps.later(resolve));
  }

  #skipTo(gap: number): void {
    this.#position = gap;
    for (const reader of this.#joined) if (reader.position < gap) reader.skipTo(gap);
  }

  async #catchUp(reader: EventReader): Promise<void> {
    const { reader: store, clock, onFault } = this.#deps;
    const isRetryable = (error: unknown): boolean => error instanceof ParlorError && error.retryable;
    while (!reader.over.aborted && reader.position < this.#position) {
      const { batch, gap } = await retry(() => readEventPage(store, reader.position), {
        clock,
        backoff: STORE_BACKOFF,
        isRetryable,
        onFault,
        signal: reader.over,
      });
      if (gap !== null) reader.skipTo(gap);
      reader.give(batch);
      await reader.idle();
      // Any number of pages may follow each other; between them others have their turn.
      await nextTurn();
    }
    if (reader.over.aborted) return;
    this.#joined.add(reader);
    reader.join(this.#live.running);
    while (reader.tell()) {
      await reader.idle();
      await nextTurn();
    }
  }

  #beatLater(): () => void {
    return this.#deps.clock.timer(HEARTBEAT_MS, () => {
      for (const reader of Array.from(this.#readers)) reader.beat();
      this.#stopBeating = this.#beatLater();
    });
  }
}
