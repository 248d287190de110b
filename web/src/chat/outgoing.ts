/**
 * Messages on their way to the gateway.
 *
 *     sending ──stored──▶ stored ──in the transcript──▶ gone
 *        │  ▲
 *        ▼  └──sent again, with the same id──┐
 *     failed ────────────────────────────────┘
 *
 * An answer that got lost leaves open whether the message was stored. It keeps its id until it is known.
 */
import type { EntryView } from "../api/views.ts";

export interface Outgoing {
  readonly id: string;
  readonly text: string;
  /** The last entry that was there when it was sent. */
  readonly afterSeq: number;
  readonly state:
    | { readonly name: "sending" }
    | {
        readonly name: "failed";
        readonly problem: string;
        readonly isPassing: boolean;
        readonly isRefusedForNow: boolean;
      }
    | { readonly name: "stored"; readonly session: string; readonly seq: number };
}

export function withState(outgoing: readonly Outgoing[], id: string, state: Outgoing["state"]): readonly Outgoing[] {
  return outgoing.map((message) => (message.id === id ? { ...message, state } : message));
}

/**
 * What the transcript does not show yet. An entry may be loaded before the answer says that it is this
 * message; until then an equal text that came after it was sent is taken for it, each entry once.
 */
export function unstoredMessages(outgoing: readonly Outgoing[], entries: readonly EntryView[]): readonly Outgoing[] {
  const claimed = new Set<number>(outgoing.flatMap(({ state }) => (state.name === "stored" ? [state.seq] : [])));
  return outgoing.filter(({ text, afterSeq, state }) => {
    if (state.name === "failed") return true;
    if (state.name === "stored") return !entries.some(({ seq }) => seq === state.seq);
    const same = entries.find(
      (entry) => entry.role === "user" && entry.seq > afterSeq && entry.text === text && !claimed.has(entry.seq),
    );
    if (same === undefined) return true;
    claimed.add(same.seq);
    return false;
  });
}

/** Without what is in the transcript or before all of it. */
export function dropStored(outgoing: readonly Outgoing[], session: string, lastSeq: number): readonly Outgoing[] {
  const left = outgoing.filter(
    ({ state }) => state.name !== "stored" || (state.session === session && state.seq > lastSeq),
  );
  return left.length === outgoing.length ? outgoing : left;
}
