import type { Destination } from "../core/delivery.ts";
import type { Clock } from "../lib/clock.ts";
import type { ChatPlatform } from "../platform/platform.ts";
import type { Live } from "../turn/live.ts";

export interface Typing {
  /** Shows where a message came from that its answer is being made, from the beginning of its turn to the end. */
  follow(message: FollowedMessage, platform: Pick<ChatPlatform, "showTyping">, destination: Destination): void;
  /** Follows nothing any more. */
  stop(): void;
}

/** A message by its session and its number there. */
interface FollowedMessage {
  readonly id: string;
  readonly seq: number;
}

/** What is followed of a session. */
interface Followed {
  /** The newest message that is followed. */
  seq: number;
  end(): void;
}

/** Platforms show it for about five seconds, in milliseconds. */
const AGAIN_MS = 4_500;
/** What has not come to its end after this time is no longer followed, in milliseconds. */
const LONGEST_MS = 600_000;

export function createTyping({ live, clock }: { readonly live: Pick<Live, "listen">; readonly clock: Clock }): Typing {
  const sessions = new Map<string, Followed>();
  return {
    follow: ({ id, seq }, platform, destination) => {
      const before = sessions.get(id);
      if (before !== undefined) {
        before.seq = Math.max(before.seq, seq);
        return;
      }
      let cancelTimer = (): void => {};
      let stopListening = (): void => {};
      let running: { readonly turnId: string; readonly lastSeq: number } | null = null;
      const show = (): void => {
        cancelTimer();
        void platform.showTyping(destination);
        cancelTimer = clock.timer(AGAIN_MS, show);
      };
      const end = (): void => {
        cancelTimer();
        cancelLimit();
        stopListening();
        sessions.delete(id);
      };
      const cancelLimit = clock.timer(LONGEST_MS, end);
      const followed: Followed = { seq, end };
      sessions.set(id, followed);
      stopListening = live.listen(id, (part) => {
        if (part.type === "start") {
          running = { turnId: part.turnId, lastSeq: Math.max(...part.seqs) };
          show();
        }
        // The next turn may have begun already.
        if (part.type !== "end" || part.turnId !== running?.turnId) return;
        const isOver = running.lastSeq >= followed.seq || part.outcome === "cancelled" || part.outcome === "lost";
        // What was interrupted is answered by the turn that follows, as is what was said meanwhile.
        if (isOver && part.outcome !== "interrupted") end();
        else cancelTimer();
      });
    },
    stop: () => {
      for (const { end } of sessions.values()) end();
    },
  };
}
