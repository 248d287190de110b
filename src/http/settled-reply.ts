import type { ReplyState } from "../store/reader.ts";
import type { GatewayPorts } from "./gateway-ports.ts";

/** How long one wait for the reply is; they follow each other until the message is settled. */
const ROUND_MS = 60_000;

/** How a message was settled, however long that takes. Rejects when the signal is aborted. */
export async function settledReply(
  ports: Pick<GatewayPorts, "awaitReply">,
  sessionId: string,
  seq: number,
  signal: AbortSignal,
): Promise<ReplyState> {
  for (;;) {
    const reply = await ports.awaitReply(sessionId, seq, { timeoutMs: ROUND_MS, signal });
    if (reply !== null) return reply;
    signal.throwIfAborted();
  }
}
