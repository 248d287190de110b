import type { VNode } from "preact";
import { OPERATOR } from "../route/target.ts";
import { platformName } from "../list/session-words.ts";
import type { ConversationPaneProps } from "./conversation-pane.tsx";

/** Stands where one would write, and says why one cannot. */
export function ReadOnlyNote({ desk, conversation }: ConversationPaneProps): VNode | null {
  const session = conversation.session.value;
  if (session === null) return null;
  const { platform, chat, user } = session.source;
  if (platform !== "api") {
    return (
      <p class="read-only">
        This conversation takes place on {platformName(platform)}. Here it can be read, not joined.
      </p>
    );
  }
  const goOn = (): void => desk.open({ kind: "chat", chat, from: user, seq: null });
  return (
    <p class="read-only">
      This conversation has ended.{" "}
      <button type="button" class="link" onClick={goOn}>
        {user === OPERATOR ? "Go on in the same chat" : `Go on in the chat of ${user}`}
      </button>
    </p>
  );
}
