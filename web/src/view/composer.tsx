import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { isSignedOut } from "../api/call.ts";
import type { Conversation } from "../chat/conversation.ts";
import { sendMessage, stopReply } from "../chat/talk.ts";
import { OPERATOR } from "../route/target.ts";
import { keepUnsent, unsentTexts } from "../unsent-text.ts";
import { Icon } from "./icon.tsx";
import { isComposing } from "./is-composing.ts";

const MAX_TEXT_LENGTH = 100_000;

export interface ComposerProps {
  readonly conversation: Conversation;
  /** Under which name the text that was not sent is kept. */
  readonly chat: string;
}

/** Where one writes. Enter sends, Shift and Enter begin a line; while an answer is written it can be stopped. */
export function Composer({ conversation, chat }: ComposerProps): VNode {
  const field = useRef<HTMLTextAreaElement>(null);
  const text = unsentTexts.value[chat] ?? "";
  const isTooLong = text.length > MAX_TEXT_LENGTH;
  const canSend = text.trim() !== "" && !isTooLong;
  const isBusy = conversation.isBusy.value;
  const isOwn = conversation.address?.from === OPERATOR;

  const send = async (): Promise<void> => {
    if (!canSend) return;
    keepUnsent(chat, "");
    field.current?.focus();
    await sendMessage(conversation, text, (refused) => {
      // What has been begun meanwhile is not written over.
      if ((unsentTexts.value[chat] ?? "") !== "") return false;
      keepUnsent(chat, refused);
      return true;
    });
    // For after the login.
    if (isSignedOut.value) keepUnsent(chat, text);
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return;
    event.preventDefault();
    void send();
  };
  const stop = async (): Promise<void> => {
    field.current?.focus();
    await stopReply(conversation).catch(() => conversation.reload());
  };
  // A finger did not ask for the keyboard.
  useEffect(() => {
    if (window.matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, []);

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <label class="unseen" for="message">
        Message
      </label>
      <textarea
        id="message"
        ref={field}
        dir="auto"
        rows={Math.min(8, text.split("\n").length)}
        placeholder={isOwn ? "Say something" : `Say something as ${conversation.address?.from ?? ""}`}
        aria-describedby="composer-keys"
        value={text}
        onInput={(event) => keepUnsent(chat, event.currentTarget.value)}
        onKeyDown={press}
      />
      {isBusy && (
        <button type="button" class="round stop" aria-label="Stop" title="Stop" onClick={() => void stop()}>
          <Icon name="stop" />
        </button>
      )}
      <button type="submit" class="round send" aria-label="Send" title="Send" disabled={!canSend}>
        <Icon name="send" />
      </button>
      {isTooLong ? (
        <p id="composer-keys" class="keys too-long" role="alert">
          A message may have {MAX_TEXT_LENGTH.toLocaleString("en")} characters; this one has{" "}
          {text.length.toLocaleString("en")}. Send it in parts.
        </p>
      ) : (
        <p id="composer-keys" class="keys">
          <kbd>Enter</kbd> sends, <kbd>Shift</kbd> <kbd>Enter</kbd> begins a line
        </p>
      )}
    </form>
  );
}
