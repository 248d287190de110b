import type { IncomingMessage } from "node:http";
import type { LookupFunction } from "node:net";
import { systemClock, type Clock } from "../lib/clock.ts";
import { readRetryAfter } from "../lib/retry-after.ts";
import { signWebhook } from "../lib/webhook-signature.ts";
import { AgentError, type Agent, type AgentPart, type AgentTurn } from "./agent.ts";
import { answerParts } from "./http-answer.ts";
import { post } from "./http-connection.ts";
import { checkHttpEndpoint, type HttpEndpoint } from "./http-endpoint.ts";
import { connectionFault, statusFault } from "./http-fault.ts";
import { questionBody, questionId } from "./http-question.ts";
import { createTimeLimit } from "./time-limit.ts";

export interface HttpAgentOptions {
  readonly endpoint: HttpEndpoint;
  /**
   * How long the endpoint may stay silent, in milliseconds; an event ends the silence, a comment does not.
   * JSON has to be there as a whole within it. Default: 60,000.
   */
  readonly idleTimeoutMs?: number;
  /** How long one answer may take, in milliseconds. Default: 600,000. */
  readonly totalTimeoutMs?: number;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** How a name becomes addresses. Default: the way of the system. */
  readonly lookup?: LookupFunction;
  /** More headers of each request, such as those of a trace. The signature is not about them. */
  readonly moreHeaders?: () => Readonly<Record<string, string>>;
}

/**
 * An agent that posts every turn to an endpoint, signed as a Standard Webhook, and reads the answer as JSON
 * or as it is streamed. Its name is the endpoint's host.
 *
 * @throws ParlorError `INVALID_CONFIG` when the URL or the secret cannot be used.
 */
export function createHttpAgent(options: HttpAgentOptions): Agent {
  const endpoint = checkHttpEndpoint(options.endpoint);
  const { clock = systemClock, idleTimeoutMs = 60_000, totalTimeoutMs = 600_000, lookup } = options;
  const { origin } = endpoint;
  const name = endpoint.url.host;

  const ask = async (turn: AgentTurn, signal: AbortSignal): Promise<IncomingMessage> => {
    const body = questionBody(turn);
    if (body === null) {
      throw new AgentError("What was said is too long to be sent to the agent. Say it in parts.", {
        fault: "context",
        retryable: false,
      });
    }
    const headers = {
      ...options.moreHeaders?.(),
      "content-type": "application/json",
      accept: "text/event-stream, application/json",
      "accept-encoding": "identity",
      ...signWebhook(endpoint.secret, questionId(turn), body, clock.now()),
    };
    const response = await post(endpoint, { headers, body, signal, lookup });
    if (response.statusCode === 200) return response;
    const retryAfterMs = readRetryAfter(response.headers["retry-after"] ?? null, clock.now());
    throw statusFault(origin, response.statusCode ?? 0, retryAfterMs);
  };

  async function* run(turn: AgentTurn, signal: AbortSignal): AsyncGenerator<AgentPart> {
    signal.throwIfAborted();
    using idle = createTimeLimit(clock, idleTimeoutMs);
    using total = createTimeLimit(clock, totalTimeoutMs);
    const left = new AbortController();
    const stop = AbortSignal.any([signal, idle.signal, total.signal, left.signal]);
    total.restart();
    idle.restart();
    let isAnswering = false;
    try {
      const response = await ask(turn, stop);
      isAnswering = true;
      for await (const part of answerParts(response, { origin, name })) {
        stop.throwIfAborted();
        // The endpoint is not silent while whoever listens is busy with what it said.
        idle.pause();
        yield part;
        stop.throwIfAborted();
        idle.restart();
      }
    } catch (error) {
      signal.throwIfAborted();
      if (idle.signal.aborted) throw tooSlow(`${origin} sent nothing for ${idleTimeoutMs} ms`);
      if (total.signal.aborted) throw tooSlow(`${origin} had not finished after ${totalTimeoutMs} ms`);
      throw connectionFault(origin, error, isAnswering);
    } finally {
      // Closes the connection on every way out; to one that is closed it does nothing.
      left.abort();
    }
  }

  return { name, run };
}

function tooSlow(what: string): AgentError {
  return new AgentError(`${what}. If the agent needs longer, raise the time-out.`, { retryable: true });
}
