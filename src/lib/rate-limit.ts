/**
 * How often someone may do something: a bucket for each key that holds as many tokens as a minute allows
 * and fills evenly.
 *
 *     full ──take──▶ filling ──take──▶ empty ──refuse──▶ told
 *       ▲               └────time────────┘                 │
 *       └──────────────────time────────────────────────────┘  (untold again when half full)
 *
 * A key that has not been seen is a full bucket, so forgetting one is at worst a kindness; the ones that
 * were used longest ago are forgotten, and no number of keys costs more than `MOST_KEYS` buckets.
 */
import type { Clock } from "./clock.ts";
import { createRecent } from "./recent.ts";

const MINUTE_MS = 60_000;
const MOST_KEYS = 10_000;

export interface RateLimit {
  /** How long until the key has a token, in milliseconds; 0 when it has one. Takes none. */
  waitMs(key: string): number;
  take(key: string): void;
  /** Whether this refusal is the first since the bucket was half full: the one to speak of. */
  isFirstRefusal(key: string): boolean;
}

interface Bucket {
  readonly tokens: number;
  /** On the monotonic clock. */
  readonly at: number;
  readonly told: boolean;
}

export function createRateLimit({
  perMinute,
  clock,
}: {
  readonly perMinute: number;
  readonly clock: Clock;
}): RateLimit {
  const msPerToken = MINUTE_MS / perMinute;
  const enough = Math.max(1, perMinute / 2);
  const buckets = createRecent<Bucket>(MOST_KEYS);

  const bucketNow = (key: string): Bucket => {
    const at = clock.monotonic();
    const bucket = buckets.get(key);
    if (bucket === undefined) return { tokens: perMinute, at, told: false };
    const tokens = Math.min(perMinute, bucket.tokens + (at - bucket.at) / msPerToken);
    return { tokens, at, told: bucket.told && tokens < enough };
  };

  return {
    waitMs: (key) => Math.max(0, Math.ceil((1 - bucketNow(key).tokens) * msPerToken)),
    take: (key) => {
      const bucket = bucketNow(key);
      buckets.set(key, { ...bucket, tokens: bucket.tokens - 1 });
    },
    isFirstRefusal: (key) => {
      const bucket = bucketNow(key);
      buckets.set(key, { ...bucket, told: true });
      return !bucket.told;
    },
  };
}
