/**
 * What of a reply stands on the screen, so that a connection that begins again adds only what is new.
 *
 * Invariant: what was handed out for the attempt that counts is what stands there, once.
 */
import { plainText } from "./plain-text.ts";

/** What to show next. `replace`: what stood there no longer counts, and this begins anew. */
export interface ShownPart {
  readonly kind: "append" | "replace";
  readonly text: string;
}

export interface ShownReply {
  /** An attempt begins, or begins to be heard again. */
  start(turn: string, attempt: number): void;
  text(text: string): ShownPart;
  /** What stands on the screen is a reply of its own; another one follows. */
  interrupted(): void;
  /** The reply as it is stored: what of it does not stand there yet. */
  end(reply: string): ShownPart;
}

export function createShownReply(): ShownReply {
  let attemptOf: string | null = null;
  /** What stands on the screen. */
  let shown = "";
  /** What this connection has said of the attempt; null once it has said everything that stands there. */
  let heard: string | null = null;
  let isStale = false;

  const replace = (text: string): ShownPart => {
    const kind = shown === "" ? "append" : "replace";
    [shown, heard, isStale] = [text, null, false];
    return { kind, text };
  };

  return {
    start: (turn, attempt) => {
      const begun = `${turn} ${attempt}`;
      if (attemptOf === begun) heard = "";
      else if (shown !== "") isStale = true;
      attemptOf = begun;
    },
    text: (text) => {
      if (isStale) return replace(text);
      if (heard === null) {
        shown += text;
        return { kind: "append", text };
      }
      heard += text;
      if (shown.startsWith(heard)) return { kind: "append", text: "" };
      if (!heard.startsWith(shown)) return replace(heard);
      const news = heard.slice(shown.length);
      [shown, heard] = [heard, null];
      return { kind: "append", text: news };
    },
    interrupted: () => {
      [attemptOf, shown, heard, isStale] = [null, "", null, false];
    },
    end: (reply) => {
      // The stored reply may have lost white space at its end that stands on the screen.
      const standing = reply.startsWith(shown) ? shown : shown.trimEnd();
      if (isStale || !reply.startsWith(standing)) return replace(reply);
      const rest = reply.slice(standing.length);
      shown = reply;
      return { kind: "append", text: rest.trim() === "" ? "" : rest };
    },
  };
}

/** Text that comes in pieces, as a terminal may show it: what only the next piece explains is kept back for it. */
export interface PlainStream {
  write(text: string): string;
  /** What was kept back last. */
  end(): string;
}

export function createPlainStream(): PlainStream {
  let kept = "";
  return {
    write: (text) => {
      const whole = kept + text;
      // A carriage return may be the first half of a line break, a high surrogate is the first half of a character.
      kept = /[\r\ud800-\udbff]$/.exec(whole)?.[0] ?? "";
      return plainText(whole.slice(0, whole.length - kept.length));
    },
    end: () => {
      const rest = plainText(kept);
      kept = "";
      return rest;
    },
  };
}
