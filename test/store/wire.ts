/** What passes between a test and the store it drives in another process. */
import { draftSession, storedSession, type SessionFields } from "../../src/core/session.ts";
import { type ErrorCode, errorMessage, ParlorError } from "../../src/core/errors.ts";
import type { StoreCall } from "../../src/testing/forwarding-store.ts";
import type { PlacedStoreOptions } from "../../src/testing/open-store.ts";

export type Request = { readonly id: number; readonly handle: number; readonly now: number | null } & (
  | { readonly kind: "open"; readonly options: Omit<PlacedStoreOptions, "clock"> }
  | { readonly kind: "call"; readonly call: StoreCall }
  | { readonly kind: "close" }
);

export type Answer = { readonly id: number } & (
  | { readonly value: unknown }
  | { readonly fault: { readonly code: ErrorCode | null; readonly retryable: boolean; readonly message: string } }
);

/** A copy that keeps what serialising loses: whether a session is stored is not an own property of it. */
export function toWire(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(toWire);
  if (value instanceof Map) return { $map: [...value].map(toWire) };
  const fields = Object.fromEntries(Object.entries(value).map(([name, field]) => [name, toWire(field)]));
  return "persisted" in value && !Object.hasOwn(value, "persisted")
    ? { $session: fields, stored: value.persisted }
    : fields;
}

export function fromWire(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(fromWire);
  if ("$map" in value) return new Map(fromWire(value.$map) as [unknown, unknown][]);
  if ("$session" in value && "stored" in value) {
    const fields = value.$session as SessionFields;
    return value.stored === true ? storedSession(fields) : draftSession(fields);
  }
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, fromWire(field)]));
}

export function faultOf(error: unknown): Extract<Answer, { fault: unknown }>["fault"] {
  const known = error instanceof ParlorError;
  return { code: known ? error.code : null, retryable: known && error.retryable, message: errorMessage(error) };
}

export function errorOf({ code, retryable, message }: ReturnType<typeof faultOf>): Error {
  return code === null ? new Error(message) : new ParlorError(code, message, { retryable });
}
