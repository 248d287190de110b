/**
 * What turns on this node say, gathered between two flushes, and what of it has been given out.
 *
 *     heard ──take──▶ taken ──give──▶ given out
 *
 * `take` ends the gathering of a flush; between it and `give` the stored events are read that the parts
 * follow, and what is heard meanwhile waits for the next flush. `running` is what has been given out of
 * the replies that are being made: who joins between two flushes is told that, and gets the rest as it
 * comes: no token twice, none left out.
 */
import type { LivePart } from "../turn/live.ts";
import { EventBatch, liveItem } from "./event-batch.ts";
import type { Acceptance } from "./event-batch.ts";
import { RunningReply } from "./running-reply.ts";

interface Gathered {
  readonly sessionId: string;
  part: LivePart | Acceptance;
}

/** What was heard until a flush began. */
export type Flush = readonly Gathered[];

export class LiveParts {
  #heard: Gathered[] = [];
  /** The last part of each session in `heard`, for text to be added to. */
  readonly #last = new Map<string, Gathered>();
  readonly #running = new Map<string, RunningReply>();

  /** By session. */
  get running(): ReadonlyMap<string, RunningReply> {
    return this.#running;
  }

  hear(sessionId: string, part: LivePart): void {
    const last = this.#last.get(sessionId);
    if (part.type === "text" && last?.part.type === "text" && last.part.turnId === part.turnId) {
      last.part = { ...part, text: last.part.text + part.text };
    } else {
      this.#add(sessionId, part);
    }
  }

  accepted(sessionId: string, seq: number): void {
    this.#add(sessionId, { type: "accept", seq });
  }

  #add(sessionId: string, part: LivePart | Acceptance): void {
    const gathered = { sessionId, part };
    this.#heard.push(gathered);
    this.#last.set(sessionId, gathered);
  }

  take(): Flush {
    const taken = this.#heard;
    this.#heard = [];
    this.#last.clear();
    return taken;
  }

  /** What a flush is for readers. It counts as given out from now on. */
  give(flush: Flush): EventBatch {
    for (const { sessionId, part } of flush) {
      if (part.type === "start") this.#running.set(sessionId, new RunningReply(sessionId, part));
      else if (part.type === "end") this.#end(sessionId, part.turnId);
      else if (part.type !== "accept") this.#running.get(sessionId)?.hear(part);
    }
    return new EventBatch(flush.map(({ sessionId, part }) => liveItem(sessionId, part)));
  }

  /** The next turn of the session may have begun already. */
  #end(sessionId: string, turnId: string): void {
    if (this.#running.get(sessionId)?.turnId === turnId) this.#running.delete(sessionId);
  }
}
