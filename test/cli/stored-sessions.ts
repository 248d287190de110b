import assert from "node:assert/strict";
import { join } from "node:path";
import { openSqliteStore } from "../../src/sqlite.ts";
import type { Store } from "../../src/store/store.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { messageOf, sourceOf } from "../../src/testing/sources.ts";
import type { Place } from "./parlor.ts";

/** A text that would turn a terminal red, set its title, and turn the line round. */
export const HOSTILE = "evil \u001b[31mred\u001b]0;pwned\u0007 \u009b31m \u202egnol\nsecond line";

export interface StoredSessions {
  /** Live, with what a hostile person said and its answer. */
  readonly hostile: string;
  /** Ended by a command, titled in Japanese. */
  readonly ended: string;
  /** Live, of the platform `slack`, with a message that waits. */
  readonly waiting: string;
}

/** Three sessions in the data directory of a place; the clock stands at noon UTC of 22 November 2026. */
export async function storeSessions({ home }: Place): Promise<StoredSessions> {
  const clock = createManualClock(Date.UTC(2026, 10, 22, 12));
  await using store = await openSqliteStore({ path: join(home, "parlor.db"), clock });
  const ended = await say(store, "Ein Ticket nach 東京, bitte", "bob");
  await answer(store, "Gern.");
  await store.update({ sessionId: ended }, { title: "東京旅行のとても長いタイトルです" });
  await store.reset({ sessionId: ended });
  clock.advance(60_000);
  const hostile = await say(store, HOSTILE, "ada");
  await answer(store, HOSTILE);
  clock.advance(60_000);
  const waiting = await say(store, "Anyone?", "eve", "slack");
  return { hostile, ended, waiting };
}

async function say(store: Store, text: string, user: string, platform = "test"): Promise<string> {
  const accepted = await store.accept(
    messageOf(text, { source: sourceOf({ user, platform, userName: `${user} \u009b1m` }) }),
  );
  assert.ok(accepted.outcome === "accepted");
  return accepted.session.id;
}

async function answer(store: Store, text: string): Promise<void> {
  const turn = await store.claimTurn({ node: "test", leaseMs: 30_000, maxMessages: 10, maxAgeMs: 0 });
  assert.ok(turn !== null);
  await store.commitTurn(turn.lease, { entries: [{ role: "assistant", text, pieces: [] }] });
}
