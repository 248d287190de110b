import type { VNode } from "preact";
import type { Desk } from "../desk.ts";
import { Icon } from "./icon.tsx";
import { SearchBox } from "./search-box.tsx";
import { SearchResults } from "./search-results.tsx";
import { SessionNav } from "./session-nav.tsx";

const CONNECTIONS = { connecting: "Connecting…", live: "Live", lost: "Reconnecting…", paused: "Paused" } as const;

export function Sidebar({ desk }: { readonly desk: Desk }): VNode {
  const { connection, drawer, search } = desk;
  return (
    <aside class="sessions" aria-label="Conversations" inert={drawer.value === "numbers"}>
      <div class="brand">
        <span class="wordmark">Parlor</span>
        <span class="connection" data-state={connection.value} role="status">
          {CONNECTIONS[connection.value]}
        </span>
        <button
          type="button"
          class="quiet close-drawer"
          aria-label="Close the list"
          onClick={() => (drawer.value = null)}
        >
          <Icon name="close" />
        </button>
      </div>
      <button type="button" class="button new" onClick={desk.openNew}>
        <Icon name="new" />
        New conversation
      </button>
      <SearchBox search={search} />
      {search.text.value.trim() === "" ? <SessionNav desk={desk} /> : <SearchResults desk={desk} />}
    </aside>
  );
}
