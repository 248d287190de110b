/**
 * Makes a turn short enough for its model: the older part of the transcript is summarised by the model itself,
 * and the summary, once it is stored, stands for that part in every later prompt. The transcript stays whole.
 */
import { AgentError, type AgentEntry, type AgentPart, type AgentPorts, type AgentTurn } from "./agent.ts";
import type { ModelBudget } from "./model-budget.ts";
import type { ModelContentPart } from "./model-content.ts";
import type { ModelPrompt } from "./model-prompt.ts";
import { SUMMARY_SLACK, summarise, type SummaryScene } from "./model-summary.ts";
import { cutTranscript, type TranscriptCut } from "./transcript-cut.ts";

/** A turn that is to be asked of a model. */
export interface CompactionScene extends Pick<SummaryScene, "say"> {
  readonly budget: ModelBudget;
  /** The model's name. */
  readonly model: string;
  /** What the description of its tools takes. */
  readonly toolTokens: number;
  promptOf(turn: AgentTurn): ModelPrompt;
  /** What stands in a prompt for one entry. */
  partsOf(entry: AgentEntry): readonly ModelContentPart[];
  /** Stores a summary. */
  readonly summarize: AgentPorts["summarize"];
}

/** Above this a transcript is summarised even if the model could take it. */
const MOST_ENTRIES = 400;

/** Of a very long transcript the agent is not shown the beginning. */
const UNKNOWN_BEGINNING = "(What was said before this is not part of this record.)";

/**
 * The turn as the model can take it: as it is where it fits, else with a summary in place of its older entries,
 * so that half of the room is free again; a quarter is used when the endpoint has refused more. Yields what shows
 * that the model is at work and what that cost; nothing is said.
 *
 * @param refused - How the endpoint refused the turn as it is; null when it has not been asked.
 * @throws AgentError `context` when it does not fit, whatever is summarised, and `refused` when its tools alone do
 * not; nobody is asked then.
 */
export async function* fitTurn(
  turn: AgentTurn,
  scene: CompactionScene,
  refused: AgentError | null,
): AsyncGenerator<AgentPart, AgentTurn> {
  const { budget, toolTokens, promptOf, partsOf, say } = scene;
  const room = budget.room - toolTokens;
  if (room <= 0) throw tooManyTools(scene);
  const tokens = budget.ofPrompt(promptOf(turn));
  const doesFit = refused === null && tokens <= room;
  const canCompact = isStored(turn);
  if (doesFit && !(canCompact && turn.transcript.length > MOST_ENTRIES)) return turn;

  const most = refused === null ? room : Math.min(room, tokens);
  const aim = refused === null ? most / 2 : most / 4;
  const summaryTokens = refused === null ? budget.summaryTokens : Math.min(budget.summaryTokens, Math.floor(most / 16));
  const tokensOf = (entry: AgentEntry): number => budget.ofParts(partsOf(entry));
  const fixed = budget.ofPrompt(promptOf({ ...turn, summary: null, transcript: [] })) + SUMMARY_SLACK * summaryTokens;
  const limits = { tokens: Math.max(0, aim - fixed), mostTokens: most - fixed, entries: MOST_ENTRIES / 2 };
  const cut = canCompact ? cutTranscript(turn.transcript, tokensOf, { ...limits, beforeSeq: firstSeq(turn) }) : null;
  const summaryScene = { budget, say, summaryTokens, summaryRoom: Math.min(budget.summaryRoom, most) };
  if (cut !== null) return yield* compact(turn, cut, scene, summaryScene);
  // One that was made for a model that takes more.
  const isSummaryLong = turn.summary !== null && budget.ofText(turn.summary) > SUMMARY_SLACK * summaryTokens;
  if (isSummaryLong && turn.transcript.length === 0 && limits.mostTokens >= 0) {
    return { ...turn, summary: yield* summarise(turn.summary, [], summaryScene) };
  }
  if (doesFit) return turn;
  throw refused ?? tooLong(scene, tokens, room);
}

async function* compact(
  turn: AgentTurn,
  { older, newer, throughSeq }: TranscriptCut,
  { summarize }: CompactionScene,
  scene: SummaryScene,
): AsyncGenerator<AgentPart, AgentTurn> {
  const previous = turn.summary ?? ((older[0]?.seq ?? 1) > 1 ? UNKNOWN_BEGINNING : null);
  const summary = yield* summarise(previous, older, scene);
  // A turn that was taken up again by hand may be older than what has to go: then this holds for the turn alone.
  if (throughSeq < firstSeq(turn)) await summarize({ text: summary, throughSeq });
  return { ...turn, summary, transcript: newer };
}

function tooLong({ model }: CompactionScene, tokens: number, room: number): AgentError {
  return new AgentError(
    `What is to be answered is too long for the model "${model}": about ${tokens} tokens with all that has to stand ` +
      `beside it, where ${Math.max(0, room)} have room. Say it in parts, or raise agent.contextTokens if the model takes more.`,
    { fault: "context", retryable: false },
  );
}

/** Nobody could say anything short enough. */
function tooManyTools({ model, budget, toolTokens }: CompactionScene): AgentError {
  return new AgentError(
    `The tools of the model "${model}" take about ${toolTokens} tokens to describe, where it has room for ` +
      `${budget.room} in all. Give it fewer servers in agent.tools, or raise agent.contextTokens if the model takes more.`,
    { retryable: false },
  );
}

/** Whether it is a turn of a session, whose entries have numbers. */
function isStored({ transcript, messages }: AgentTurn): boolean {
  return [...transcript, ...messages].every(({ seq }) => seq !== null);
}

function firstSeq({ messages }: AgentTurn): number {
  return Math.min(...messages.map(({ seq }) => seq ?? 0));
}
