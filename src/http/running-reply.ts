import type { LivePart } from "../turn/live.ts";
import { joinLines, liveItem } from "./event-batch.ts";
import type { EventItem } from "./event-batch.ts";

/** How much of a reply is told at once, in characters. */
const PAGE = 32_768;

export interface ReplyPage {
  readonly lines: Uint8Array;
  /** How many characters have been told with it. */
  readonly told: number;
}

type Question = Extract<LivePart, { readonly type: "question" }>;

/** A reply that is being made, as far as it has been given out, for readers that come to it later. */
export class RunningReply {
  readonly start: EventItem;
  readonly #sessionId: string;
  readonly turnId: string;
  #text = "";
  #question: Question | null = null;
  /** Shared by the readers that come before more is said. */
  #first: ReplyPage | null = null;

  constructor(sessionId: string, start: Extract<LivePart, { readonly type: "start" }>) {
    this.start = liveItem(sessionId, start);
    this.#sessionId = sessionId;
    this.turnId = start.turnId;
  }

  get length(): number {
    return this.#text.length;
  }

  hear(part: LivePart): void {
    if (part.type === "text") this.#text += part.text;
    else if (part.type === "question") this.#question = part;
    else if (part.type === "answer") this.#question = null;
    else return;
    this.#first = null;
  }

  /** What follows after so many characters. Before the first one comes its start. */
  page(told: number): ReplyPage {
    if (told > 0) return this.#page(told);
    this.#first ??= this.#page(0);
    return this.#first;
  }

  #page(told: number): ReplyPage {
    const text = this.#text.slice(told, told + PAGE);
    const items = told === 0 ? [this.start] : [];
    if (text !== "") items.push(liveItem(this.#sessionId, { type: "text", turnId: this.turnId, text }));
    const isLast = told + text.length === this.length;
    if (isLast && this.#question !== null) items.push(liveItem(this.#sessionId, this.#question));
    return { lines: joinLines(items), told: told + text.length };
  }
}
