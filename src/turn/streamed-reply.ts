/**
 * A reply that people see while it is written: posted after its first words, then edited at the platform's
 * pace, and sent in full by the outbox once it is stored.
 *
 *     quiet ──first words──▶ posting ──id──▶ shown ──more──▶ editing ──▶ shown
 *       └──an earlier attempt's──▶ shown        (posting, or an earlier attempt's: nobody can tell ──▶ over)
 *     ended from every state: nothing more begins, beside a mark where it was stopped
 *
 * Invariants: one call is on its way at a time, and nobody waits for it; the store knows of the post before it
 * is made, and of its id before an edit; the first post is never a whole message, so that one of which nobody
 * has learned the id can be followed by the whole without saying it twice; a call that fails costs nothing,
 * because the whole is sent anyway.
 */
import type { Destination } from "../core/delivery.ts";
import { storableText } from "../core/message.ts";
import type { Lease } from "../core/turn.ts";
import type { Clock } from "../lib/clock.ts";
import { sleep } from "../lib/sleep.ts";
import { untilAborted } from "../lib/until-aborted.ts";
import type { Platform, Streaming } from "../platform/platform.ts";
import type { TurnStore } from "../store/turn-store.ts";
import { beginningOf, hasSentence } from "./first-words.ts";
import { insist } from "./insist.ts";
import { CALL_MS, StreamingCalls } from "./streaming-calls.ts";

/** A platform whose messages can be edited. */
export type StreamingPlatform = Pick<Platform, "reconcile" | "maxLength"> & { readonly streaming: Streaming };

export interface StreamedReplyDeps {
  readonly store: Pick<TurnStore, "openDelivery" | "recordPost" | "recordLatePost">;
  readonly platform: StreamingPlatform;
  readonly lease: Lease;
  readonly destination: Destination;
  /** The first message of a text; null for a blank one. */
  readonly firstPiece: (text: string) => string | null;
  readonly clock: Clock;
  /** The store no longer grants the lease. */
  readonly onLost: () => void;
  /** The reply that is sent in full may be due now. */
  readonly onDue: () => void;
  readonly onFault: (error: unknown) => void;
  /** Aborted when the lease has ended: no call goes on. */
  readonly signal: AbortSignal;
}

/** From the first word to the first post: once there is a sentence, and at the latest. In milliseconds. */
const SENTENCE_MS = 250;
const FIRST_WORDS_MS = 1_000;
/** How far behind the end of the first message what is heard can still move that end, in UTF-16 units. */
const REACH = 256;
const STOPPED = "(stopped)";
/** How often it is tried to mark what is seen. */
const MARK_TRIES = 4;

export class StreamedReply implements Disposable {
  readonly #deps: StreamedReplyDeps;
  readonly #calls: StreamingCalls;
  readonly #ended = new AbortController();
  #heard = "";
  #firstAt: number | null = null;
  #deliveryId = "";
  #remoteId: string | null = null;
  /** What people see; null before this attempt has shown anything. */
  #shown: string | null = null;
  #running: Promise<void> | null = null;
  #wake = (): void => {};

  constructor(deps: StreamedReplyDeps) {
    this.#deps = deps;
    const { clock, signal, destination, platform } = deps;
    this.#calls = new StreamingCalls({ clock, signal, intervalMs: platform.streaming.intervalMs(destination) });
  }

  /** More of the reply. */
  hear(text: string): void {
    if (this.#ended.signal.aborted || this.#heard.length > (this.#deps.platform.maxLength ?? Infinity) + REACH) return;
    this.#heard += text;
    this.#firstAt ??= this.#deps.clock.monotonic();
    this.#running ??= this.#show().catch(this.#deps.onFault);
    this.#wake();
  }

  /** Nothing more is shown. What is on its way is not waited for. */
  end(): void {
    this.#ended.abort();
    this.#wake();
  }

  [Symbol.dispose](): void {
    this.end();
  }

  /** Marks what is seen as unfinished, as far as the platform lets it. */
  stopped(): void {
    this.end();
    this.#running = this.#settled().then(() => this.#mark().catch(this.#deps.onFault));
  }

  /** How long the message has to rest before it is sent in full, in milliseconds. */
  get restMs(): number {
    return this.#calls.restMs;
  }

  /** Resolves when no call is on its way. */
  get quiet(): Promise<void> {
    return this.#settled();
  }

  async #settled(): Promise<void> {
    await this.#running;
  }

