import type { MessageState } from "../core/message.ts";

/** What a gateway sends in answer to one message, in this order; see `docs/reference/http.md`. */
export type ChatEvent =
  /** The message is stored; a reply follows. */
  | { readonly type: "accepted"; readonly session: string; readonly seq: number }
  /** An attempt begins. What an earlier one has said no longer counts. */
  | { readonly type: "start"; readonly turn: string; readonly attempt: number }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "tool"; readonly name: string; readonly state: string }
  /** A newer message has ended it; what was said stands, and an answer to both follows. */
  | { readonly type: "interrupted"; readonly turn: string }
  /** The agent waits for a choice. */
  | {
      readonly type: "question";
      readonly id: string;
      readonly text: string;
      readonly choices: readonly { readonly id: string; readonly label: string }[];
    }
  /** It goes on, with a choice or without one. */
  | { readonly type: "answer"; readonly questionId: string; readonly choice: string | null }
  /** The whole reply, as it is stored; null when there is none. */
  | { readonly type: "end"; readonly state: MessageState; readonly reply: string | null }
  /** It was no message: what a command says. Nothing follows. */
  | { readonly type: "command"; readonly reply: string };

/** An event of the stream by its name and data; null for one that this version does not know. */
export function readChatEvent(name: string | undefined, data: string): ChatEvent | null {
  const fields = JSON.parse(data) as Readonly<Record<string, never>>;
  switch (name) {
    case "accepted":
    case "start":
    case "text":
    case "tool":
    case "question":
    case "answer":
    case "interrupted":
    case "end":
      return { ...(fields as object), type: name } as ChatEvent;
    default:
      return null;
  }
}
