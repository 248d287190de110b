/** The agents of the contract, each with a far side that plays a script. */
import assert from "node:assert/strict";
import { AgentError, type AgentFault } from "../../src/agent/agent.ts";
import { createEchoAgent } from "../../src/agent/echo.ts";
import { createMcpConnection } from "../../src/agent/mcp-connection.ts";
import { createModelTools, type ModelTools } from "../../src/agent/model-tools.ts";
import { createModelAgent } from "../../src/agent/model.ts";
import type { Clock } from "../../src/lib/clock.ts";
import {
  type AgentEnding,
  type AgentScript,
  type AgentSubject,
  type OpenAgent,
} from "../../src/testing/agent-subject.ts";
import { createFakeAgent, type FakeAgentScript, type FakeAgentStep } from "../../src/testing/fake-agent.ts";
import { openFakeAnthropic } from "../../src/testing/fake-anthropic.ts";
import type { FakeModelAnswer, FakeModelServer, FakeModelStep } from "../../src/testing/fake-model-server.ts";
import { openFakeOpenAI } from "../../src/testing/fake-openai.ts";
import { NO_PORTS } from "../../src/agent/no-ports.ts";
import { openMcpHttpServer } from "./mcp-http-server.ts";
import { createToolbox } from "./mcp-toolbox.ts";

