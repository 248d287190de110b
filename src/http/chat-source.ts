import { createSource } from "../core/source.ts";
import type { Source } from "../core/source.ts";

/** The address of a person's conversation in a chat of the API. */
export function chatSource(chat: string, user: string, userName?: string): Source {
  return createSource({ platform: "api", chatType: "group", chat, user, userName });
}
