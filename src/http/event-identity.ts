import { hash } from "node:crypto";

/**
 * What makes an event the same one when it is sent again, in a form that fits whatever its sender chose.
 * A digest, because the ids of a sender and a message together are longer than the store takes.
 */
function identity(...parts: readonly string[]): string {
  return hash("sha256", JSON.stringify(parts), "base64url");
}

/** An id that a sender chose is the sender's own: nobody else's message can have the same identity. */
export function senderEventId(from: string, messageId: string): string {
  return identity("message", from, messageId);
}

/** The identity of a delivery; no sender can choose the same one. */
export function deliveryEventId(webhookId: string): string {
  return identity("delivery", webhookId);
}

/** The identity of one of the messages that a call brings under its `Idempotency-Key`; no message id is the same. */
export function keyedEventId(from: string, key: string, index: number): string {
  return identity("idempotency-key", from, key, String(index));
}

/** What a call says as a whole: one digest for all the messages it brings. */
export function batchDigest(parts: readonly string[]): string {
  return identity("batch", ...parts);
}

/** The conversation that a call opens when it names none: the same one when it is sent again. */
export function conversationOfKey(key: string): string {
  return identity("conversation", key);
}
