/**
 * The code by which an operator lets in who wrote: `<id>-<8 characters>`, where the characters are a keyed
 * hash of the party and the hour. Nothing is remembered about a code that was given, so no number of
 * strangers can push out someone else's; without the installation's secret none can be made.
 *
 * What could mean something to a shell or a terminal stands in the id by its bytes, as in a URL: whoever
 * chooses their own id chooses nothing that the operator pastes.
 */
import { timingSafeEqual } from "node:crypto";
import { base32 } from "../lib/id.ts";
import { digest } from "./digest.ts";
import type { Party } from "./party.ts";
import { MAX_ID_LENGTH } from "./source.ts";

/** How long a code is good at least, in milliseconds; at most twice as long. */
export const PAIRING_WINDOW_MS = 3_600_000;

/** 40 bits. */
const CHECK_BYTES = 5;
const CHECK_LENGTH = 8;

/** The code that lets a party in, given out at `now`. */
export function pairingCode(secret: Uint8Array, party: Party, now: number): string {
  return `${encodeId(party.id)}-${checkOf(secret, party, windowAt(now))}`;
}

/** A code that was typed in. */
export interface TypedCode {
  readonly id: string;
  /** In upper case, with the digits that were meant by `O`, `I` and `L`. */
  readonly check: string;
}

/** Takes a code apart; null when it cannot be one. Upper and lower case are the same in the check. */
export function readPairingCode(text: string): TypedCode | null {
  const at = text.lastIndexOf("-");
  const id = decodeId(text.slice(0, Math.max(at, 0)));
  const check = text
    .slice(at + 1)
    .toUpperCase()
    .replaceAll("O", "0")
    .replaceAll(/[IL]/g, "1");
  if (id === null || !/^[0-9A-HJKMNP-TV-Z]{8}$/.test(check)) return null;
  return { id, check };
}

/** Whether the code was given to this party in this window of time or the one before. */
export function isCodeOf(secret: Uint8Array, party: Party, { check }: Pick<TypedCode, "check">, now: number): boolean {
  const window = windowAt(now);
  const given = Buffer.from(check.padEnd(CHECK_LENGTH).slice(0, CHECK_LENGTH));
  return [window, window - 1]
    .map((start) => timingSafeEqual(Buffer.from(checkOf(secret, party, start)), given))
    .includes(true);
}

function windowAt(now: number): number {
  return Math.floor(now / PAIRING_WINDOW_MS);
}

function checkOf(secret: Uint8Array, { platform, account, kind, id }: Party, window: number): string {
  const bytes = digest(secret, "pairing", platform, account, kind, id, String(window));
  return base32(bytes.subarray(0, CHECK_BYTES)).toUpperCase();
}

/** A leading dash would be taken for an option. */
function encodeId(id: string): string {
  return encodeURIComponent(id).replaceAll(/[!'()*~]|^-/g, hexByte);
}

function hexByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function decodeId(text: string): string | null {
  if (!/^(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})+$/.test(text)) return null;
  try {
    const id = decodeURIComponent(text);
    return id.length <= MAX_ID_LENGTH ? id : null;
  } catch {
    return null;
  }
}
