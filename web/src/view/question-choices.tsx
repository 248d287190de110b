import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { failureText } from "../api/api-failure.ts";
import type { QuestionView } from "../api/views.ts";
import { chooseAnswer } from "../chat/talk.ts";
import type { Conversation } from "../chat/conversation.ts";

export interface QuestionChoicesProps {
  readonly conversation: Conversation;
  readonly question: QuestionView;
}

/** What can be answered to an open question: one of these, once. */
export function QuestionChoices({ conversation, question }: QuestionChoicesProps): VNode {
  const isSending = useSignal(false);
  const problem = useSignal<string | null>(null);
  const choose = async (choice: string): Promise<void> => {
    isSending.value = true;
    problem.value = null;
    try {
      await chooseAnswer(conversation, question, choice);
    } catch (error) {
      problem.value = failureText(error);
    }
    isSending.value = false;
  };
  return (
    <div class="choices" role="group" aria-label="Answer">
      {question.choices.map(({ id, label }) => (
        <button
          type="button"
          class="button"
          key={id}
          dir="auto"
          disabled={isSending.value}
          onClick={() => void choose(id)}
        >
          {label}
        </button>
      ))}
      {problem.value !== null && (
        <p class="fate dead" role="alert">
          {problem.value}
        </p>
      )}
    </div>
  );
}
