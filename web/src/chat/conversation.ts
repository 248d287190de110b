/**
 * One open conversation: what was said, what is being said, and what is on its way.
 *
 * Whatever happens to it is a reason to load it again; nothing that an event says is shown but the words
 * of a reply while they come. So a lost event loses nothing, and one that comes twice doubles nothing.
 */
import { batch, computed, signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import { ApiFailure, failureText } from "../api/api-failure.ts";
import { entriesAfter, getChatSession, getSession, newestEntries, openQuestion } from "../api/session-calls.ts";
import type { Address } from "../api/session-calls.ts";
import type { QuestionView, SessionView } from "../api/views.ts";
import { openFeed } from "../live/feed.ts";
import type { FeedEvent, ReplyEvent } from "../live/feed-event.ts";
import { createFrameQueue } from "../live/frame-queue.ts";
import { createReloader } from "../live/reloader.ts";
import { targetOf } from "../route/target.ts";
import type { Target } from "../route/target.ts";
import { applyReply, dropSettled, settleAll } from "./live-replies.ts";
import type { LiveReplies } from "./live-replies.ts";
import { dropStored } from "./outgoing.ts";
import type { Outgoing } from "./outgoing.ts";
import {
  EMPTY_WINDOW,
  WINDOW_STEP,
  earlierPage,
  lastSeq,
  withLater,
  withNewest,
  withPage,
} from "./transcript-window.ts";
import type { TranscriptWindow } from "./transcript-window.ts";

/** What was answered to a command: shown here only, stored nowhere. */
export interface Note {
  readonly id: string;
  readonly said: string;
  readonly reply: string;
}

export type ConversationStatus =
  | { readonly name: "loading" | "ready" }
  /** It cannot be shown; `problem` says why. */
  | { readonly name: "failed"; readonly problem: string };

export interface Conversation {
  readonly target: Target;
  /** Where one talks in it; null when it can only be read. */
  readonly address: Address | null;
  readonly status: Signal<ConversationStatus>;
  /** Null before it is known, and while nothing was said in a chat that this page made. */
  readonly session: Signal<SessionView | null>;
  readonly window: Signal<TranscriptWindow>;
  readonly replies: Signal<LiveReplies>;
  /** What the agent waits to be answered. */
  readonly question: Signal<QuestionView | null>;
  readonly outgoing: Signal<readonly Outgoing[]>;
  readonly notes: Signal<readonly Note[]>;
  readonly isDraft: ReadonlySignal<boolean>;
  /** Whether a message waits for its answer or is being answered. */
  readonly isBusy: ReadonlySignal<boolean>;
  reload(): Promise<void>;
  loadEarlier(): Promise<void>;
  loadLater(): Promise<void>;
  /** Leaves the place in the transcript for its end. */
  toEnd(): Promise<void>;
  close(): void;
}

export interface ConversationOptions {
  /** Whether this page made the chat just now: the gateway then need not be asked about it. */
  readonly isNew: boolean;
  /** What is on its way in it: this outlives that the conversation is looked at. */
  readonly outgoing: Signal<readonly Outgoing[]>;
  /** Called when a session turns out to be one that is opened otherwise. */
  readonly onMoved: (target: Target) => void;
}

export function openConversation(target: Target, options: ConversationOptions): Conversation {
  const { isNew, outgoing, onMoved } = options;
  const address = target.kind === "chat" ? { chat: target.chat, from: target.from } : null;
  const status = signal<ConversationStatus>({ name: isNew ? "ready" : "loading" });
  const session = signal<SessionView | null>(null);
  const window = signal(EMPTY_WINDOW);
  const replies = signal<LiveReplies>([]);
  const question = signal<QuestionView | null>(null);
  const notes = signal<readonly Note[]>([]);
  let isUnsaid = isNew;
  let isClosed = false;
  let anchor = target.seq;

  const find = async (): Promise<SessionView> => {
    if (address !== null) return getChatSession(address);
    return getSession(target.kind === "session" ? target.id : "");
  };

  /** What was read, as a change of what is held by then: older entries may come in meanwhile. */
  const read = async ({ id, state }: SessionView): Promise<(held: TranscriptWindow) => TranscriptWindow> => {
    if (state === "draft") return () => EMPTY_WINDOW;
    const held = session.value?.id === id ? window.value : EMPTY_WINDOW;
    if (anchor !== null && held.entries.length === 0) {
      const page = await entriesAfter(id, Math.max(0, anchor - WINDOW_STEP / 2), WINDOW_STEP);
      if (page.length > 0) return () => withLater(EMPTY_WINDOW, page);
    }
    if (!held.isAtEnd) return (later) => later;
    const newest = await newestEntries(id, WINDOW_STEP);
    return (later) => (later.isAtEnd ? withNewest(later, newest) : later);
  };

  const load = async (): Promise<void> => {
    if (isUnsaid && outgoing.value.length === 0) return;
    const asked = replies.value;
    const found = await find();
    if (isClosed) return;
    if (target.kind === "session") {
      const better = targetOf(found);
      if (better.kind === "chat") return onMoved({ ...better, seq: target.seq });
    }
    const change = await read(found);
    const held = session.value?.id === found.id ? window.value : EMPTY_WINDOW;
    const isRunning = change(held).entries.some(({ state }) => state === "running");
    const asks = isRunning ? await openQuestion(found.id) : null;
    batch(() => {
      question.value = asks;
      const isSameLife = session.value?.id === found.id;
      if (!isSameLife && session.value !== null) anchor = null;
      const loaded = change(isSameLife ? window.value : EMPTY_WINDOW);
      session.value = found;
      window.value = loaded;
      replies.value = dropSettled(replies.value, asked, loaded.entries);
      if (loaded.isAtEnd) outgoing.value = dropStored(outgoing.value, found.id, lastSeq(loaded));
      status.value = { name: "ready" };
    });
  };

  const reloader = createReloader({
    load,
    onFault: (error) => {
      const isPassing = error instanceof ApiFailure && error.isPassing;
      // What is shown stays in sight while the gateway does not answer.
      if (!isPassing || status.value.name === "loading") status.value = { name: "failed", problem: failureText(error) };
      return isPassing && !isClosed && document.visibilityState === "visible";
    },
  });

  const parts = createFrameQueue<ReplyEvent>((heard) => {
    replies.value = heard.reduce(applyReply, replies.value);
  });
  const hear = (event: FeedEvent): void => {
    if (event.name !== "reply:text" && event.name !== "reply:tool") parts.flush();
    switch (event.name) {
      case "open":
      case "gap":
        replies.value = settleAll(replies.value);
        break;
      case "reply:text":
      case "reply:tool":
        parts.push(event);
        return;
      case "reply:start":
      case "reply:question":
      case "reply:answer":
      case "reply:end":
        replies.value = applyReply(replies.value, event);
        break;
      default:
        isUnsaid = false;
        if (target.kind === "session" && "session" in event && event.session === null) {
          session.value = null;
          status.value = { name: "failed", problem: "This conversation was erased." };
          return;
        }
    }
    void reloader.again();
  };
  const closeFeed = openFeed({ path: feedPath(target), onEvent: hear });
  if (!isNew) void reloader.again();

  /** Changes what is held once a page has come; what is held by then may have grown at its other end. */
  const extend = async (ask: (id: string) => Promise<(held: TranscriptWindow) => TranscriptWindow>): Promise<void> => {
    const id = session.value?.id;
    if (id === undefined) return;
    const change = await ask(id);
    if (session.value?.id === id) window.value = change(window.value);
  };

  return {
    target,
    address,
    status,
    session,
    window,
    replies,
    question,
    outgoing,
    notes,
    isDraft: computed(
      () => status.value.name === "ready" && (session.value === null || session.value.state === "draft"),
    ),
    isBusy: computed(
      () =>
        replies.value.some(({ state }) => state === "writing") ||
        window.value.entries.some(({ state }) => state === "waiting" || state === "running"),
    ),
    reload: () => reloader.again(),
    loadEarlier: () =>
      extend(async (id) => {
        const { after, limit } = earlierPage(window.value);
        const page = limit === 0 ? [] : await entriesAfter(id, after, limit);
        return (held) => withPage(held, page);
      }),
    loadLater: () =>
      extend(async (id) => {
        const page = await entriesAfter(id, lastSeq(window.value), WINDOW_STEP);
        return (held) => (held.isAtEnd ? held : withLater(held, page));
      }),
    toEnd: async () => {
      anchor = null;
      if (window.value.isAtEnd) return;
      await extend(async (id) => {
        const newest = await newestEntries(id, WINDOW_STEP);
        return () => withNewest(EMPTY_WINDOW, newest);
      });
    },
    close() {
      isClosed = true;
      closeFeed();
    },
  };
}

function feedPath(target: Target): string {
  const filter = target.kind === "chat" ? { chat: target.chat, from: target.from } : { session: target.id };
  return `/api/events?${new URLSearchParams(filter).toString()}`;
}
