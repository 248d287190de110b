/** The HTTP agent with an endpoint that plays a script. */
import type { ServerResponse } from "node:http";
import { QUOTA_RETRY_AFTER_MS, type AgentScript, type OpenAgent } from "../../src/testing/agent-subject.ts";
import { agentOf, answering, openEndpoint, sse } from "./http-endpoint-server.ts";

const REFUSALS = {
  retryable: answering(500),
  quota: answering(429, { "retry-after": String(QUOTA_RETRY_AFTER_MS / 1_000) }),
  permanent: answering(400),
};

export const openHttp: OpenAgent = async (script, { clock, idleTimeoutMs }) => {
  const gate = Promise.withResolvers<void>();
  let marks = 0;
  const server = await openEndpoint(async (response) => {
    const { ending } = script;
    if (typeof ending === "object" && "fault" in ending) REFUSALS[ending.fault](response);
    else await playTo(response, script, { held: gate.promise, mark: () => (marks += 1) });
  });
  return {
    agent: agentOf(server, { clock, idleTimeoutMs }),
    asked: () => server.asked.length,
    marks: () => marks,
    release: gate.resolve,
    rested: async () => void (await Promise.all(server.asked.map(({ closed }) => closed))),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
};

/** Streams the acts for as long as somebody is there. */
async function playTo(
  response: ServerResponse,
  { acts, ending }: AgentScript,
  { held, mark }: { readonly held: Promise<void>; readonly mark: () => void },
): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const act of acts) {
    if (act === "hold") await held;
    if (response.destroyed) return;
    if (act === "mark") mark();
    else if (act !== "hold") response.write("say" in act ? sse("text", { text: act.say }) : callOf(act.call));
  }
  if (typeof ending === "object" && "finish" in ending) {
    if (ending.usage !== null) response.write(sse("usage", { model: "small", ...ending.usage }));
    response.end(sse("finish", { reason: ending.finish }));
  } else {
    response.destroy();
  }
}

function callOf(name: string): string {
  return ["started", "finished"].map((state) => sse("tool", { index: 0, name, state })).join("");
}
