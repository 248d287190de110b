import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { unstoredReplies } from "../chat/live-replies.ts";
import type { Conversation } from "../chat/conversation.ts";
import type { Desk } from "../desk.ts";
import { Composer } from "./composer.tsx";
import { ConversationHeader } from "./conversation-header.tsx";
import { OutgoingMessage } from "./outgoing-message.tsx";
import { ReadOnlyNote } from "./read-only-note.tsx";
import { Transcript } from "./transcript.tsx";

export interface ConversationPaneProps {
  readonly desk: Desk;
  readonly conversation: Conversation;
}

export function ConversationPane({ desk, conversation }: ConversationPaneProps): VNode {
  const { address, status, outgoing } = conversation;
  useAnnouncements(desk, conversation);
  return (
    <main class="conversation" inert={desk.drawer.value !== null}>
      <ConversationHeader desk={desk} conversation={conversation} />
      {desk.connection.value === "lost" && (
        <p class="lost" role="status">
          No connection to the gateway. Trying again…
        </p>
      )}
      {status.value.name === "failed" ? (
        <div class="transcript">
          <p class="trouble" role="alert">
            {status.value.problem}
          </p>
          {outgoing.value.map((message) => (
            <OutgoingMessage key={message.id} conversation={conversation} message={message} />
          ))}
        </div>
      ) : (
        <Transcript desk={desk} conversation={conversation} />
      )}
      {address === null ? (
        <ReadOnlyNote desk={desk} conversation={conversation} />
      ) : (
        <Composer conversation={conversation} chat={`${address.chat} ${address.from}`} />
      )}
    </main>
  );
}

/** Tells a screen reader that an answer is being written, and then, once, what it was. */
function useAnnouncements({ announcement }: Desk, { replies, window, status }: Conversation): void {
  const told = useRef<number | null>(null);
  const { entries } = window.value;
  const isWriting = unstoredReplies(replies.value, entries).length > 0;
  const last = entries.findLast(({ role }) => role !== "user");
  const isReady = status.value.name === "ready";
  useEffect(() => {
    if (isWriting) announcement.value = "An answer is being written.";
  }, [isWriting]);
  useEffect(() => {
    if (!isReady) return;
    if (told.current !== null && last !== undefined && last.seq > told.current) announcement.value = last.text;
    told.current = last?.seq ?? 0;
  }, [isReady, last?.seq]);
}
