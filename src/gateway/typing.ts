import type { Destination } from "../core/delivery.ts";
import type { Clock } from "../lib/clock.ts";
import type { ChatPlatform } from "../platform/platform.ts";
import type { Live } from "../turn/live.ts";

export interface Typing {
  /** Shows where a message came from that its answer is being made, from the beginning of the turn to its end. */
  follow(sessionId: string, platform: Pick<ChatPlatform, "showTyping">, destination: Destination): void;
  /** Follows nothing any more. */
  stop(): void;
}

/** Platforms show it for about five seconds, in milliseconds. */
const AGAIN_MS = 4_500;
/** A turn that has not begun, or not ended, after this time is no longer followed, in milliseconds. */
const LONGEST_MS = 600_000;

export function createTyping({ live, clock }: { readonly live: Pick<Live, "listen">; readonly clock: Clock }): Typing {
  const followed = new Map<string, () => void>();
  return {
    follow: (sessionId, platform, destination) => {
      if (followed.has(sessionId)) return;
      let cancelTimer = (): void => {};
      let stopListening = (): void => {};
      const show = (): void => {
        cancelTimer();
        void platform.showTyping(destination);
        cancelTimer = clock.timer(AGAIN_MS, show);
      };
      const cancelLimit = clock.timer(LONGEST_MS, end);
      function end(): void {
        cancelTimer();
        cancelLimit();
        stopListening();
        followed.delete(sessionId);
      }
      followed.set(sessionId, end);
      stopListening = live.listen(sessionId, (part) => {
        if (part.type === "start") show();
        if (part.type === "end") end();
      });
    },
    stop: () => {
      for (const end of followed.values()) end();
    },
  };
}
