import { z } from "zod";
import { replyText } from "./event-answer.ts";
import type { Stored } from "./event-answer.ts";
import type { GatewayPorts } from "./gateway-ports.ts";
import { jsonResponse } from "./json-response.ts";

/** The longest a request waits for a reply, in seconds. */
const MAX_WAIT_S = 60;
const WAIT_RANGE = `Expected a whole number of seconds from 1 to ${MAX_WAIT_S}`;

export const WAIT_QUERY: z.ZodObject<{ wait: z.ZodType<number | undefined> }> = z.strictObject({
  wait: z
    .string()
    .regex(/^\d{1,3}$/, WAIT_RANGE)
    .transform(Number)
    .pipe(z.int().min(1, WAIT_RANGE).max(MAX_WAIT_S, WAIT_RANGE))
    .optional()
    .describe(`How many seconds to wait for the reply, 1 to ${MAX_WAIT_S}.`),
});

/** 200 with the reply once it is there; 202 when it takes longer, or the signal ends the wait. */
export async function awaitAnswer(
  ports: Pick<GatewayPorts, "awaitReply">,
  stored: Stored,
  waitS: number,
  signal: AbortSignal,
): Promise<Response> {
  const reply = await ports
    .awaitReply(stored.session, stored.seq, { timeoutMs: waitS * 1_000, signal })
    .catch((error: unknown) => {
      // The message is stored, and that is the answer when the wait is broken off.
      if (signal.aborted) return null;
      throw error;
    });
  if (reply === null) return jsonResponse(202, stored);
  return jsonResponse(200, { ...stored, state: reply.state, reply: replyText(reply) });
}
