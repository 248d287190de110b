/** The list of sessions, put together from pages and from what events tell. */
import type { ListedSession, SessionView } from "../api/views.ts";

/** With the sessions of a page, which know better. */
export function withSessions(list: readonly ListedSession[], page: readonly ListedSession[]): readonly ListedSession[] {
  const ids = new Set(page.map(({ id }) => id));
  return sorted([...page, ...list.filter(({ id }) => !ids.has(id))]);
}

/** With the first page: what belongs on it and is not there does not exist any more. */
export function withFirstPage(
  list: readonly ListedSession[],
  page: readonly ListedSession[],
  isAll: boolean,
): readonly ListedSession[] {
  const oldest = page.at(-1)?.activeAt ?? 0;
  return isAll
    ? sorted(page)
    : withSessions(
        list.filter(({ activeAt }) => (activeAt ?? 0) <= oldest),
        page,
      );
}

/** With what an event says of a session that is listed. One that is not comes with the next page that is loaded. */
export function withSession(list: readonly ListedSession[], session: SessionView): readonly ListedSession[] {
  return sorted(list.map((listed) => (listed.id === session.id ? { ...listed, ...session } : listed)));
}

export function withoutSession(list: readonly ListedSession[], id: string): readonly ListedSession[] {
  return list.filter((listed) => listed.id !== id);
}

/** The most recently active first, like the pages. */
function sorted(list: readonly ListedSession[]): readonly ListedSession[] {
  return list.toSorted((a, b) => (b.activeAt ?? 0) - (a.activeAt ?? 0) || (a.id < b.id ? 1 : -1));
}
