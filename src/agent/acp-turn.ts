/**
 * One turn on a session of an ACP agent.
 *
 *     prompting ──answered──▶ done
 *         └──stopped──▶ cancelling ──the prompt ends──▶ stopped
 *                            └──it does not, within the grace──▶ the process is ended
 *
 * Whoever is told that it is over can rely on it: nothing goes on at the far side.
 */
import type { ContentBlock, RequestPermissionRequest, RequestPermissionResponse } from "@agentclientprotocol/sdk";
import { z } from "zod";
import type { Clock } from "../lib/clock.ts";
import { settlesWithin } from "../lib/sleep.ts";
import { untilAborted } from "../lib/until-aborted.ts";
import { fault, wrongAnswer } from "./acp-fault.ts";
import { NOT_CHOSEN, permissionAnswer, permissionQuestion, refusePermission } from "./acp-permission.ts";
import { AcpRefused, type AcpProcess } from "./acp-process.ts";
import { createAcpUpdateReader } from "./acp-update.ts";
import type { AcpWatch } from "./acp-watch.ts";
import type { AgentPart, AgentPorts } from "./agent.ts";
import { createPartQueue } from "./part-queue.ts";

export interface AcpTurn {
  readonly process: AcpProcess;
  readonly sessionId: string;
  readonly prompt: readonly ContentBlock[];
  /** What the agent's tools can tell attempts of one turn by. */
  readonly about: { readonly turnId: string; readonly attempt: number };
  readonly ask: AgentPorts["ask"];
  readonly permissions: "ask" | "deny";
  readonly watch: AcpWatch;
  readonly stop: AbortSignal;
  /** How long the agent may take to stop, in milliseconds. */
  readonly graceMs: number;
  readonly clock: Clock;
  /**
   * Called once when a prompt that the agent has taken in has ended, with its reason: not when it refused it or is
   * gone, nor when it was cancelled before it had shown anything.
   */
  readonly onEnded: (reason: string) => void;
}

type FinishReason = (AgentPart & { type: "finish" })["reason"];

const count = z.number().int().min(0);
const ANSWER = z.object({
  stopReason: z.string(),
  // Not of the stable protocol yet, and sent by agents all the same; what cannot be read must not cost the answer.
  usage: z.object({ inputTokens: count, outputTokens: count }).nullish().catch(null),
});
const FINISHES: ReadonlyMap<string, FinishReason> = new Map([
  ["end_turn", "done"],
  ["max_tokens", "length"],
  ["refusal", "filtered"],
]);
/** @throws AgentError; AcpRefused; the reason of the signal. */
export async function* runAcpTurn(turn: AcpTurn): AsyncGenerator<AgentPart> {
  const { process, sessionId, prompt, permissions, watch, stop, graceMs, clock } = turn;
  const reader = createAcpUpdateReader(process.name);
  const parts = createPartQueue();
  const over = new AbortController();
  const asking = AbortSignal.any([stop, over.signal]);
  let asked: Promise<unknown> = Promise.resolve();
  let isRefused = false;
  let hasShown = false;

  function update(given: unknown): void {
    watch.sign();
    try {
      for (const part of reader.read(given)) {
        hasShown = true;
        parts.push(part);
      }
    } catch (error) {
      parts.fail(error);
    }
  }

  async function permission(request: RequestPermissionRequest): Promise<RequestPermissionResponse> {
    watch.sign();
    if (permissions === "deny") return refusePermission(request);
    const question = permissionQuestion(request, reader.toolTitle(request.toolCall.toolCallId));
    if (question === null) return NOT_CHOSEN;
    using _asking = watch.asking();
    // One at a time: a newer question takes the place of one that is open.
    const answer = asked.then(() => {
      asking.throwIfAborted();
      return untilAborted(turn.ask(question), asking);
    });
    asked = answer.catch(() => {});
    try {
      const response = permissionAnswer(request, await answer);
      isRefused ||= response.outcome.outcome === "cancelled";
      return response;
    } catch (error) {
      if (!asking.aborted) parts.fail(error);
      return NOT_CHOSEN;
    }
  }

  stop.throwIfAborted();
  using _listening = process.listen(sessionId, { update, permission });
  const prompting = process.ask("session/prompt", { sessionId, prompt, _meta: { parlor: turn.about } });
  let isOver = false;
  prompting.then(
    (answer) => {
      isOver = true;
      const reason = stopReasonOf(answer);
      if (hasShown || reason !== "cancelled") turn.onEnded(reason);
      parts.end();
    },
    (error: unknown) => {
      isOver = error instanceof AcpRefused;
      parts.fail(error);
    },
  );

  let ending: Promise<void> | undefined;
  async function end(): Promise<void> {
    over.abort();
    if (isOver) return;
    if (process.gone.aborted) return process.ended;
    process.tell("session/cancel", { sessionId });
    if (await settlesWithin(clock, graceMs, prompting)) return process.gone.aborted ? process.ended : undefined;
    await process.end(fault(`The agent "${process.name}" was ended: a turn on it did not stop when it was to.`, true));
  }
  const endOnce = (): Promise<void> => (ending ??= end());
  const onStop = (): void => void endOnce();
  stop.addEventListener("abort", onStop, { once: true });

  try {
    for (;;) {
      watch.wait();
      const part = await untilAborted(parts.next(), stop);
      watch.rest();
      if (part === null) break;
      yield part;
      stop.throwIfAborted();
    }
    yield* lastParts(process.name, await prompting, isRefused);
  } finally {
    watch.rest();
    stop.removeEventListener("abort", onStop);
    await endOnce();
  }
}

function* lastParts(name: string, given: unknown, isRefused: boolean): Generator<AgentPart> {
  const answer = ANSWER.safeParse(given);
  if (!answer.success) throw wrongAnswer(name, "session/prompt", "a stop reason");
  const { stopReason, usage } = answer.data;
  const reason = FINISHES.get(stopReason);
  if (reason === undefined) throw unfinished(name, stopReason, isRefused);
  if (usage !== null && usage !== undefined) yield { type: "usage", model: name, ...usage };
  yield { type: "finish", reason };
}

function unfinished(name: string, stopReason: string, isRefused: boolean): Error {
  if (stopReason === "max_turn_requests") {
    return fault(`The agent "${name}" stopped after as many requests to its model as it makes in one turn.`, false);
  }
  if (stopReason !== "cancelled") return wrongAnswer(name, "session/prompt", "a stop reason that is known");
  return isRefused
    ? fault(`The agent "${name}" stopped, as it was not given the permission that it asked for.`, false)
    : fault(`The agent "${name}" stopped as if it had been cancelled, which it was not.`, true);
}

function stopReasonOf(given: unknown): string {
  const answer = ANSWER.safeParse(given);
  return answer.success ? answer.data.stopReason : "";
}
