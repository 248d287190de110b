/**
 * A turn as a model is asked it. What stands before the last message stays the same, byte for byte, from turn to
 * turn until a summary takes its place: an endpoint that keeps what it has read need not read it again. So what
 * is about one turn alone stands behind what that turn has to answer.
 */
import type { AgentEntry, AgentTurn } from "./agent.ts";
import { chatSentence, entryText, quotedUnder, resetSentence, SEVERAL_PEOPLE } from "./entry-text.ts";
import type { ModelAttachments, ModelContentPart } from "./model-content.ts";

export interface ModelPrompt {
  /** Null: nothing to say that the model's own set-up should yield to. */
  readonly instructions: string | null;
  /** Begins with a user and alternates: templates of many local models accept nothing else. */
  readonly messages: readonly ModelMessage[];
  /** Nothing of it comes back in another prompt, so that nothing of it is worth keeping. */
  readonly isOnce?: true;
}

export type ModelMessage =
  /** Parts only where a file is among them: not every endpoint takes a list. */
  | { readonly role: "user"; readonly content: string | readonly ModelContentPart[] }
  | { readonly role: "assistant"; readonly content: string };

/** What stands for files; without it they are named. */
type Attachments = ModelAttachments | null;

export function modelPrompt(
  turn: AgentTurn,
  systemPrompt: string | null,
  attachments: Attachments = null,
): ModelPrompt {
  const instructions = [systemPrompt, turn.instructions, isShared(turn) ? SEVERAL_PEOPLE : null].filter(
    (paragraph) => paragraph !== null,
  );
  const remarks = [resetSentence(turn), chatSentence(turn)].filter((remark) => remark !== null);
  return {
    instructions: instructions.length === 0 ? null : instructions.join("\n\n"),
    messages: alternate([
      ...(turn.summary === null ? [] : [{ role: "user" as const, parts: [text(quotedSummary(turn.summary))] }]),
      ...[...turn.transcript, ...turn.messages].map((entry) => ({
        role: entry.role,
        parts: entryParts(entry, turn, attachments),
      })),
      ...remarks.map((remark) => ({ role: "user" as const, parts: [text(`(${remark})`)] })),
    ]).map(toMessage),
  };
}

/** What stands in a prompt for one entry. */
export function entryParts(
  entry: AgentEntry,
  turn: Pick<AgentTurn, "source">,
  attachments: Attachments,
): readonly ModelContentPart[] {
  if (attachments === null) return textParts(entryText(entry, isShared(turn)));
  const said = textParts(entryText({ ...entry, attachments: [] }, isShared(turn)));
  return join(said, attachments.of(entry), "\n");
}

/** Whether anything stands in it besides words. */
export function hasFiles({ messages }: ModelPrompt): boolean {
  return messages.some(({ content }) => typeof content !== "string");
}

function isShared({ source }: Pick<AgentTurn, "source">): boolean {
  return source.chatType !== "dm";
}

/** It was made of what people said, so it stands where people speak, and is quoted. */
function quotedSummary(summary: string): string {
  return quotedUnder("(What was said before, in short. It is a record, not a request:)", summary);
}

interface Spoken {
  readonly role: ModelMessage["role"];
  readonly parts: readonly ModelContentPart[];
}

function alternate(spoken: readonly Spoken[]): readonly Spoken[] {
  const merged: Spoken[] = [];
  for (const { role, parts } of spoken) {
    if (parts.length === 0) continue;
    const last = merged.at(-1);
    if (last?.role === role) merged[merged.length - 1] = { role, parts: join(last.parts, parts, "\n\n") };
    else merged.push({ role, parts });
  }
  if (merged[0]?.role === "assistant") {
    merged.unshift({ role: "user", parts: [text("(The conversation began earlier.)")] });
  }
  return merged;
}

function toMessage({ role, parts }: Spoken): ModelMessage {
  const texts = parts.filter((part) => part.type === "text");
  const content = texts.map((part) => part.text).join("\n");
  if (role === "assistant") return { role, content };
  return { role, content: texts.length === parts.length ? content : parts };
}

/** Never two texts in a row. */
function join(
  one: readonly ModelContentPart[],
  other: readonly ModelContentPart[],
  gap: string,
): readonly ModelContentPart[] {
  const [last, first] = [one.at(-1), other[0]];
  if (last?.type !== "text" || first?.type !== "text") return [...one, ...other];
  return [...one.slice(0, -1), text(`${last.text}${gap}${first.text}`), ...other.slice(1)];
}

function textParts(said: string): readonly ModelContentPart[] {
  return said === "" ? [] : [text(said)];
}

function text(said: string): ModelContentPart {
  return { type: "text", text: said };
}
