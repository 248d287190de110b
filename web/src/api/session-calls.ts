/** The routes the page asks, each as a function. */
import { call } from "./call.ts";
import type { EntryView, ListedSession, QuestionView, SayAnswer, SearchHit, SessionView, Stats } from "./views.ts";

/** Where something is said: a person in a chat of the API. */
export interface Address {
  readonly chat: string;
  readonly from: string;
}

export interface SessionPage {
  readonly sessions: readonly ListedSession[];
  readonly nextCursor: string | null;
}

export interface HitPage {
  readonly hits: readonly SearchHit[];
  readonly nextCursor: string | null;
}

export function listSessions(limit: number, cursor: string | null): Promise<SessionPage> {
  return call("GET", `/api/sessions?${query({ glance: "true", limit, cursor })}`);
}

export function getSession(id: string): Promise<SessionView> {
  return call("GET", `/api/sessions/${encodeURIComponent(id)}`);
}

/** The session that a message would go to, draft or stored. */
export function getChatSession({ chat, from }: Address): Promise<SessionView> {
  return call("GET", `/api/chats/${encodeURIComponent(chat)}/session?${query({ from })}`);
}

/** The newest entries, oldest first. */
export async function newestEntries(session: string, limit: number): Promise<readonly EntryView[]> {
  return (await entries(session, { order: "newest", limit })).toReversed();
}

/** Entries behind one, oldest first. */
export function entriesAfter(session: string, after: number, limit: number): Promise<readonly EntryView[]> {
  return entries(session, { after, limit });
}

async function entries(session: string, wanted: Parameters): Promise<readonly EntryView[]> {
  const path = `/api/sessions/${encodeURIComponent(session)}/messages?${query(wanted)}`;
  return (await call<{ readonly messages: readonly EntryView[] }>("GET", path)).messages;
}

/** The question that waits for an answer in a session; null when none does. */
export async function openQuestion(session: string): Promise<QuestionView | null> {
  const path = `/api/sessions/${encodeURIComponent(session)}/question`;
  return (await call<{ readonly question: QuestionView | null }>("GET", path)).question;
}

export function answerQuestion(session: string, questionId: string, choice: string): Promise<unknown> {
  return call("POST", `/api/sessions/${encodeURIComponent(session)}/question`, { body: { questionId, choice } });
}

export function titleSession(id: string, title: string | null): Promise<SessionView> {
  return call("PATCH", `/api/sessions/${encodeURIComponent(id)}`, { body: { title } });
}

export function eraseSession(id: string): Promise<{ readonly messages: number }> {
  return call("DELETE", `/api/sessions/${encodeURIComponent(id)}`);
}

export function resetSession(id: string): Promise<{ readonly reset: boolean; readonly next: SessionView | null }> {
  return call("POST", `/api/sessions/${encodeURIComponent(id)}/reset`);
}

/** Says something. Sent again with its id, it starts nothing. */
export function say({ chat, from }: Address, id: string, text: string): Promise<SayAnswer> {
  return call("POST", `/api/chats/${encodeURIComponent(chat)}/messages`, { body: { from, id, text } });
}

/** Sends what is not a message. */
export function sendSignal({ chat, from }: Address, type: "ping" | "join"): Promise<SayAnswer> {
  return call("POST", `/api/chats/${encodeURIComponent(chat)}/messages`, { body: { from, type } });
}

export function searchEntries(q: string, cursor: string | null, signal: AbortSignal): Promise<HitPage> {
  return call("GET", `/api/search?${query({ q, limit: 30, cursor })}`, { signal });
}

export function getStats(): Promise<Stats> {
  return call("GET", "/api/stats");
}

/** The names of those who answer; the first one where the configuration names nobody else. */
export async function agentNames(): Promise<readonly string[]> {
  const { data } = await call<{ readonly data: readonly { readonly id: string }[] }>("GET", "/v1/models");
  return data.map(({ id }) => id);
}

/** Takes a code of `parlor open`, once. */
export function logIn(code: string): Promise<null> {
  return call("POST", "/api/page/login", { body: { code } });
}

type Parameters = Readonly<Record<string, string | number | null>>;

function query(parameters: Parameters): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== null);
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}
