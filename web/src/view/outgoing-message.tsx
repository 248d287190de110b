import type { VNode } from "preact";
import type { Conversation } from "../chat/conversation.ts";
import type { Outgoing } from "../chat/outgoing.ts";
import { sendAgain, takeBack } from "../chat/talk.ts";
import { keepUnsent } from "../unsent-text.ts";

export interface OutgoingMessageProps {
  readonly conversation: Conversation;
  readonly message: Outgoing;
}

/** A message that is not in the transcript yet, or could not be sent. */
export function OutgoingMessage({ conversation, message }: OutgoingMessageProps): VNode {
  const { id, text, state } = message;
  const edit = (): void => {
    const { address } = conversation;
    if (address !== null) keepUnsent(`${address.chat} ${address.from}`, takeBack(conversation, id));
    document.querySelector<HTMLElement>(".composer textarea")?.focus();
  };
  return (
    <article class="entry user outgoing" data-state={state.name}>
      <h3 class="unseen">You</h3>
      <p class="words" dir="auto">
        {text}
      </p>
      {state.name === "failed" && (
        <div class="failure" role="alert">
          <p>Not sent. {state.problem}</p>
          {state.isPassing && (
            <button type="button" class="link" onClick={() => void sendAgain(conversation, id)}>
              Send again
            </button>
          )}
          <button type="button" class="link" onClick={edit}>
            Edit
          </button>
        </div>
      )}
    </article>
  );
}