  async #show(): Promise<void> {
    for (let isOpen = false; ;) {
      const text = await this.#nextText();
      if (text === null) return;
      if (!isOpen) {
        const opened = await this.#open();
        if (opened === "no") return;
        isOpen = opened === "open";
        // Others go first; or an earlier attempt has posted, and from here on it is edited.
        if (!isOpen || this.#remoteId !== null) continue;
        // Its turn may have ended meanwhile: then the whole is on its way.
        if (this.#ended.signal.aborted) return;
      }
      const goesOn = this.#remoteId === null ? await this.#post(text) : await this.#edit(this.#remoteId, text);
      if (!goesOn) return;
    }
  }

  /** What is to be shown next, as soon as it may be; null when it has ended. */
  async #nextText(): Promise<string | null> {
    const { clock, firstPiece } = this.#deps;
    while (!this.#ended.signal.aborted) {
      if (this.#calls.waitMs > 0) {
        await sleep(clock, this.#calls.waitMs, this.#ended.signal);
        continue;
      }
      const isFirst = this.#remoteId === null;
      // Half of a character may be all that has come of it.
      const piece = firstPiece(storableText(this.#heard.replace(/[\ud800-\udbff]$/, "")));
      const text = isFirst ? beginningOf(piece ?? "") : piece;
      const restMs = isFirst ? (hasSentence(text) ? SENTENCE_MS : FIRST_WORDS_MS) : 0;
      const leftMs = Math.max(0, (this.#firstAt ?? 0) + restMs - clock.monotonic());
      if (leftMs === 0 && text !== null && text !== "" && text !== this.#shown) return text;
      await this.#more(leftMs);
    }
    return null;
  }

  /** Resolves when more is heard, when it has ended, or after `waitMs`; 0: however long that takes. */
  async #more(waitMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const cancel = waitMs > 0 ? this.#deps.clock.timer(waitMs, resolve) : null;
    await promise;
    cancel?.();
  }

  /** Whether there is a message to be shown: a new one, or that of an earlier attempt. */
  async #open(): Promise<"open" | "behind" | "no"> {
    const { store, platform, lease, onLost } = this.#deps;
    const opened = await store.openDelivery(lease);
    if (opened.outcome === "behind") {
      this.#calls.waitFor(FIRST_WORDS_MS);
      return "behind";
    }
    if (opened.outcome === "lost") {
      onLost();
      return "no";
    }
    const { delivery, isNew } = opened;
    this.#deliveryId = delivery.id;
    this.#remoteId = delivery.remoteId;
    if (isNew || delivery.remoteId !== null) return "open";
    // It may have been posted, by someone who could not write down its id.
    if (platform.reconcile === undefined) return "no";
    using limit = this.#calls.limit();
    const found = await untilAborted(platform.reconcile(delivery, limit.signal), limit.signal).catch(() => null);
    if (found?.outcome === "absent") return "open";
    if (found?.outcome !== "sent" || found.remoteId === null) return "no";
    this.#remoteId = found.remoteId;
    return (await this.#record(found.remoteId)) ? "open" : "no";
  }

  async #post(text: string): Promise<boolean> {
    const { platform, destination } = this.#deps;
    // Until it is answered nobody knows which message the whole has to be put into.
    const sent = await this.#calls.make(CALL_MS, (signal) => platform.streaming.post(destination, text, signal));
    if (sent.outcome === "sent" && sent.remoteId !== null) {
      this.#remoteId = sent.remoteId;
      this.#shown = text;
      if (!(await this.#record(sent.remoteId))) return false;
    }
    return sent.outcome !== "ambiguous" && this.#calls.conclude(sent);
  }

  async #edit(remoteId: string, text: string): Promise<boolean> {
    const { platform, destination } = this.#deps;
    const { streaming } = platform;
    const restMs = streaming.intervalMs(destination);
    const sent = await this.#calls.make(restMs, (signal) => streaming.edit(destination, remoteId, text, signal));
    if (sent.outcome === "sent") this.#shown = text;
    return this.#calls.conclude(sent);
  }

  /** Writes down the id, also when the turn is over: then the whole is put into this message all the same. */
  async #record(remoteId: string): Promise<boolean> {
    const { store, lease, onLost, onDue } = this.#deps;
    if (!this.#ended.signal.aborted) {
      const recorded = this.#calls.resting(CALL_MS, () => this.#insist(() => store.recordPost(lease, remoteId)));
      if ((await recorded) === "recorded") return true;
      if (!this.#ended.signal.aborted) onLost();
    }
    await this.#insist(() => store.recordLatePost(this.#deliveryId, remoteId));
    onDue();
    return false;
  }

  /** What has been posted is worth some patience with a store that cannot be written just now. */
  async #insist<T>(run: () => Promise<T>): Promise<T> {
    const { clock, onFault } = this.#deps;
    using limit = this.#calls.limit();
    return await insist(run, { clock, onFault, stop: limit.signal, leave: limit.signal });
  }

  async #mark(): Promise<void> {
    const { clock, firstPiece, signal } = this.#deps;
    if (this.#remoteId === null || this.#shown === null) return;
    const text = `${this.#shown}\n\n${STOPPED}`;
    // Where there is no room for the mark, nothing of what is seen goes for it.
    if (firstPiece(text) !== text) return;
    for (let tries = 0; tries < MARK_TRIES && this.#shown !== text; tries += 1) {
      await sleep(clock, Math.max(this.restMs, this.#calls.waitMs), signal);
      if (signal.aborted || !(await this.#edit(this.#remoteId, text))) return;
    }
  }
}
