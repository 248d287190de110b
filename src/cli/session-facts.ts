import type { Session } from "../core/session.ts";
import type { Source } from "../core/source.ts";
import { localMinute } from "./quantity.ts";

/** A stored session in a few lines. */
export function sessionFacts(session: Session): readonly (readonly [name: string, value: string])[] {
  const { id, title, source, startedAt, activeAt, lastSeq, usage } = session;
  return [
    ["Session", id],
    ["Title", title ?? "none"],
    ["State", stateOf(session)],
    ["Chat", chatOf(source)],
    ["Person", named(source.user, source.userName)],
    ["Started", startedAt === null ? "never" : localMinute(startedAt)],
    ["Active", activeAt === null ? "never" : localMinute(activeAt)],
    ["Entries", String(lastSeq)],
    ["Tokens", `${usage.inputTokens} in, ${usage.outputTokens} out`],
  ];
}

/** An id, and the name it is known under where that says more. */
export function named(id: string, name: string | null): string {
  return name === null || name === id ? id : `${id} (${name})`;
}

function stateOf({ endedAt, endReason, epoch, reset, pinnedAt }: Session): string {
  const state = endedAt === null ? "live" : `ended ${localMinute(endedAt)} (${endReason ?? "unknown"})`;
  const life = reset === null ? `life ${epoch}` : `life ${epoch}, after a reset (${reset.reason})`;
  return [state, life, ...(pinnedAt === null ? [] : ["pinned"])].join(", ");
}

function chatOf({ platform, account, chatType, chat, chatName, thread }: Source): string {
  return [
    `${platform}/${account}`,
    `${chatType} ${named(chat, chatName)}`,
    ...(thread === null ? [] : [`thread ${thread}`]),
  ].join(", ");
}
