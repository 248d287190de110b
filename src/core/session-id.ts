import { base32 } from "../lib/id.ts";
import { digest } from "./digest.ts";
import type { SessionKey } from "./session-key.ts";

/** The form of every session id: `ses_` and 26 characters of base 32. */
export const SESSION_ID_PATTERN: RegExp = /^ses_[0-9a-hjkmnp-tv-z]{26}$/;

/**
 * The id of one life of a key: a keyed hash of key and epoch under the installation's secret. It
 * needs no storage and is the same on every node and after every restart, so a draft already has the
 * id its row will have; without the secret it does not reveal the key.
 */
export function sessionId(secret: Uint8Array, key: SessionKey, epoch: number): string {
  return `ses_${base32(digest(secret, "session", key, String(epoch)))}`;
}
