import type { VNode } from "preact";
import type { Search } from "../search/search.ts";
import { Icon } from "./icon.tsx";
import { isComposing } from "./is-composing.ts";

export function SearchBox({ search }: { readonly search: Search }): VNode {
  const press = (event: KeyboardEvent): void => {
    if (isComposing(event)) return;
    if (event.key === "Escape") {
      // A first Escape empties the field, the next one leaves it.
      if (search.text.value === "") (event.currentTarget as HTMLElement).blur();
      else search.clear();
      event.stopPropagation();
    } else if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      document.querySelector<HTMLElement>(".sessions nav a[href], .results a[href]")?.focus();
    }
  };
  return (
    <search class="search">
      <label>
        <span class="unseen">Search everything that was said</span>
        <Icon name="search" />
        <input
          type="search"
          placeholder="Search"
          autocomplete="off"
          spellcheck={false}
          maxLength={1000}
          value={search.text.value}
          onInput={(event) => search.ask(event.currentTarget.value)}
          onKeyDown={press}
        />
        <kbd aria-hidden="true">/</kbd>
      </label>
    </search>
  );
}
