/**
 * One reader of live events.
 *
 *     catching up ──all that is stored was given──▶ joined ──ended, or gone──▶ over
 *          └─────────────────────────────────────────┴──too slow──▶ cut off ──▶ over
 *
 * Invariants: `position` is the last stored event it was given, or that its filter left out; an event up to
 * it is not given again, so that who joins ahead of the others or behind them gets each event once; a reply
 * that was running when it joined is told from its beginning, and given as it comes only from where that
 * ends; what waits for it is bounded.
 */
import type { Spread } from "../lib/spread.ts";
import { BoundedStream } from "./bounded-stream.ts";
import { EventBatch, joinLines } from "./event-batch.ts";
import type { EventItem } from "./event-batch.ts";
import type { EventFilter } from "./event-filter.ts";
import { eventLines, heartbeatLines } from "./event-lines.ts";
import type { RunningReply } from "./running-reply.ts";

export interface EventReaderOptions {
  readonly filter: EventFilter;
  /** Whether it hears what replies say while they are made. */
  readonly replies: boolean;
  /** The id of the event that it begins after. */
  readonly position: number;
  /** When a chunk is handed to the connection: many readers are given the same at once. */
  readonly later: Spread;
  /** It hears nothing more; what waits may still be taken. */
  readonly onOver: () => void;
  /** Nothing waits any more: its body was read to the end, or left. */
  readonly onDone: () => void;
}

/** How much may wait for a reader, in bytes. */
const BUFFER_BYTES = 256 * 1024;

/** How much a reader is told at once of the replies that were running when it joined, in bytes. */
const TOLD_BYTES = 64 * 1024;

export class EventReader {
  readonly #options: EventReaderOptions;
  readonly #stream: BoundedStream;
  readonly #over = new AbortController();
  /** The replies that were running when it joined, by session, and how much of them it still has to be told. */
  readonly #behind = new Map<string, { readonly reply: RunningReply; told: number }>();
  #position: number;
  /** The last id it was sent. */
  #told: number;

  constructor(options: EventReaderOptions) {
    const { position, later, onDone } = options;
    this.#options = options;
    this.#position = position;
    this.#told = position;
    this.#stream = new BoundedStream({
      maxBytes: BUFFER_BYTES,
      mark: position,
      later,
      onDone: () => {
        this.#leave();
        onDone();
      },
    });
    this.#push(eventLines({ event: "open", id: position, data: { id: position } }));
  }

  get body(): ReadableStream<Uint8Array> {
    return this.#stream.body;
  }

  get position(): number {
    return this.#position;
  }

  /** Aborted when it is over. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Resolves when everything was taken, or it is over. */
  idle(): Promise<void> {
    return this.#stream.idle();
  }

  /** Gives it what concerns it of a batch. */
  give(batch: EventBatch): void {
    if (this.over.aborted) return;
    const chunk = this.#chunkOf(batch);
    if (chunk !== null && !this.#stream.isRoomy) {
      this.#cutOff();
      return;
    }
    this.#position = Math.max(this.#position, batch.lastId ?? 0);
    if (chunk !== null) this.#push(chunk);
  }

  /** It is given what happens from now on, and is to be told what these replies have said before. */
  join(running: ReadonlyMap<string, RunningReply>): void {
    if (!this.#options.replies) return;
    const starts = new EventBatch(Array.from(running.values(), ({ start }) => start));
    const selected = this.#options.filter.select(starts);
    for (const { sessionId } of selected === "all" ? starts.items : selected) {
      const reply = running.get(sessionId);
      if (reply !== undefined) this.#behind.set(sessionId, { reply, told: 0 });
    }
  }

  /** Tells it more of those replies; whether there is still more. */
  tell(): boolean {
    let bytes = 0;
    for (const [sessionId, behind] of this.#behind) {
      if (bytes >= TOLD_BYTES) break;
      const { lines, told } = behind.reply.page(behind.told);
      this.#push(lines);
      bytes += lines.byteLength;
      behind.told = told;
      if (told === behind.reply.length) this.#behind.delete(sessionId);
    }
    return this.#behind.size > 0;
  }

  /** Events between its position and this id are no longer kept. */
  skipTo(id: number): void {
    this.#position = id;
    this.#told = id;
    this.#push(eventLines({ event: "gap", id, data: { id } }));
  }

  /** Shows that the stream is alive, unless more waits than that. */
  beat(): void {
    if (!this.#stream.isIdle) return;
    this.#push(heartbeatLines(this.#told === this.#position ? null : this.#position));
    this.#told = this.#position;
  }

  end(): void {
    this.#stream.end();
    this.#leave();
  }

  #chunkOf(batch: EventBatch): Uint8Array | null {
    const { filter, replies } = this.#options;
    const selected = filter.select(batch);
    const isAhead = (batch.items[0]?.id ?? Infinity) <= this.#position;
    if (selected === "all" && !isAhead && this.#behind.size === 0) {
      const whole = batch.whole(replies);
      return whole.byteLength === 0 ? null : whole;
    }
    const wanted = (selected === "all" ? batch.items : selected).filter((item) => this.#isNews(item));
    return wanted.length === 0 ? null : joinLines(wanted);
  }

  #isNews({ id, sessionId, reply }: EventItem): boolean {
    if (id !== null) return id > this.#position;
    if (reply === null) return true;
    // With its end, or another attempt, what it has said so far counts no more.
    if (reply !== "part") this.#behind.delete(sessionId);
    return this.#options.replies && !this.#behind.has(sessionId);
  }

  #push(chunk: Uint8Array): void {
    this.#stream.push(chunk, this.#position);
  }

  /** It can resume after the last event it has taken; what it has not taken is not kept for it. */
  #cutOff(): void {
    this.#stream.cut(eventLines({ event: "cut", data: { id: this.#stream.taken } }));
    this.#leave();
  }

  #leave(): void {
    if (this.over.aborted) return;
    this.#over.abort();
    this.#options.onOver();
  }
}
