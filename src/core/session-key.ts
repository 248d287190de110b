import type { Source } from "./source.ts";

declare const brand: unique symbol;

/** The address of a conversation: two sources talk in the same conversation exactly when their keys are equal. */
export type SessionKey = string & { readonly [brand]: "SessionKey" };

/** Who shares a conversation. A direct message is always the person's own. */
export interface Scope {
  /** In a group or channel: a conversation for each person (default), or one for all. */
  readonly group: "person" | "shared";
  /** In a thread: one for all (default), or one for each person. */
  readonly thread: "shared" | "person";
}

export const DEFAULT_SCOPE: Scope = { group: "person", thread: "shared" };

/**
 * The key of a source. Injective: sources that differ in platform, account, chat type, chat, thread
 * or (where the scope is per person) user have different keys, whatever characters the parts hold,
 * because JSON quotes every one of them.
 */
export function sessionKey(source: Source, scope: Scope = DEFAULT_SCOPE): SessionKey {
  const { platform, account, chatType, chat, thread } = source;
  const person = isPerPerson(source, scope) ? source.user : null;
  return JSON.stringify([platform, account, chatType, chat, thread, person]) as SessionKey;
}

function isPerPerson(source: Source, scope: Scope): boolean {
  switch (source.chatType) {
    case "dm":
      return true;
    case "thread":
      return scope.thread === "person";
    case "group":
    case "channel":
      return scope.group === "person";
  }
}
