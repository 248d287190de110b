import { inspect } from "node:util";

/** A secret that no log, template, JSON or debugger prints: only `reveal()` gives it away. */
export interface Secret {
  reveal(): string;
  toString(): string;
  toJSON(): string;
}

const HIDDEN = "[secret]";
const known = new WeakSet<object>();

/** Wraps a secret; the value lives in a closure, so there is no property to print. */
export function createSecret(value: string): Secret {
  const secret = {
    reveal: () => value,
    toString: () => HIDDEN,
    toJSON: () => HIDDEN,
    [inspect.custom]: () => HIDDEN,
  };
  known.add(secret);
  return Object.freeze(secret);
}

export function isSecret(value: unknown): value is Secret {
  return typeof value === "object" && value !== null && known.has(value);
}
