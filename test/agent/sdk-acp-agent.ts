/** An ACP agent made with the SDK, which checks everything it is sent against the schema of the protocol. */
import { randomUUID } from "node:crypto";
import { Readable, Writable } from "node:stream";
import { agent, methods, ndJsonStream, RequestError } from "@agentclientprotocol/sdk";

const sessions = new Map<string, AbortController>();

agent({ name: "sdk" })
  .onRequest(methods.agent.initialize, () => ({
    protocolVersion: 1,
    agentCapabilities: { sessionCapabilities: { close: {} }, promptCapabilities: { image: true } },
  }))
  .onRequest(methods.agent.session.new, () => {
    const sessionId = randomUUID();
    sessions.set(sessionId, new AbortController());
    return { sessionId };
  })
  .onRequest(methods.agent.session.close, ({ params }) => void sessions.delete(params.sessionId))
  .onNotification(methods.agent.session.cancel, ({ params }) => sessions.get(params.sessionId)?.abort())
  .onRequest(methods.agent.session.prompt, async ({ params, client }) => {
    const { sessionId, prompt } = params;
    const stop = sessions.get(sessionId)?.signal;
    if (stop === undefined) throw RequestError.sessionNotFound(sessionId);
    const say = async (text: string): Promise<void> =>
      client.notify(methods.client.session.update, {
        sessionId,
        update: { sessionUpdate: "agent_message_chunk", content: { type: "text", text } },
      });
    await say(prompt.map((block) => (block.type === "text" ? block.text : `<${block.type}>`)).join(""));
    if (prompt.some((block) => block.type === "text" && block.text.includes("wait"))) {
      await new Promise((resolve) => stop.addEventListener("abort", resolve));
      return { stopReason: "cancelled" };
    }
    const { outcome } = await client.request(methods.client.session.requestPermission, {
      sessionId,
      toolCall: { toolCallId: "1", title: "look" },
      options: [
        { optionId: "yes", name: "Yes", kind: "allow_once" },
        { optionId: "no", name: "No", kind: "reject_once" },
      ],
    });
    await say(outcome.outcome === "selected" ? ` ${outcome.optionId}` : " nobody");
    return { stopReason: "end_turn" };
  })
  .connect(ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>));
