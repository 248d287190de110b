/**
 * What turns on this node are saying right now, for whoever listens to a session or to all of them.
 * Nothing here is stored: what counts is what the store holds after the `end`.
 *
 * Invariants: a listener that joins in mid-turn first hears its `start`, the text so far and its open question;
 * one that throws is reported, hears nothing more, and disturbs neither the run nor the others; what is
 * kept for a session is gone when no turn of it runs and nobody listens.
 */
import type { Question } from "../core/question.ts";

export type LivePart =
  /** An attempt begins. What an earlier attempt of the turn has said no longer counts. */
  | { readonly type: "start"; readonly turnId: string; readonly attempt: number; readonly seqs: readonly number[] }
  | { readonly type: "text"; readonly turnId: string; readonly text: string }
  | {
      readonly type: "tool";
      readonly turnId: string;
      readonly index: number;
      readonly name: string;
      readonly state: "started" | "finished" | "failed";
    }
  /** It waits for a person to choose. */
  | { readonly type: "question"; readonly turnId: string; readonly question: LiveQuestion }
  /** It goes on with the id of the choice; null: nobody chose in time. */
  | { readonly type: "answer"; readonly turnId: string; readonly questionId: string; readonly choice: string | null }
  /** The attempt is over, and what came of it is stored. */
  | { readonly type: "end"; readonly turnId: string; readonly outcome: LiveOutcome };

export type LiveQuestion = Pick<Question, "id" | "text" | "choices" | "expiresAt">;

/**
 * `retrying`: another attempt follows. `interrupted`: a newer message has ended it, and another turn answers both;
 * what had been said is stored. `lost`: the session's life was ended, or another node has the turn.
 */
export type LiveOutcome = "done" | "retrying" | "dead" | "cancelled" | "interrupted" | "lost";

/** Hears parts one after the other; what takes time is for the listener to queue. */
export type LiveListener = (part: LivePart) => void;

/** Hears the parts of every session. */
export type LiveObserver = (sessionId: string, part: LivePart) => void;

export interface Live {
  /** Calls the listener with every part of the session; the returned function ends that. */
  listen(sessionId: string, listener: LiveListener): () => void;
  /** The same for every session: first what each turn that runs has said so far, then every part. */
  listenAll(observer: LiveObserver): () => void;
  publish(sessionId: string, part: LivePart): void;
}

interface Channel {
  readonly listeners: Set<LiveListener>;
  turn: { readonly start: LivePart; text: string; question: LivePart | null } | null;
}

export function createLive({ onFault }: { readonly onFault: (error: unknown) => void }): Live {
  const channels = new Map<string, Channel>();
  const observers = new Set<LiveObserver>();

  const open = (sessionId: string): Channel => {
    const channel = channels.get(sessionId) ?? { listeners: new Set(), turn: null };
    channels.set(sessionId, channel);
    return channel;
  };

  const closeUnused = (sessionId: string, channel: Channel): void => {
    if (channel.turn === null && channel.listeners.size === 0) channels.delete(sessionId);
  };

  const tell = (channel: Channel, listener: LiveListener, part: LivePart): void => {
    try {
      listener(part);
    } catch (error) {
      channel.listeners.delete(listener);
      onFault(error);
    }
  };

  const show = (observer: LiveObserver, sessionId: string, part: LivePart): void => {
    try {
      observer(sessionId, part);
    } catch (error) {
      observers.delete(observer);
      onFault(error);
    }
  };

  return {
    listen: (sessionId, listen) => {
      const channel = open(sessionId);
      // A function of its own, so that the same listener may listen twice.
      const listener: LiveListener = (part) => listen(part);
      channel.listeners.add(listener);
      for (const part of soFar(channel)) tell(channel, listener, part);
      return () => {
        channel.listeners.delete(listener);
        closeUnused(sessionId, channel);
      };
    },

    listenAll: (observe) => {
      const observer: LiveObserver = (sessionId, part) => observe(sessionId, part);
      observers.add(observer);
      // A copy: a turn that begins because of what is told here is told as it begins.
      for (const [sessionId, channel] of Array.from(channels)) {
        for (const part of soFar(channel)) if (observers.has(observer)) show(observer, sessionId, part);
      }
      return () => void observers.delete(observer);
    },

    publish: (sessionId, part) => {
      const channel = open(sessionId);
      if (part.type === "start") channel.turn = { start: part, text: "", question: null };
      else if (part.type === "end") {
        // The next turn may have begun already.
        if (channel.turn?.start.turnId === part.turnId) channel.turn = null;
      } else if (channel.turn !== null) hear(channel.turn, part);
      // A copy: who begins to listen now has been told already.
      for (const listener of Array.from(channel.listeners)) tell(channel, listener, part);
      for (const observer of Array.from(observers)) show(observer, sessionId, part);
      closeUnused(sessionId, channel);
    },
  };
}

/** What a running turn has said, as parts. */
function soFar({ turn }: Channel): readonly LivePart[] {
  if (turn === null) return [];
  const { start, text, question } = turn;
  return [
    start,
    ...(text === "" ? [] : [{ type: "text", turnId: start.turnId, text } as const]),
    ...(question === null ? [] : [question]),
  ];
}

function hear(turn: NonNullable<Channel["turn"]>, part: LivePart): void {
  if (part.type === "text") turn.text += part.text;
  else if (part.type === "question") turn.question = part;
  else if (part.type === "answer") turn.question = null;
}
