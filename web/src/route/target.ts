/** What is open, as the fragment of the address says: it survives a reload and has a way back. */
import type { Address } from "../api/session-calls.ts";
import type { SessionView } from "../api/views.ts";

/** Whose page it is: everything on this interface is said by the operator. */
export const OPERATOR = "operator";

/** How the chats begin that this page makes. */
export const PAGE_CHAT = "page-";

export type Target =
  /** A conversation in a chat of the API, whichever life it is in. `seq`: look at this entry. */
  | ({ readonly kind: "chat"; readonly seq: number | null } & Address)
  /** One life of any conversation. */
  | { readonly kind: "session"; readonly id: string; readonly seq: number | null };

export const MAIN_CHAT: Target = { kind: "chat", chat: "main", from: OPERATOR, seq: null };

export function parseTarget(fragment: string): Target {
  const fields = new URLSearchParams(fragment.replace(/^#/, ""));
  const given = Number(fields.get("seq"));
  const seq = Number.isSafeInteger(given) && given > 0 ? given : null;
  const id = fields.get("session");
  if (id !== null && id !== "") return { kind: "session", id, seq };
  const chat = fields.get("chat");
  if (chat === null || chat === "") return { ...MAIN_CHAT, seq };
  return { kind: "chat", chat, from: fields.get("from") ?? OPERATOR, seq };
}

export function formatTarget(target: Target): string {
  const fields = new URLSearchParams();
  if (target.kind === "session") fields.set("session", target.id);
  else {
    fields.set("chat", target.chat);
    if (target.from !== OPERATOR) fields.set("from", target.from);
  }
  if (target.seq !== null) fields.set("seq", String(target.seq));
  return `#${fields.toString()}`;
}

/** Where a session is opened: one that can be talked in as its chat, so that later lives follow. */
export function targetOf({ id, state, source }: Pick<SessionView, "id" | "state" | "source">): Target {
  return source.platform === "api" && state !== "ended"
    ? { kind: "chat", chat: source.chat, from: source.user, seq: null }
    : { kind: "session", id, seq: null };
}

/** Whether both are the same conversation, wherever in it they look. */
export function isSameTarget(a: Target, b: Target): boolean {
  return formatTarget({ ...a, seq: null }) === formatTarget({ ...b, seq: null });
}

/** The one-time code of a link that `parlor open` printed; null without one. */
export function loginCode(fragment: string): string | null {
  return new URLSearchParams(fragment.replace(/^#/, "")).get("open");
}
