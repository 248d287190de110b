import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { unstoredReplies } from "../chat/live-replies.ts";
import { unstoredMessages } from "../chat/outgoing.ts";
import { firstSeq } from "../chat/transcript-window.ts";
import type { ConversationPaneProps } from "./conversation-pane.tsx";
import { Entries } from "./entries.tsx";
import { Icon } from "./icon.tsx";
import { OutgoingMessage } from "./outgoing-message.tsx";
import { useScrolling } from "./scrolling.ts";

/** What was said, then what is being said, then what is on its way. */
export function Transcript({ desk, conversation }: ConversationPaneProps): VNode {
  const { window, session, replies, outgoing, notes, isDraft, status, target } = conversation;
  const { entries, isAtEnd } = window.value;
  const box = useRef<HTMLDivElement>(null);
  const scrolling = useScrolling(box, conversation);
  const writing = isAtEnd ? unstoredReplies(replies.value, entries) : [];
  const sending = isAtEnd ? unstoredMessages(outgoing.value, entries) : [];
  const isWaiting =
    isAtEnd && writing.length === 0 && entries.some(({ state }) => state === "waiting" || state === "running");
  const isEmpty = entries.length === 0 && sending.length === 0 && writing.length === 0;
  useLayoutEffect(scrolling.settle);

  return (
    <div
      class="transcript"
      ref={box}
      onScroll={scrolling.look}
      tabIndex={0}
      role="log"
      aria-live="off"
      aria-label="What was said"
    >
      {firstSeq(window.value) > 1 && (
        <button type="button" class="button more" onClick={() => void scrolling.earlier()}>
          Earlier
        </button>
      )}
      {isEmpty && status.value.name === "ready" && isDraft.value && (
        <Welcome isMain={target.kind === "chat" && target.chat === "main"} agents={desk.agents.value} />
      )}
      <Entries
        entries={entries}
        writing={writing}
        highlighted={target.seq}
        isOwnPlatform={session.value?.source.platform === "api"}
        conversation={conversation}
      />
      {isWaiting && (
        <p class="thinking">
          <span class="unseen">Waiting for an answer</span>
          <i /> <i /> <i />
        </p>
      )}
      {sending.map((message) => (
        <OutgoingMessage key={message.id} conversation={conversation} message={message} />
      ))}
      {notes.value.map(({ id, said, reply }) => (
        <div class="note" key={id} role="status">
          {said !== "" && <code>{said}</code>}
          <p>{reply}</p>
        </div>
      ))}
      {!isAtEnd && (
        <button type="button" class="button more" onClick={() => void conversation.loadLater().catch(() => undefined)}>
          Later
        </button>
      )}
      {scrolling.isAway.value && (
        <button type="button" class="round to-end" aria-label="To the newest" onClick={() => void scrolling.toEnd()}>
          <Icon name="down" />
        </button>
      )}
    </div>
  );
}

function Welcome({ isMain, agents }: { readonly isMain: boolean; readonly agents: readonly string[] }): VNode {
  const [agent = null, ...others] = agents;
  return (
    <div class="welcome">
      <h2>{isMain ? "Say something" : "A new conversation"}</h2>
      <p>Nothing is stored until you do: no row, no trace. Your first word opens the session.</p>
      {agent !== null && (
        <p class="agent">
          <b>{agent}</b> answers
          {others.length > 0 && <>, unless a route of the configuration names {others.join(" or ")}</>}
          {agent === "echo" && others.length === 0 && (
            <>
              : it repeats what you say, until <code>PARLOR_MODEL</code> names a model
            </>
          )}
          .
        </p>
      )}
    </div>
  );
}
