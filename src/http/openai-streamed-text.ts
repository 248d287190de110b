/**
 * What a client has been given of a reply that is still coming about. It cannot be taken back, so it only
 * ever grows: an attempt that follows another one is passed on from where it goes beyond what was
 * streamed, and no further once it says something else. A client that does not keep up is given no more
 * until the end, and then the rest.
 *
 * Invariants: what was streamed has no gap; every piece is well-formed text, as the store keeps it.
 */
import { storableText } from "../core/message.ts";
import type { ReplyListener } from "./openai-reply.ts";

export interface StreamedText extends ReplyListener {
  /** What is left to stream of the whole reply; null when it does not begin with what was streamed. */
  rest(whole: string): string | null;
}

/** `offer` streams a piece, or answers false when there is no room for it. */
export function createStreamedText(offer: (piece: string) => boolean): StreamedText {
  let streamed = "";
  /** How much of the running attempt has been heard, and whether it is still what was streamed. */
  let heard = 0;
  let follows = true;
  /** The first half of a character whose second half comes with the next piece. */
  let half = "";

  return {
    begin: () => {
      heard = 0;
      follows = true;
      half = "";
    },
    hear: (text) => {
      if (!follows) return;
      const joined = half + text;
      half = /[\uD800-\uDBFF]$/.exec(joined)?.[0] ?? "";
      const piece = storableText(joined.slice(0, joined.length - half.length));
      const known = piece.slice(0, Math.max(0, streamed.length - heard));
      const fresh = piece.slice(known.length);
      follows = streamed.startsWith(known, heard) && (fresh === "" || offer(fresh));
      if (!follows) return;
      heard += piece.length;
      streamed += fresh;
    },
    rest: (whole) => (whole.startsWith(streamed) ? whole.slice(streamed.length) : null),
  };
}
