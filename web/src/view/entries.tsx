import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import type { EntryView } from "../api/views.ts";
import type { Conversation } from "../chat/conversation.ts";
import type { LiveReplies } from "../chat/live-replies.ts";
import { inReadingOrder } from "../chat/transcript-window.ts";
import { OPERATOR } from "../route/target.ts";
import { EntryArticle } from "./entry-article.tsx";
import { LiveReplyView } from "./live-reply.tsx";
import { QuestionChoices } from "./question-choices.tsx";

export interface EntriesProps {
  readonly entries: readonly EntryView[];
  /** Replies that are being written, shown behind what they answer. */
  readonly writing: LiveReplies;
  /** The number of the entry that was looked for. */
  readonly highlighted: number | null;
  /** Whether the operator's own words can be among them. */
  readonly isOwnPlatform: boolean;
  readonly conversation: Conversation;
}

/** After how long a silence the time is told again. */
const SILENCE_MS = 3_600_000;

/** Entries, with the time where a while has passed, and those of one voice close together. */
export function Entries({ entries, writing, highlighted, isOwnPlatform, conversation }: EntriesProps): VNode {
  const question = conversation.question.value;
  const ordered = useMemo(() => inReadingOrder(entries), [entries]);
  // The same elements as long as nothing is stored: a word of a reply costs the same in a long conversation.
  const items = useMemo(
    () =>
      ordered.map((entry, index) => {
        const choices =
          question?.seq === entry.seq ? <QuestionChoices conversation={conversation} question={question} /> : null;
        return item(entry, ordered[index - 1], highlighted, isOwnPlatform, choices);
      }),
    [ordered, highlighted, isOwnPlatform, conversation, question],
  );
  const answered = new Set(writing.flatMap(({ seqs }) => seqs));
  const lastAnswered = ordered.findLastIndex(({ seq }) => answered.has(seq));
  const at = lastAnswered === -1 ? items.length : lastAnswered + 1;
  return (
    <ol class="entries">
      {[
        ...items.slice(0, at),
        ...writing.map((reply) => (
          <li key={reply.turnId}>
            <LiveReplyView reply={reply} />
          </li>
        )),
        ...items.slice(at),
      ]}
    </ol>
  );
}

function item(
  entry: EntryView,
  before: EntryView | undefined,
  highlighted: number | null,
  isOwnPlatform: boolean,
  choices: VNode | null,
): VNode {
  const isJoined = isSameVoice(before, entry);
  return (
    <li key={entry.seq} class={isJoined ? "joined" : undefined}>
      {(before === undefined || entry.createdAt - before.createdAt > SILENCE_MS) && (
        <time class="moment" dateTime={new Date(entry.createdAt).toISOString()}>
          {momentText(entry.createdAt)}
        </time>
      )}
      <EntryArticle
        entry={entry}
        isMine={isOwnPlatform && entry.role === "user" && entry.sender?.id === OPERATOR}
        isHighlighted={entry.seq === highlighted}
        hasName={!isJoined}
      />
      {choices}
    </li>
  );
}

function isSameVoice(before: EntryView | undefined, { role, sender }: EntryView): boolean {
  return before !== undefined && before.role === role && before.sender?.id === sender?.id;
}

function momentText(at: number): string {
  const isToday = new Date(at).toDateString() === new Date().toDateString();
  const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" }).format(at);
  if (isToday) return `Today, ${time}`;
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(at);
}
