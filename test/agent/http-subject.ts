/** The HTTP agent with an endpoint that plays a script. */
import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import type { AgentAct, AgentEnding, AgentScript, OpenAgent } from "../../src/testing/agent-subject.ts";
import { agentOf, answering, openEndpoint, sse } from "./http-endpoint-server.ts";

const STATUS = { unavailable: 503, quota: 429, context: 413, refused: 400 };

export const openHttp: OpenAgent = async (script, { clock, idleTimeoutMs, totalTimeoutMs }) => {
  const gate = Promise.withResolvers<void>();
  let marks = 0;
  const server = await openEndpoint(async (response) => {
    const { ending } = script;
    if (typeof ending === "object" && "fault" in ending) refuse(response, ending);
    else await playTo(response, script, { held: gate.promise, mark: () => (marks += 1) });
  });
  return {
    agent: agentOf(server, { clock, idleTimeoutMs, totalTimeoutMs }),
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
    else if (act !== "hold") response.write(eventOf(act));
  }
  if (typeof ending === "object" && "finish" in ending) {
    if (ending.usage !== null) response.write(sse("usage", { model: "small", ...ending.usage }));
    response.end(sse("finish", { reason: ending.finish }));
  } else {
    response.destroy();
  }
}

function refuse(response: ServerResponse, { fault, retryAfterMs }: Extract<AgentEnding, { fault: unknown }>): void {
  answering(STATUS[fault], retryAfterMs === null ? {} : { "retry-after": String(retryAfterMs / 1_000) })(response);
}

function eventOf(act: Extract<AgentAct, object>): string {
  if ("say" in act) return sse("text", { text: act.say });
  if ("use" in act) return sse("usage", { model: "small", ...act.use });
  return "call" in act ? callOf(act.call) : assert.fail("an endpoint asks nobody");
}

function callOf(name: string): string {
  return ["started", "finished"].map((state) => sse("tool", { index: 0, name, state })).join("");
}
