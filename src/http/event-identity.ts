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
