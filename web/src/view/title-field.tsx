import type { VNode } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./icon.tsx";
import { isComposing } from "./is-composing.ts";

export interface TitleFieldProps {
  readonly title: string | null;
  /** What is shown without a title. */
  readonly fallback: string;
  /** Null when it cannot be changed. An empty title is none. */
  readonly onChange: ((title: string | null) => void) | null;
}

const MAX_TITLE_LENGTH = 200;

/** The title, and the field it becomes. Enter or leaving the field saves, Escape leaves it as it was. */
export function TitleField({ title, fallback, onChange }: TitleFieldProps): VNode {
  const [isEditing, setEditing] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  /** Whether a key ended it: the button then gets the focus, and that the field loses it means nothing. */
  const isEndedByKey = useRef(false);
  useLayoutEffect(() => {
    if (isEditing) {
      isEndedByKey.current = false;
      field.current?.focus();
      field.current?.select();
    } else if (isEndedByKey.current) button.current?.focus();
  }, [isEditing]);

  if (onChange === null || !isEditing) {
    return (
      <h1 dir="auto" title={title ?? fallback}>
        <span class="title">{title ?? fallback}</span>
        {onChange !== null && (
          <button
            ref={button}
            type="button"
            class="quiet edit"
            aria-label="Change the title"
            onClick={() => setEditing(true)}
          >
            <Icon name="edit" />
          </button>
        )}
      </h1>
    );
  }

  const save = (given: string): void => {
    setEditing(false);
    const changed = given.replaceAll(/\s+/g, " ").trim() || null;
    if (changed !== title) onChange(changed);
  };
  const press = (event: KeyboardEvent & { readonly currentTarget: HTMLInputElement }): void => {
    if (isComposing(event) || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    event.stopPropagation();
    isEndedByKey.current = true;
    if (event.key === "Enter") save(event.currentTarget.value);
    else setEditing(false);
  };
  return (
    <h1>
      <input
        ref={field}
        class="title"
        type="text"
        dir="auto"
        aria-label="Title"
        placeholder="Title"
        maxLength={MAX_TITLE_LENGTH}
        defaultValue={title ?? ""}
        onKeyDown={press}
        onBlur={(event) => {
          if (!isEndedByKey.current) save(event.currentTarget.value);
        }}
      />
    </h1>
  );
}
