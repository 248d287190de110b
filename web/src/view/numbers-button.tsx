import type { VNode } from "preact";
import type { Desk } from "../desk.ts";

/** The two numbers where there is no room for the panel; opens it. */
export function NumbersButton({ desk }: { readonly desk: Desk }): VNode {
  const stats = desk.numbers.stats.value;
  const rows = stats?.sessions ?? 0;
  const avoided = stats?.emptySessionsAvoided ?? 0;
  return (
    <button
      type="button"
      class="open-numbers"
      aria-label={`Numbers: ${rows} rows, ${avoided} empty sessions avoided`}
      aria-expanded={desk.drawer.value === "numbers"}
      onClick={() => (desk.drawer.value = "numbers")}
    >
      <span>
        <b>{rows}</b> rows
      </span>
      <span class="avoided">
        <b>{avoided}</b> avoided
      </span>
    </button>
  );
}
