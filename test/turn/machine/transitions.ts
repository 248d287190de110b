import type { Store } from "../../../src/store/store.ts";

/** What every run together has to show, as `message: from → to` and `turn: from → to`. */
export const EXPECTED_TRANSITIONS: readonly string[] = [
  "message: none → waiting",
  "message: waiting → running",
  "message: waiting → cancelled",
  "message: running → answered",
  "message: running → waiting",
  "message: running → cancelled",
  "message: running → dead",
  "message: dead → running",
  "turn: none → running",
  "turn: none → retrying",
  "turn: running → running again",
  "turn: running → retrying",
  "turn: running → done",
  "turn: running → dead",
  "turn: running → cancelled",
  "turn: running → interrupted",
  "turn: retrying → running",
  "turn: retrying → cancelled",
  "turn: retrying → interrupted",
];

/** Counts how often a message or a turn went from one state to another, as it is seen between the calls of a store. */
export interface TransitionCounter {
  readonly counts: ReadonlyMap<string, number>;
  /** Looks at a session after something was written in it. */
  look(store: Store, sessionId: string): Promise<void>;
  /** Forgets the sessions, not the counts. */
  forget(): void;
}

export function createTransitionCounter(): TransitionCounter {
  const counts = new Map<string, number>();
  const seen = new Map<string, string>();

  const note = (kind: string, id: string, state: string, to: string): void => {
    const key = `${kind} ${id}`;
    const before = seen.get(key);
    if (before === state) return;
    seen.set(key, state);
    const name = `${kind}: ${before?.split(" ")[0] ?? "none"} → ${to}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  };

  return {
    counts,
    look: async ({ reader }, sessionId) => {
      const [transcript, turns] = await Promise.all([
        reader.transcript(sessionId, { limit: 200 }),
        reader.turns({ sessionId, limit: 200 }),
      ]);
      for (const { role, seq, state } of transcript.items) {
        if (role === "user") note("message", `${sessionId} ${seq}`, state, state);
      }
      for (const { id, state, attempt } of turns.items) {
        const isAgain = state === "running" && seen.get(`turn ${id}`)?.startsWith("running ") === true;
        const told = state === "running" ? `running ${attempt}` : state;
        note("turn", id, told, isAgain ? "running again" : state);
      }
    },
    forget: () => seen.clear(),
  };
}