/** Its far side is itself: it repeats the script's words, and holds after each of them where the script has a hold. */
export function openEcho({ acts }: AgentScript): AgentSubject {
  const held = new Set<() => void>();
  let asked = 0;
  let isReleased = !acts.includes("hold");
  const echo = createEchoAgent({
    delayMs: 1,
    clock: {
      now: () => 0,
      monotonic: () => 0,
      timer: (_, run) => {
        if (isReleased) setImmediate(run);
        else held.add(run);
        return () => void held.delete(run);
      },
    },
  });
  const release = (): void => {
    isReleased = true;
    for (const run of held) run();
    held.clear();
  };
  return {
    agent: {
      name: echo.name,
      run: (turn, signal) => {
        if (!signal.aborted) asked += 1;
        return echo.run(turn, signal, NO_PORTS);
      },
    },
    asked: () => asked,
    marks: () => 0,
    release,
    rested: async () => {
      while (held.size > 0) await new Promise(setImmediate);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(release()),
  };
}

export function openFake({ acts, ending }: AgentScript): AgentSubject {
  const gate = Promise.withResolvers<void>();
  let asked = 0;
  let marks = 0;
  const script: FakeAgentScript = [
    { run: () => (asked += 1) },
    ...acts.flatMap((act): FakeAgentScript => {
      if (act === "hold") return [{ wait: gate.promise }];
      if (act === "mark") return [{ run: () => (marks += 1) }];
      if ("say" in act) return [act.say];
      if ("use" in act) return [{ type: "usage", model: "fake", ...act.use }];
      if ("ask" in act)
        return [{ ask: act.ask, say: (choice) => (choice.outcome === "chosen" ? choice.id : "nobody") }];
      return (["started", "finished"] as const).map((state) => ({ type: "tool", index: 0, name: act.call, state }));
    }),
    ...fakeEnding(ending),
  ];
  const agent = createFakeAgent({ script: () => script });
  return {
    agent,
    asked: () => asked,
    marks: () => marks,
    release: gate.resolve,
    rested: async () => void (await Promise.all(agent.runs.map((run) => run.ended))),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function fakeEnding(ending: AgentEnding): readonly FakeAgentStep[] {
  if (ending === "break") return [{ fail: new AgentError("gone", { retryable: true }) }];
  if ("fault" in ending) {
    const retryable = ["unavailable", "quota"].includes(ending.fault);
    return [{ fail: new AgentError(ending.fault, { ...ending, retryable }) }];
  }
  const usage = ending.usage === null ? [] : [{ type: "usage" as const, model: "fake", ...ending.usage }];
  return [...usage, { type: "finish", reason: ending.finish }];
}

type Api = "openai-compatible" | "anthropic";

const OPEN = { "openai-compatible": openFakeOpenAI, anthropic: openFakeAnthropic };
const REASONS = {
  "openai-compatible": { length: "length", filtered: "content_filter" },
  anthropic: { length: "max_tokens", filtered: "refusal" },
};

const QUOTED = { message: "You said wisteria-lane.", type: "some_error" };

const COMMON = {
  unavailable: { status: 503, body: { error: QUOTED } },
  quota: { status: 429, body: { error: QUOTED } },
  refused: { status: 400, body: { error: QUOTED } },
};

const REFUSALS = {
  "openai-compatible": {
    ...COMMON,
    context: { status: 400, body: { error: { ...QUOTED, code: "context_length_exceeded" } } },
  },
  anthropic: {
    ...COMMON,
    context: {
      status: 400,
      body: {
        error: { type: "invalid_request_error", message: "prompt is too long: 201000 tokens > 200000 maximum" },
      },
    },
  },
} satisfies Record<Api, Record<AgentFault, FakeModelAnswer>>;

/** A model behind a fake endpoint. */
export function openModel(api: Api): OpenAgent {
  return async (script, { clock, idleTimeoutMs, totalTimeoutMs }) => {
    const gate = Promise.withResolvers<void>();
    let marks = 0;
    const steps = script.acts.map((act): FakeModelStep => {
      if (act === "hold") return { wait: gate.promise };
      if (act === "mark") return { run: () => (marks += 1) };
      if ("say" in act) return { text: act.say };
      if ("call" in act) return { toolCall: { name: act.call, arguments: "{}" } };
      return assert.fail("a model does no such thing");
    });
    // What it says after a call is another answer, to what came of the call.
    const last = steps.findLastIndex((step) => typeof step === "object" && "toolCall" in step) + 1;
    const server = await OPEN[api]({ answer: modelAnswer(api, steps.slice(last), script.ending) });
    const box = last === 0 ? null : await openToolbox(api, clock);
    if (last > 0) server.next({ steps: steps.slice(0, last) });
    return {
      agent: createModelAgent({
        ...(box === null ? {} : { tools: box.tools }),
        endpoint: { api, baseUrl: server.baseUrl, apiKey: "key" },
        model: "small",
        clock,
        idleTimeoutMs,
        totalTimeoutMs,
      }),
      ...seenOf(server),
      marks: () => marks,
      release: gate.resolve,
      [Symbol.asyncDispose]: async () => {
        await box?.[Symbol.asyncDispose]();
        await server[Symbol.asyncDispose]();
      },
    };
  };
}

/** The tools of an MCP server called `web`. */
async function openToolbox(api: Api, clock: Clock): Promise<AsyncDisposable & { readonly tools: ModelTools }> {
  const server = await openMcpHttpServer(() => createToolbox({ record: () => {}, released: Promise.resolve() }));
  const connection = createMcpConnection({
    name: "web",
    server: { url: server.url, allowPrivate: true },
    clock,
    onStderr: () => {},
  });
  const tools = createModelTools({ connections: [connection], api, maxSteps: 20, toolTimeoutMs: 60_000, clock });
  return {
    tools,
    [Symbol.asyncDispose]: async () => {
      await tools.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

function seenOf({ requests }: FakeModelServer): Pick<AgentSubject, "asked" | "rested"> {
  return {
    asked: () => requests.length,
    rested: async () => void (await Promise.all(requests.map((request) => request.closed))),
  };
}

function modelAnswer(api: Api, steps: readonly FakeModelStep[], ending: AgentEnding): FakeModelAnswer {
  if (ending === "break") return { steps: [...steps, "cut"] };
  if ("fault" in ending) {
    const headers = ending.retryAfterMs === null ? {} : { "retry-after": String(ending.retryAfterMs / 1_000) };
    return { ...REFUSALS[api][ending.fault], headers };
  }
  const reason = ending.finish === "done" ? {} : { finishReason: REASONS[api][ending.finish] };
  return { steps, ...reason, usage: ending.usage };
}
