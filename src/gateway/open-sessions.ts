import type { Agent, AgentTurn } from "../agent/agent.ts";
import type { BusyPolicy, BusyRules } from "../core/busy-policy.ts";
import { ParlorError } from "../core/errors.ts";
import type { PlatformRules } from "../core/platform-rules.ts";
import type { ResetPolicy, ResetRules } from "../core/reset-policy.ts";
import { systemClock } from "../lib/clock.ts";
import { keepAlive } from "../lib/keep-alive.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import type { StoreOptions } from "../store/options.ts";
import type { ReplyState } from "../store/reader.ts";
import type { Store } from "../store/store.ts";
import { createLog } from "../telemetry/log.ts";
import { createTelemetry } from "../telemetry/create-telemetry.ts";
import { createLive } from "../turn/live.ts";
import { awaitReply } from "../turn/reply.ts";
import { type TurnRunner, createTurnRunner } from "../turn/turn-runner.ts";
import { closeAgent } from "./close-agent.ts";
import { createNodeName } from "./node-name.ts";
import { takeOver } from "./take-over.ts";
import { TURN_DEFAULTS } from "./turn-defaults.ts";

export interface SessionsOptions extends Omit<StoreOptions, "reset" | "busy"> {
  /** The database file (made when it is missing), `:memory:`, or a store that is open already. */
  readonly store: string | Store;
  /** When a session ends by itself: one policy for all, or rules. Default: never. */
  readonly reset?: ResetPolicy | ResetRules;
  /**
   * What happens to messages that arrive while a session is busy: one policy for all, or rules. Default: what waits
   * becomes one turn, at once; at most a hundred messages wait in a session.
   */
  readonly busy?: BusyPolicy | BusyRules;
  /** Hears what goes wrong in the background and is tried again. Default: a line on the standard error stream. */
  readonly onFault?: (error: unknown) => void;
}

/** An answer as a whole, for those who do not stream. */
export type Answer = (turn: AgentTurn, signal: AbortSignal) => Promise<string>;

/** The session layer for a program of your own: every verb of the store, and turns. */
export interface Sessions extends Store {
  /**
   * Answers what was accepted, now and from now on: in order within a session, sixteen sessions at a
   * time, retried after faults and after a crash. An agent that has `close` is closed with the sessions, once
   * its turns have ended: it has five seconds.
   *
   * @throws ParlorError `INVALID_INPUT` when it is called a second time.
   */
  answer(agent: Agent | Answer): void;
  /**
   * Waits until a message has been answered, cancelled or given up; null when that takes longer than
   * `timeoutMs`. Default: 60 seconds.
   */
  replyTo(
    accepted: { readonly sessionId: string; readonly seq: number },
    timeoutMs?: number,
  ): Promise<ReplyState | null>;
}

/**
 * Opens the session layer. Dispose of it to let running turns end (10 seconds), then close the agent and the store.
 *
 * @throws ParlorError as `openSqliteStore` does; `INVALID_INPUT` for options that a store which is open
 * already cannot take any more.
 */
export async function openSessions(options: SessionsOptions): Promise<Sessions> {
  const clock = options.clock ?? systemClock;
  const store = await storeOf(options);
  const telemetry = createTelemetry({
    log: createLog({ level: options.onFault === undefined ? "error" : "silent" }),
    clock,
  });
  const faulted = options.onFault ?? ((error: unknown) => telemetry.faulted({ where: "sessions", error }));
  const live = createLive({ onFault: faulted });
  const node = createNodeName();
  let turns: TurnRunner | undefined;
  let answering: Agent | undefined;
  try {
    await takeOver(store);
  } catch (error) {
    if (typeof options.store === "string") await store[Symbol.asyncDispose]();
    throw error;
  }

  return {
    ...store,
    accept: async (message) => {
      const outcome = await store.accept(message);
      if (outcome.outcome === "accepted") turns?.newer(outcome.session.id);
      return outcome;
    },
    reset: async (ref, command) => {
      const outcome = await store.reset(ref, command);
      if (outcome.outcome === "reset") turns?.abandon(outcome.ended.id);
      return outcome;
    },
    erase: async (sessionId) => {
      const outcome = await store.erase(sessionId);
      turns?.abandon(sessionId);
      return outcome;
    },
    answerQuestion: async (ref, answer, command) => {
      const outcome = await store.answerQuestion(ref, answer, command);
      if (outcome.outcome === "answered") turns?.answered(outcome.question.turnId);
      return outcome;
    },
    cancelTurn: (ref, command) => turns?.cancel(ref, command) ?? store.cancelTurn(ref, command),
    answer: (agent) => {
      if (turns !== undefined) {
        throw new ParlorError(
          "INVALID_INPUT",
          "answer() is called once; found a second call. Choose inside one agent.",
        );
      }
      const answers = typeof agent === "function" ? agentOf(agent) : agent;
      answering = answers;
      turns = createTurnRunner({
        store,
        agentFor: () => answers,
        live,
        telemetry: { ...telemetry, faulted: ({ error }) => faulted(error) },
        clock,
        node,
        pieces: () => [],
        options: TURN_DEFAULTS,
      });
      turns.start();
    },
    replyTo: async ({ sessionId, seq }, timeoutMs = 60_000) => {
      using _alive = keepAlive();
      return await awaitReply({ reader: store.reader, live, clock }, sessionId, seq, { timeoutMs });
    },
    [Symbol.asyncDispose]: async () => {
      using _alive = keepAlive();
      await turns?.stop({ drainMs: 10_000 });
      if (answering !== undefined) await closeAgent(answering, clock, faulted);
      await store[Symbol.asyncDispose]();
    },
  };
}

/** What only the opening of a store can decide. */
const STORE_OPTIONS = ["reset", "busy", "scope", "receiptRetentionMs", "eventRetentionMs"] as const;

async function storeOf(options: SessionsOptions): Promise<Store> {
  const { store, reset, busy, ...others } = options;
  if (typeof store === "string") {
    const rules = {
      ...(reset === undefined ? {} : { reset: asRules(reset) }),
      ...(busy === undefined ? {} : { busy: asRules(busy) }),
    };
    return await openSqliteStore({ ...others, ...rules, path: store });
  }
  const late = STORE_OPTIONS.filter((name) => options[name] !== undefined);
  if (late.length === 0) return store;
  throw new ParlorError(
    "INVALID_INPUT",
    `${late.join(" and ")} must be given where the store is opened; found a store that is open already.`,
  );
}

function asRules<Policy extends { readonly mode: string }>(
  given: Policy | PlatformRules<Policy>,
): PlatformRules<Policy> {
  return "mode" in given ? { default: given } : given;
}

function agentOf(answer: Answer): Agent {
  return {
    name: "answer",
    async *run(turn, signal) {
      yield { type: "text", text: await answer(turn, signal) };
      yield { type: "finish", reason: "done" };
    },
  };
}
