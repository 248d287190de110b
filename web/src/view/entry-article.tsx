import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { EntryView } from "../api/views.ts";
import { ReplyText } from "./reply-text.tsx";

export interface EntryArticleProps {
  readonly entry: EntryView;
  /** Whether the operator said it. */
  readonly isMine: boolean;
  readonly isHighlighted: boolean;
  readonly hasName: boolean;
}

const SPEAKERS = { user: "You", assistant: "Agent", notice: "Parlor" } as const;

/** What is worth saying of the state of a message. */
const STATES: Readonly<Partial<Record<EntryView["state"], string>>> = {
  waiting: "Waiting",
  cancelled: "Stopped. It was not answered.",
  dead: "It could not be answered.",
  overheard: "Overheard",
  erased: "Erased",
};

export function EntryArticle({ entry, isMine, isHighlighted, hasName }: EntryArticleProps): VNode {
  const { role, text, state, sender, attachments } = entry;
  const speaker = role === "user" && sender !== null && !isMine ? (sender.name ?? sender.id) : SPEAKERS[role];
  const said = STATES[state];
  return (
    <article class={`entry ${role}${isHighlighted ? " highlighted" : ""}`} data-seq={entry.seq} data-state={state}>
      <h3 class={hasName && role === "user" && !isMine ? "speaker" : "unseen"} dir="auto">
        {speaker}
      </h3>
      {role === "assistant" ? <ReplyText text={text} /> : <PlainText text={text} />}
      {attachments.map(({ url, name }) => (
        <p class="attachment" key={url}>
          {name ?? url}
        </p>
      ))}
      {said !== undefined && <p class={`fate ${state}`}>{said}</p>}
      {entry.follows !== null && <p class="fate interrupted">A newer message interrupted this answer.</p>}
      {state === "dead" && entry.reason !== null && <p class="fate reason">{entry.reason}</p>}
    </article>
  );
}

/** How much of a long text is shown before it is asked for. */
const FOLD = 3_000;

/** What a person said, character for character. */
function PlainText({ text }: { readonly text: string }): VNode {
  const [isOpen, setOpen] = useState(text.length <= FOLD + 500);
  return (
    <>
      <p class="words" dir="auto">
        {isOpen ? text : `${text.slice(0, FOLD)}…`}
      </p>
      {!isOpen && (
        <button type="button" class="link" onClick={() => setOpen(true)}>
          Show all {text.length.toLocaleString("en")} characters
        </button>
      )}
    </>
  );
}
