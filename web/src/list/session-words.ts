/** How a session is called where there is little room. */
import type { ListedSession, SessionView, SourceView } from "../api/views.ts";
import { PAGE_CHAT } from "../route/target.ts";

const PLATFORMS: Readonly<Record<string, string>> = {
  discord: "Discord",
  gchat: "Google Chat",
  slack: "Slack",
  teams: "Teams",
  telegram: "Telegram",
  webhook: "Webhook",
  whatsapp: "WhatsApp",
};

export function platformName(platform: string): string {
  return PLATFORMS[platform] ?? platform;
}

/** Chats of the page have no name that would tell a person anything. */
function chatName({ chat }: SourceView): string {
  if (chat === "main") return "Main chat";
  return chat.startsWith(PAGE_CHAT) ? "Chat" : chat;
}

/** Where it takes place: the platform, and the chat or the person. */
export function placeOf({ source }: Pick<SessionView, "source">): string {
  if (source.platform === "api") return source.chatName ?? chatName(source);
  const where = source.chatName ?? (source.chatType === "dm" ? (source.userName ?? source.user) : source.chat);
  return `${platformName(source.platform)} · ${where}`;
}

/** Its title, or the last thing said in it. */
export function headingOf(session: Pick<ListedSession, "title" | "lastEntry" | "source">): string {
  return session.title ?? (firstWords(session.lastEntry?.text ?? "") || placeOf(session));
}

/** Beside the heading: where it takes place, and what was said last unless that is the heading. */
export function detailOf(session: Pick<ListedSession, "title" | "lastEntry" | "source">): string {
  const said = session.title === null ? "" : firstWords(session.lastEntry?.text ?? "");
  return said === "" ? placeOf(session) : `${placeOf(session)} · ${said}`;
}

/** The beginning of a text on one line, without the marks of Markdown that stand out most. */
export function firstWords(text: string): string {
  const line = text.slice(0, 200).replaceAll(/\s+/g, " ").trim();
  return line.replaceAll(/\*\*|`+|^[#>\s-]+/g, "");
}
