/**
 * The codes in the links that log a browser in. Each works once, for five minutes, in this process.
 *
 *     made ──taken──▶ (gone)
 *       └──five minutes, or 20 newer ones──▶ (gone)
 *
 * A code is found and forgotten in one step with nothing awaited between, so that of two requests that
 * bring the same one only the first gets in. At most 20 are alive; only their digests are kept.
 */
import { hash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "../lib/clock.ts";
import { createRateLimit } from "../lib/rate-limit.ts";

export interface LoginCodes {
  make(): LoginCode;
  /**
   * Uses up a code. A right one is let in however many wrong ones came before: 160 random bits are not
   * guessed, and so strangers cannot keep anyone out. Wrong ones beyond ten in a minute are `limited`.
   */
  take(code: string): "taken" | "wrong" | "limited";
}

export interface LoginCode {
  readonly code: string;
  readonly expiresAt: number;
}

const LIFE_MS = 5 * 60_000;
const MAX_ALIVE = 20;
const CODE_BYTES = 20;
const WRONG_PER_MINUTE = 10;
/** All wrong codes are of one kind, whoever sent them. */
const WRONG = "code";

export function createLoginCodes(clock: Clock): LoginCodes {
  let alive: readonly { readonly digest: Buffer; readonly madeAt: number }[] = [];
  const attempts = createRateLimit({ perMinute: WRONG_PER_MINUTE, clock });

  /** By the time of day, which goes on while the machine sleeps; a code of the future is of a clock that was set back. */
  const forgetOld = (): void => {
    const now = clock.now();
    alive = alive.filter(({ madeAt }) => madeAt <= now && now - madeAt < LIFE_MS);
  };
  const countWrong = (): "wrong" | "limited" => {
    if (attempts.waitMs(WRONG) > 0) return "limited";
    attempts.take(WRONG);
    return "wrong";
  };

  return {
    make: () => {
      forgetOld();
      const code = randomBytes(CODE_BYTES).toString("base64url");
      const madeAt = clock.now();
      alive = [...alive, { digest: digestOf(code), madeAt }].slice(-MAX_ALIVE);
      return { code, expiresAt: madeAt + LIFE_MS };
    },
    take: (code) => {
      forgetOld();
      const given = digestOf(code);
      const left = alive.filter(({ digest }) => !timingSafeEqual(digest, given));
      const isTaken = left.length < alive.length;
      alive = left;
      return isTaken ? "taken" : countWrong();
    },
  };
}

function digestOf(code: string): Buffer {
  return hash("sha256", code, "buffer");
}
