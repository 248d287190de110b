/** The numbers of the gateway: loaded again after every event and, since signals make none, every few seconds. */
import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import { getStats } from "../api/session-calls.ts";
import type { Stats } from "../api/views.ts";
import { isSignedOut } from "../api/call.ts";
import { lastSaid } from "../chat/last-said.ts";
import { failureText } from "../api/api-failure.ts";
import type { FeedEvent } from "../live/feed-event.ts";
import { createReloader } from "../live/reloader.ts";
import { simulate } from "./simulate.ts";
import type { Simulation } from "./simulate.ts";

export interface Numbers {
  /** Null until they were loaded once. */
  readonly stats: Signal<Stats | null>;
  /** What the last simulation did. */
  readonly sentence: Signal<string | null>;
  readonly isSimulating: Signal<boolean>;
  simulate(simulation: Simulation): Promise<void>;
  hear(event: FeedEvent): void;
}

const REFRESH_MS = 5_000;

export function createNumbers(): Numbers {
  const stats = signal<Stats | null>(null);
  const sentence = signal<string | null>(null);
  const isSimulating = signal(false);
  const reloader = createReloader({
    load: async () => {
      stats.value = await getStats();
    },
    // They are loaded every few seconds anyway; until then numbers that are a little old are better than none.
    onFault: () => false,
  });
  window.setInterval(() => {
    if (document.visibilityState === "visible" && !isSignedOut.value) void reloader.again();
  }, REFRESH_MS);

  return {
    stats,
    sentence,
    isSimulating,
    async simulate(simulation) {
      if (isSimulating.value) return;
      isSimulating.value = true;
      try {
        const done = await simulate(simulation, lastSaid.value);
        stats.value = done.stats;
        sentence.value = done.sentence;
      } catch (error) {
        sentence.value = failureText(error);
      } finally {
        isSimulating.value = false;
      }
    },
    hear(event) {
      if (!event.name.startsWith("reply:")) void reloader.again();
    },
  };
}
