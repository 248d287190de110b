/**
 * Every session there is, the most recently active first, kept up to date by the stream of all events.
 * An event says that something changed; what it is now is loaded. After a connection was lost all that
 * was loaded is loaded again.
 */
import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import { ApiFailure, failureText } from "../api/api-failure.ts";
import { listSessions } from "../api/session-calls.ts";
import type { ListedSession } from "../api/views.ts";
import type { FeedEvent } from "../live/feed-event.ts";
import { createReloader } from "../live/reloader.ts";
import { withFirstPage, withSession, withSessions, withoutSession } from "./merge-sessions.ts";

export interface SessionList {
  readonly sessions: Signal<readonly ListedSession[]>;
  /** Null when everything is loaded. */
  readonly nextCursor: Signal<string | null>;
  readonly isLoaded: Signal<boolean>;
  /** Why the last load failed; null when it did not. */
  readonly problem: Signal<string | null>;
  loadMore(): Promise<void>;
  hear(event: FeedEvent): void;
}

const PAGE = 40;
const LARGEST_PAGE = 200;

export function createSessionList(): SessionList {
  const sessions = signal<readonly ListedSession[]>([]);
  const nextCursor = signal<string | null>(null);
  const isLoaded = signal(false);
  const problem = signal<string | null>(null);
  const failed = (error: unknown): boolean => {
    problem.value = failureText(error);
    return error instanceof ApiFailure && error.isPassing && document.visibilityState === "visible";
  };

  const loadAll = async (): Promise<void> => {
    const wanted = Math.max(PAGE, sessions.value.length);
    const loaded: ListedSession[] = [];
    let cursor: string | null = null;
    do {
      const page = await listSessions(Math.min(LARGEST_PAGE, wanted - loaded.length), cursor);
      loaded.push(...page.sessions);
      cursor = page.nextCursor;
    } while (cursor !== null && loaded.length < wanted);
    sessions.value = withSessions([], loaded);
    nextCursor.value = cursor;
    isLoaded.value = true;
    problem.value = null;
  };

  const loadNewest = async (): Promise<void> => {
    // What is in sight, so that nothing in it stays as it was.
    const page = await listSessions(Math.min(LARGEST_PAGE, Math.max(PAGE, sessions.value.length)), null);
    sessions.value = withFirstPage(sessions.value, page.sessions, page.nextCursor === null);
    if (!isLoaded.value || page.nextCursor === null) nextCursor.value = page.nextCursor;
    isLoaded.value = true;
    problem.value = null;
  };

  const all = createReloader({ load: loadAll, onFault: failed });
  const newest = createReloader({ load: loadNewest, onFault: failed });

  return {
    sessions,
    nextCursor,
    isLoaded,
    problem,
    async loadMore() {
      const cursor = nextCursor.value;
      if (cursor === null) return;
      try {
        const page = await listSessions(PAGE, cursor);
        sessions.value = withSessions(sessions.value, page.sessions);
        nextCursor.value = page.nextCursor;
      } catch (error) {
        failed(error);
      }
    },
    hear(event) {
      if (event.name === "open" || event.name === "gap") return void all.again();
      if (event.name.startsWith("reply:")) return;
      if ("session" in event) {
        sessions.value =
          event.session === null
            ? withoutSession(sessions.value, event.sessionId)
            : withSession(sessions.value, event.session);
      }
      void newest.again();
    },
  };
}
