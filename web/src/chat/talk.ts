/** What a person does in a conversation. */
import { failureText, ApiFailure } from "../api/api-failure.ts";
import { newId } from "../api/new-id.ts";
import { answerQuestion, say } from "../api/session-calls.ts";
import type { QuestionView, SayAnswer } from "../api/views.ts";
import type { Conversation } from "./conversation.ts";
import { rememberSaid } from "./last-said.ts";
import { withState } from "./outgoing.ts";
import { lastSeq } from "./transcript-window.ts";

/**
 * Sends a message, or a command. It never rejects: what failed stays in sight. What there is no room for is said, and
 * handed to `giveBack` if that takes it.
 */
export async function sendMessage(
  conversation: Conversation,
  text: string,
  giveBack: (text: string) => boolean = () => false,
): Promise<void> {
  const id = newId();
  const { notes, outgoing, session, window } = conversation;
  const afterSeq = Math.max(lastSeq(window.value), session.value?.lastSeq ?? 0);
  notes.value = [];
  outgoing.value = [...outgoing.value, { id, text, afterSeq, state: { name: "sending" } }];
  void conversation.toEnd().catch(() => undefined);
  await deliver(conversation, id, text);
  const state = outgoing.value.find((message) => message.id === id)?.state;
  if (state?.name !== "failed" || !state.isRefusedForNow || !giveBack(text)) return;
  takeBack(conversation, id);
  notes.value = [...notes.value, { id, said: "", reply: `Not sent. ${state.problem}` }];
}

/** Sends what failed again: with its id, so that it is not stored twice if it had arrived after all. */
export async function sendAgain(conversation: Conversation, id: string): Promise<void> {
  const { outgoing } = conversation;
  const message = outgoing.value.find((other) => other.id === id);
  if (message?.state.name !== "failed") return;
  outgoing.value = withState(outgoing.value, id, { name: "sending" });
  await deliver(conversation, id, message.text);
}

/** Takes what failed back; its text. */
export function takeBack({ outgoing }: Conversation, id: string): string {
  const text = outgoing.value.find((message) => message.id === id)?.text ?? "";
  outgoing.value = outgoing.value.filter((message) => message.id !== id);
  return text;
}

/** Ends the reply that is being written, and drops what waits. */
export async function stopReply(conversation: Conversation): Promise<void> {
  const { address } = conversation;
  if (address === null) return;
  await say(address, newId(), "/stop");
  await conversation.reload();
}

/** Answers a question of the agent. Rejects when that did not succeed. */
export async function chooseAnswer(conversation: Conversation, question: QuestionView, choice: string): Promise<void> {
  const id = conversation.session.value?.id;
  if (id === undefined) return;
  try {
    await answerQuestion(id, question.id, choice);
  } finally {
    // It may have been answered elsewhere meanwhile.
    await conversation.reload();
  }
}

/** By what is on its way in a conversation, the end of the line: two requests at once could overtake each other. */
const lines = new WeakMap<Conversation["outgoing"], Promise<void>>();

function deliver(conversation: Conversation, id: string, text: string): Promise<void> {
  const { outgoing } = conversation;
  const delivered = (lines.get(outgoing) ?? Promise.resolve()).then(() => send(conversation, id, text));
  lines.set(outgoing, delivered);
  return delivered;
}

async function send(conversation: Conversation, id: string, text: string): Promise<void> {
  const { address, outgoing } = conversation;
  if (address === null) return;
  let answer: SayAnswer;
  try {
    answer = await say(address, id, text);
  } catch (error) {
    const [isPassing, isRefusedForNow] =
      error instanceof ApiFailure ? [error.isPassing, error.isRefusedForNow] : [false, false];
    const problem = failureText(error);
    outgoing.value = withState(outgoing.value, id, { name: "failed", problem, isPassing, isRefusedForNow });
    return;
  }
  if ("session" in answer) {
    const { session, seq } = answer;
    outgoing.value = withState(outgoing.value, id, { name: "stored", session, seq });
    rememberSaid({ ...address, id, text });
    void conversation.reload();
    return;
  }
  outgoing.value = outgoing.value.filter((message) => message.id !== id);
  const reply = "reply" in answer ? answer.reply : "There was nothing to read in it. Nothing was stored.";
  if (reply !== null) conversation.notes.value = [...conversation.notes.value, { id, said: text, reply }];
  void conversation.reload();
}
