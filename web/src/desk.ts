/** The page as a whole: what is open, what is listed, and the connection they share. */
import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import { isSignedOut } from "./api/call.ts";
import { agentNames } from "./api/session-calls.ts";
import { newId } from "./api/new-id.ts";
import { openConversation } from "./chat/conversation.ts";
import type { Conversation } from "./chat/conversation.ts";
import type { Outgoing } from "./chat/outgoing.ts";
import { createSessionList } from "./list/session-list.ts";
import type { SessionList } from "./list/session-list.ts";
import { openFeed } from "./live/feed.ts";
import type { FeedState } from "./live/feed.ts";
import { createNumbers } from "./numbers/numbers.ts";
import type { Numbers } from "./numbers/numbers.ts";
import { OPERATOR, PAGE_CHAT, formatTarget, isSameTarget, parseTarget } from "./route/target.ts";
import type { Target } from "./route/target.ts";
import { createSearch } from "./search/search.ts";
import type { Search } from "./search/search.ts";

export type Drawer = "sessions" | "numbers" | null;

export interface Desk {
  readonly conversation: Signal<Conversation>;
  readonly list: SessionList;
  readonly numbers: Numbers;
  readonly search: Search;
  readonly connection: Signal<FeedState>;
  /** The names of who answers, the default one first; empty before they are known. */
  readonly agents: Signal<readonly string[]>;
  /** Which side is over the conversation, where there is no room beside it. */
  readonly drawer: Signal<Drawer>;
  /** What a screen reader is told. */
  readonly announcement: Signal<string>;
  open(target: Target): void;
  /** A chat that nobody has used: nothing is written before something is said in it. */
  openNew(): void;
}

/** Opens what the address names, and connects. */
export function openDesk(): Desk {
  const list = createSessionList();
  const numbers = createNumbers();
  const connection = signal<FeedState>("connecting");
  const agents = signal<readonly string[]>([]);
  const drawer = signal<Drawer>(null);
  const made = new Set<string>();
  const outgoings = new Map<string, Signal<readonly Outgoing[]>>();

  const show = (target: Target): Conversation => {
    const isNew = target.kind === "chat" && made.delete(target.chat);
    const name = formatTarget({ ...target, seq: null });
    const outgoing = outgoings.get(name) ?? signal<readonly Outgoing[]>([]);
    outgoings.set(name, outgoing);
    return openConversation(target, { isNew, outgoing, onMoved: replace });
  };
  const replace = (target: Target): void => {
    history.replaceState(null, "", formatTarget(target));
    follow();
  };
  const follow = (): void => {
    const target = parseTarget(location.hash);
    const current = conversation.value;
    drawer.value = null;
    if (isSameTarget(target, current.target) && target.seq === null && current.status.value.name !== "failed") return;
    current.close();
    if (current.target.kind === "chat" && current.session.value === null && current.outgoing.value.length === 0) {
      made.add(current.target.chat);
    }
    conversation.value = show(target);
  };
  const open = (target: Target): void => {
    const fragment = formatTarget(target);
    if (fragment !== location.hash) history.pushState(null, "", fragment);
    follow();
  };

  const conversation = signal(show(parseTarget(location.hash)));
  window.addEventListener("popstate", follow);
  const closeFeed = openFeed({
    path: "/api/events?replies=off",
    onEvent: (event) => {
      list.hear(event);
      numbers.hear(event);
      // A gateway that was started again may have others.
      if (event.name === "open") {
        void agentNames().then(
          (names) => (agents.value = names),
          () => undefined,
        );
      }
    },
    onState: (state) => (connection.value = state),
    // The stream cannot say why it was refused; a call finds out.
    onRefused: () => list.hear({ name: "open" }),
  });
  const closeAll = isSignedOut.subscribe((signedOut) => {
    if (!signedOut) return;
    closeFeed();
    conversation.value.close();
    closeAll();
  });

  return {
    conversation,
    list,
    numbers,
    search: createSearch(),
    connection,
    agents,
    drawer,
    announcement: signal(""),
    open,
    openNew() {
      const chat = `${PAGE_CHAT}${newId()}`;
      made.add(chat);
      open({ kind: "chat", chat, from: OPERATOR, seq: null });
    },
  };
}
