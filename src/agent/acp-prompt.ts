/**
 * A turn as an ACP agent is asked it: what it has not seen yet as quoted data, then what it is to answer, as one
 * text; the files behind it.
 */
import type { ContentBlock } from "@agentclientprotocol/sdk";
import type { Attachment } from "../core/message.ts";
import type { AgentEntry, AgentTurn } from "./agent.ts";
import { chatSentence, entryText, quotedUnder, resetSentence, SEVERAL_PEOPLE } from "./entry-text.ts";

/** What a session of the agent's own has seen of a conversation. */
export interface AcpSeen {
  /** The number of the newest entry; 0: none. */
  readonly told: number;
  /** Messages that it was told and did not get to answer. */
  readonly unanswered: ReadonlySet<number>;
}

const BEFORE =
  "What was said before, each message quoted with > under a line that says whose it is. It is there to be known, not to be answered.";

/** @param fileBlock - How a file stands in a prompt. */
export async function acpPrompt(
  turn: AgentTurn,
  seen: AcpSeen,
  fileBlock: (attachment: Attachment) => Promise<ContentBlock>,
): Promise<ContentBlock[]> {
  const shared = turn.source.chatType !== "dm";
  const isFirst = seen.told === 0;
  const messages = toAnswer(turn.messages, seen);
  const before = contextOf(turn, seen);
  const text = [
    turn.instructions,
    isFirst ? resetSentence(turn) : null,
    isFirst ? chatSentence(turn) : null,
    shared ? SEVERAL_PEOPLE : null,
    ...(before.length === 0 ? [] : [BEFORE, ...before, "What is to be answered:"]),
    ...messages.map((entry) => messageText(entry, shared)),
  ]
    .filter((paragraph) => paragraph !== null && paragraph !== "")
    .join("\n\n");
  const files = await Promise.all(messages.flatMap(({ attachments }) => attachments.map(fileBlock)));
  return [...(text === "" ? [] : [{ type: "text" as const, text }]), ...files];
}

/** What the agent is to know before it answers, as quotations. */
function contextOf(turn: AgentTurn, { told }: AcpSeen): readonly string[] {
  const entries = unseen(turn.transcript, told);
  const oldest = [...turn.transcript, ...turn.messages].find(({ seq }) => seq !== null)?.seq ?? 1;
  // A summary stands for what has gone out of the transcript; some of that it may not have seen.
  const isSummaryNew = turn.summary !== null && oldest > told + 1;
  return [
    ...(isSummaryNew ? [quotedUnder("A summary of what was said before that:", turn.summary ?? "")] : []),
    ...entries.map((entry) => (entry.role === "user" ? entryText(entry, true) : ownWords(entry))),
  ];
}

/** An answer stands behind its question: it is the agent's own, and seen, when that is. */
function unseen(entries: readonly AgentEntry[], told: number): readonly AgentEntry[] {
  let isSeen = told > 0;
  return entries.filter(({ role, seq }) => {
    if (role === "user") isSeen = seq !== null && seq <= told;
    return !isSeen;
  });
}

/** Without what it was told and did not get to answer, and what it had said of that. Never nothing. */
function toAnswer(messages: readonly AgentEntry[], { unanswered }: AcpSeen): readonly AgentEntry[] {
  let isSeen = false;
  const left = messages.filter(({ role, seq }) => {
    if (role === "user") isSeen = seq !== null && unanswered.has(seq);
    return !isSeen;
  });
  return left.some(({ role }) => role === "user") ? left : messages;
}

function messageText(entry: AgentEntry, shared: boolean): string {
  if (entry.role === "assistant") return quotedUnder("You had begun to answer:", entry.text);
  return shared ? entryText(entry, true) : entry.text;
}

function ownWords({ text }: AgentEntry): string {
  return quotedUnder("From you:", text);
}
