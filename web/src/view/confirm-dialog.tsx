import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

export interface ConfirmDialogProps {
  readonly question: string;
  readonly consequence: string;
  readonly verb: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before something that cannot be taken back. Escape is no. */
export function ConfirmDialog({ question, consequence, verb, onConfirm, onClose }: ConfirmDialogProps): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="confirm" aria-labelledby="confirm-question" onClose={onClose}>
      <h2 id="confirm-question">{question}</h2>
      <p>{consequence}</p>
      <div class="choices">
        <button type="button" class="button" onClick={() => dialog.current?.close()}>
          Keep it
        </button>
        <button
          type="button"
          class="button danger"
          onClick={() => {
            dialog.current?.close();
            onConfirm();
          }}
        >
          {verb}
        </button>
      </div>
    </dialog>
  );
}
