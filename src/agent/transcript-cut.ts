import type { AgentEntry } from "./agent.ts";

export interface TranscriptCut {
  /** What a summary is to stand for: every entry up to `throughSeq`. */
  readonly older: readonly AgentEntry[];
  readonly newer: readonly AgentEntry[];
  readonly throughSeq: number;
}

export interface CutLimits {
  /** How many tokens and entries the newer part should have at most. */
  readonly tokens: number;
  readonly entries: number;
  /** How many tokens it must not exceed. */
  readonly mostTokens: number;
  /** Parted before this number where that can be: no summary can be stored that stands for more. */
  readonly beforeSeq: number;
}

/**
 * Parts a transcript so that as much of the newer part stays as may. Entries stand in the order of turns and are
 * parted by number, because a later prompt shows those behind a number. A cut that leaves no answer without its
 * question is taken before any other. Null when too much is left whatever goes, or nothing can go.
 */
export function cutTranscript(
  transcript: readonly AgentEntry[],
  tokensOf: (entry: AgentEntry) => number,
  limits: CutLimits,
): TranscriptCut | null {
  const costs = new Map(transcript.map((entry) => [entry, tokensOf(entry)]));
  const costOf = ({ newer }: TranscriptCut): number => newer.reduce((sum, entry) => sum + (costs.get(entry) ?? 0), 0);
  const all = cutsOf(transcript);
  const early = all.filter(({ throughSeq }) => throughSeq < limits.beforeSeq);
  for (const cuts of [early, all]) {
    const fitting = cuts.filter((cut) => cut.newer.length <= limits.entries && costOf(cut) <= limits.tokens);
    const last = cuts.at(-1);
    const best = fitting.find((cut) => isClean(cut, transcript)) ?? fitting[0] ?? last;
    if (best !== undefined && costOf(best) <= limits.mostTokens) return best;
  }
  return null;
}

/** Every way to part it, beginning with the one that leaves the most. */
function cutsOf(transcript: readonly AgentEntry[]): readonly TranscriptCut[] {
  const seqs = transcript.flatMap(({ seq }) => (seq === null ? [] : [seq])).toSorted((one, other) => one - other);
  return seqs.map((throughSeq) => {
    const isOlder = ({ seq }: AgentEntry): boolean => seq !== null && seq <= throughSeq;
    return {
      older: transcript.filter(isOlder),
      newer: transcript.filter((entry) => !isOlder(entry)),
      throughSeq,
    };
  });
}

function isClean({ older, newer }: TranscriptCut, transcript: readonly AgentEntry[]): boolean {
  const [first] = newer;
  return first === undefined || (first.role === "user" && transcript[older.length] === first);
}
