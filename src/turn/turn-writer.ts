/**
 * Stores how an attempt has ended, and what came of it.
 *
 * Invariants: no write begins after the lease has ended; a store that cannot be written is asked again while
 * the lease lasts; a write that is under way is waited for, because it alone says whether it has happened,
 * unless the lease has run out by this process's own clock.
 */
import { isBlank } from "../core/message.ts";
import type { Source } from "../core/source.ts";
import type { Turn } from "../core/turn.ts";
import type { Clock } from "../lib/clock.ts";
import type { ResultEntry, TurnStore } from "../store/turn-store.ts";
import type { Answer } from "./answer.ts";
import { insist } from "./insist.ts";
import { Stopped, whyStopped } from "./stopped.ts";
import { resetNotice, type Verdict } from "./verdict.ts";

export interface TurnWriterDeps {
  readonly store: Pick<TurnStore, "commitTurn" | "failTurn" | "interruptTurn">;
  readonly clock: Clock;
  /** What is sent of a text to this source, in order; nothing where it is read from the transcript. */
  readonly pieces: (source: Source, text: string) => readonly string[];
  /** How long what has been streamed has to rest before it is sent in full, in milliseconds. */
  readonly restMs: () => number;
  readonly onFault: (error: unknown) => void;
}

export class TurnWriter {
  readonly #turn: Turn;
  readonly #deps: TurnWriterDeps;
  /** Aborted when no write may begin any more. */
  readonly #stop = new AbortController();
  /** Aborted when not even the write that is under way is waited for. */
  readonly #leave = new AbortController();

  constructor(turn: Turn, deps: TurnWriterDeps) {
    this.#turn = turn;
    this.#deps = deps;
  }

  /** Aborted when the lease has ended. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** The lease has ended. */
  end(why: "lost" | "expired"): void {
    this.#stop.abort(new Stopped(why));
    if (why === "expired") this.#leave.abort(new Stopped(why));
  }

  /** Why nothing could be stored. */
  get refusal(): string {
    return whyStopped(this.#leave.signal) === null
      ? "The store no longer grants the lease."
      : "The lease was left to run out: the store could not be written in time.";
  }

  async commit({ text, usage }: Answer): Promise<"done" | "lost"> {
    const notice = resetNotice(this.#turn);
    const result = {
      entries: [...(notice === null ? [] : [this.#entry("notice", notice)]), this.#entry("assistant", text)],
      ...(usage === undefined ? {} : { usage }),
      restMs: this.#deps.restMs(),
    };
    const { outcome } = await this.#write((store) => store.commitTurn(this.#turn.lease, result));
    return outcome === "committed" ? "done" : outcome;
  }

  fail(verdict: Verdict): Promise<"retrying" | "dead" | "lost"> {
    const failure = { ...verdict, pieces: this.#pieces(verdict.notice), restMs: this.#deps.restMs() };
    return this.#write((store) => store.failTurn(this.#turn.lease, failure));
  }

  /** Ends the turn with what has been said; its messages wait again, to be answered with the newer one. */
  async interrupt(text: string): Promise<"interrupted" | "alone" | "lost"> {
    const answer = isBlank(text) ? { text: "", pieces: [] } : { text, pieces: this.#pieces(text) };
    const said = { ...answer, restMs: this.#deps.restMs() };
    return (await this.#write((store) => store.interruptTurn(this.#turn.lease, said))).outcome;
  }

  #entry(role: ResultEntry["role"], text: string): ResultEntry {
    return { role, text, pieces: this.#pieces(text) };
  }

  #pieces(text: string): readonly string[] {
    return this.#deps.pieces(this.#turn.session.source, text);
  }

  #write<T>(run: (store: TurnWriterDeps["store"]) => Promise<T>): Promise<T> {
    const { store, clock, onFault } = this.#deps;
    return insist(() => run(store), { clock, onFault, stop: this.#stop.signal, leave: this.#leave.signal });
  }
}
