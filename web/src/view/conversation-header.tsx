import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { failureText } from "../api/api-failure.ts";
import type { SessionView } from "../api/views.ts";
import type { TranscriptWindow } from "../chat/transcript-window.ts";
import { eraseSession, resetSession, titleSession } from "../api/session-calls.ts";
import { newId } from "../api/new-id.ts";
import { firstWords, placeOf } from "../list/session-words.ts";
import { MAIN_CHAT } from "../route/target.ts";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import type { ConversationPaneProps } from "./conversation-pane.tsx";
import { Icon } from "./icon.tsx";
import { NumbersButton } from "./numbers-button.tsx";
import { TitleField } from "./title-field.tsx";

/** What the conversation is, and what can be done with it as a whole. */
export function ConversationHeader({ desk, conversation }: ConversationPaneProps): VNode {
  const { session, window, isDraft, notes } = conversation;
  /** The session that is asked about: another one may have taken its place before the answer. */
  const [erasing, setErasing] = useState<string | null>(null);
  const found = session.value;
  const stored = found === null || found.state === "draft" ? null : found;
  const name = stored === null ? (isDraft.value ? "New conversation" : "") : nameOf(stored, window.value);
  const shownName = stored?.title ?? name;
  useEffect(() => {
    document.title = shownName === "" ? "Parlor" : `${shownName.slice(0, 60)} · Parlor`;
  }, [shownName]);
  const attempt = async (act: () => Promise<unknown>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      notes.value = [{ id: newId(), said: "", reply: failureText(error) }];
    }
  };

  const startOver = (id: string): Promise<void> =>
    attempt(async () => {
      await resetSession(id);
      await conversation.reload();
      notes.value = [{ id: newId(), said: "", reply: "A new conversation. The one before stays in the list." }];
      focusComposer();
    });
  const erase = (id: string): Promise<void> =>
    attempt(async () => {
      await eraseSession(id);
      if (conversation.address === null) desk.open(MAIN_CHAT);
      else await conversation.reload();
      focusComposer();
    });
  const rename = (id: string, title: string | null): Promise<void> =>
    attempt(async () => {
      session.value = await titleSession(id, title);
    });

  return (
    <header class="about">
      <button
        type="button"
        class="quiet open-sessions"
        aria-label="Conversations"
        aria-expanded={desk.drawer.value === "sessions"}
        onClick={() => (desk.drawer.value = "sessions")}
      >
        <Icon name="menu" />
      </button>
      <div class="what">
        <TitleField
          key={stored?.id}
          title={stored?.title ?? null}
          fallback={name}
          onChange={stored === null ? null : (title) => void rename(stored.id, title)}
        />
        <p class="facts">
          {isDraft.value && <span class="state draft">Not stored yet</span>}
          {stored !== null && (
            <>
              <span>{placeOf(stored)}</span>
              <span>
                {stored.state === "ended" ? "ended" : stored.lastSeq === 1 ? "1 entry" : `${stored.lastSeq} entries`}
              </span>
            </>
          )}
        </p>
      </div>
      <NumbersButton desk={desk} />
      {stored !== null && (
        <div class="actions">
          {stored.state === "live" && (
            <button
              type="button"
              class="quiet"
              aria-label="Start over"
              title="Start over: the next message begins a new conversation"
              onClick={() => void startOver(stored.id)}
            >
              <Icon name="startOver" />
            </button>
          )}
          <button
            type="button"
            class="quiet"
            aria-label="Delete"
            title="Delete everything said here"
            onClick={() => setErasing(stored.id)}
          >
            <Icon name="erase" />
          </button>
        </div>
      )}
      {stored !== null && stored.id === erasing && (
        <ConfirmDialog
          question="Delete this conversation?"
          consequence={`${stored.lastSeq === 1 ? "Its one entry is" : `All ${stored.lastSeq} entries are`} erased from the store and from the search. This cannot be taken back.`}
          verb="Delete"
          onClose={() => setErasing(null)}
          onConfirm={() => void erase(stored.id)}
        />
      )}
    </header>
  );
}

function focusComposer(): void {
  document.querySelector<HTMLElement>(".composer textarea")?.focus();
}

/** What stands where a title would: how the conversation began. */
function nameOf(session: SessionView, { entries }: TranscriptWindow): string {
  const [first] = entries;
  return first?.seq === 1 ? firstWords(first.text) || placeOf(session) : placeOf(session);
}
