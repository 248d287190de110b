/**
 * A stream of events that goes on whatever happens to its connections.
 *
 *     connecting ──open──▶ live ◀──open── lost ◀──failed──┐
 *         ▲                  ├──failed, cut, asleep──▶ lost ─┘
 *         └──page shown── paused ◀──page hidden──┘
 *
 * Whatever ends a connection, a new one is made after a growing pause, from the last id: browsers reconnect
 * by themselves too, but not after an error status, and each in its own time. A hidden page holds no
 * connection, because a browser has six of them for all pages of an origin.
 */
import { FEED_NAMES, feedEvent } from "./feed-event.ts";
import type { FeedEvent } from "./feed-event.ts";

export type FeedState = "connecting" | "live" | "lost" | "paused";

export interface FeedOptions {
  /** Path and query of the stream. */
  readonly path: string;
  readonly onEvent: (event: FeedEvent) => void;
  readonly onState?: (state: FeedState) => void;
  /** Called when the gateway refused the connection: the reason is for a call to find out. */
  readonly onRefused?: () => void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
const TICK_MS = 10_000;
/** A tick that is so late slept with its computer, and the connection may have ended without a word. */
const ASLEEP_MS = 30_000;

/** Connects; the returned function closes it for good. */
export function openFeed({ path, onEvent, onState = () => {}, onRefused = () => {} }: FeedOptions): () => void {
  let source: EventSource | null = null;
  let lastId = "";
  let pauseMs = FIRST_PAUSE_MS;
  let timer = 0;

  const disconnect = (): void => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };

  const reconnect = (): void => {
    disconnect();
    onState("lost");
    // Pages that lost the same gateway do not all come back at once.
    timer = window.setTimeout(connect, pauseMs * (0.5 + Math.random()));
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
  };

  const connect = (): void => {
    const url = lastId === "" ? path : `${path}${path.includes("?") ? "&" : "?"}after=${lastId}`;
    const opened = new EventSource(url);
    source = opened;
    for (const name of FEED_NAMES) {
      opened.addEventListener(name, (message) => {
        if (message.lastEventId !== "") lastId = message.lastEventId;
        if (name === "open") {
          // The connection's own `open` event has the same name and no data.
          if (!("data" in message)) return;
          pauseMs = FIRST_PAUSE_MS;
          onState("live");
        }
        onEvent(feedEvent(name, String(message.data)));
      });
    }
    opened.addEventListener("cut", reconnect);
    opened.addEventListener("error", () => {
      const isRefused = opened.readyState === EventSource.CLOSED;
      reconnect();
      if (isRefused) onRefused();
    });
  };

  const renew = (): void => {
    if (source === null) return;
    pauseMs = FIRST_PAUSE_MS;
    reconnect();
  };
  let tickedAt = Date.now();
  const tick = (): void => {
    const passedMs = Date.now() - tickedAt;
    tickedAt += passedMs;
    if (passedMs > ASLEEP_MS) renew();
  };

  const followPage = (): void => {
    if (document.visibilityState === "visible") {
      if (source !== null) return;
      onState("connecting");
      connect();
      return;
    }
    disconnect();
    onState("paused");
  };

  const ticking = setInterval(tick, TICK_MS);
  window.addEventListener("online", renew);
  document.addEventListener("visibilitychange", followPage);
  followPage();
  return () => {
    clearInterval(ticking);
    window.removeEventListener("online", renew);
    document.removeEventListener("visibilitychange", followPage);
    disconnect();
  };
}
