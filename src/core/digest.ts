import { createHmac } from "node:crypto";

/** A keyed hash of some parts, no two lists of which run together: 128 bits that reveal nothing without the secret. */
export function digest(secret: Uint8Array, ...parts: readonly (string | null)[]): Uint8Array {
  return createHmac("sha256", secret).update(JSON.stringify(parts)).digest().subarray(0, 16);
}
