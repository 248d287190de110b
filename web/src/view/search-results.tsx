import type { VNode } from "preact";
import type { SearchHit } from "../api/views.ts";
import type { Desk } from "../desk.ts";
import { headingOf } from "../list/session-words.ts";
import { formatTarget } from "../route/target.ts";
import type { Target } from "../route/target.ts";
import { markedParts } from "../text/marked-parts.ts";
import { relativeTime } from "../text/relative-time.ts";
import { TargetLink } from "./target-link.tsx";
import { walkLinks } from "./shortcuts.ts";

const SAID_BY = { user: "Someone said", assistant: "The agent said", notice: "Parlor said" } as const;

export function SearchResults({ desk }: { readonly desk: Desk }): VNode {
  const { hits, nextCursor, problem } = desk.search;
  const found = hits.value;
  return (
    <section class="results" aria-label="Search results" onKeyDown={walkLinks}>
      <p class="count" role="status">
        {problem.value ?? (found === null ? "Searching…" : countText(found.length, nextCursor.value !== null))}
      </p>
      <ul>
        {found?.map((hit) => (
          <li key={`${hit.session} ${hit.seq}`}>
            <Hit desk={desk} hit={hit} />
          </li>
        ))}
      </ul>
      {nextCursor.value !== null && (
        <button type="button" class="button more" onClick={() => void desk.search.more()}>
          More
        </button>
      )}
    </section>
  );
}

function Hit({ desk, hit }: { readonly desk: Desk; readonly hit: SearchHit }): VNode {
  const target: Target = { kind: "session", id: hit.session, seq: hit.seq };
  const listed = desk.list.sessions.value.find(({ id }) => id === hit.session);
  return (
    <TargetLink desk={desk} target={target} class="hit" key={formatTarget(target)}>
      <span class="row-meta">
        <span class="heading">{listed === undefined ? SAID_BY[hit.role] : headingOf(listed)}</span>
        <time>{relativeTime(hit.createdAt, Date.now())}</time>
      </span>
      <span class="snippet" dir="auto">
        {markedParts(hit.snippet, hit.highlights).map(({ text, isMarked }) => (isMarked ? <mark>{text}</mark> : text))}
      </span>
    </TargetLink>
  );
}

function countText(count: number, hasMore: boolean): string {
  if (count === 0) return "Nothing was found.";
  if (hasMore) return `The newest ${count} places`;
  return count === 1 ? "1 place" : `${count} places`;
}
