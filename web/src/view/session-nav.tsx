import type { VNode } from "preact";
import type { ListedSession } from "../api/views.ts";
import type { Desk } from "../desk.ts";
import { detailOf, headingOf } from "../list/session-words.ts";
import { isSameTarget, targetOf } from "../route/target.ts";
import { relativeTime } from "../text/relative-time.ts";
import { now } from "./now.ts";
import { walkLinks } from "./shortcuts.ts";
import { TargetLink } from "./target-link.tsx";

export function SessionNav({ desk }: { readonly desk: Desk }): VNode {
  const { list } = desk;
  const { target, isDraft } = desk.conversation.value;
  return (
    <nav class="list" aria-label="Sessions" onKeyDown={walkLinks}>
      <ul>
        {isDraft.value && (
          <li key="draft">
            <TargetLink desk={desk} target={target} class="row" isCurrent>
              <span class="row-meta">
                <span class="heading">New conversation</span>
              </span>
              <span class="state draft">Not stored yet</span>
            </TargetLink>
          </li>
        )}
        {list.sessions.value.map((session) => (
          <li key={session.id}>
            <Row desk={desk} session={session} />
          </li>
        ))}
      </ul>
      {list.nextCursor.value !== null && (
        <button type="button" class="button more" onClick={() => void list.loadMore()}>
          Older conversations
        </button>
      )}
      {list.isLoaded.value && list.sessions.value.length === 0 && (
        <p class="empty">Nothing is stored. A conversation appears here with its first word.</p>
      )}
      {list.problem.value !== null && <p class="empty">{list.problem.value}</p>}
    </nav>
  );
}

function Row({ desk, session }: { readonly desk: Desk; readonly session: ListedSession }): VNode {
  const { conversation } = desk;
  const target = targetOf(session);
  const isCurrent =
    isSameTarget(target, conversation.value.target) || conversation.value.session.value?.id === session.id;
  return (
    <TargetLink
      desk={desk}
      target={target}
      class={session.state === "ended" ? "row ended" : "row"}
      isCurrent={isCurrent}
    >
      <span class="row-meta">
        <span class="heading" dir="auto">
          {headingOf(session)}
        </span>
        {session.activeAt !== null && <time>{relativeTime(session.activeAt, now.value)}</time>}
      </span>
      <span class="row-meta">
        <span class="place" dir="auto">
          {detailOf(session)}
        </span>
        <State session={session} />
      </span>
    </TargetLink>
  );
}

function State({ session: { state, isBusy } }: { readonly session: ListedSession }): VNode | null {
  if (state === "ended") return <span class="state">Ended</span>;
  return isBusy ? <span class="state answering">Answering</span> : <span class="unseen">live</span>;
}
