/** The agents of the contract, each with a far side that plays a script. */
import { AgentError } from "../../src/agent/agent.ts";
import { createEchoAgent } from "../../src/agent/echo.ts";
import { createModelAgent } from "../../src/agent/model.ts";
import {
  QUOTA_RETRY_AFTER_MS,
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
    const retryAfterMs = ending.fault === "quota" ? QUOTA_RETRY_AFTER_MS : null;
    return [{ fail: new AgentError(ending.fault, { retryable: ending.fault !== "permanent", retryAfterMs }) }];
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

/** A model behind a fake endpoint. */
export function openModel(api: Api): OpenAgent {
  return async (script, { clock, idleTimeoutMs }) => {
    const gate = Promise.withResolvers<void>();
    let marks = 0;
    const steps = script.acts.map((act): FakeModelStep => {
      if (act === "hold") return { wait: gate.promise };
      if (act === "mark") return { run: () => (marks += 1) };
      return "say" in act ? { text: act.say } : { toolCall: { name: act.call, arguments: "{}" } };
    });
    const server = await OPEN[api]({ answer: modelAnswer(api, steps, script.ending) });
    return {
      agent: createModelAgent({
        endpoint: { api, baseUrl: server.baseUrl, apiKey: "key" },
        model: "small",
        clock,
        idleTimeoutMs,
      }),
      ...seenOf(server),
      marks: () => marks,
      release: gate.resolve,
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
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
    const seconds = String(QUOTA_RETRY_AFTER_MS / 1_000);
    const body = { error: { message: "You said wisteria-lane.", type: "some_error" } };
    switch (ending.fault) {
      case "retryable":
        return { status: 500, body };
      case "quota":
        return { status: 429, body, headers: { "retry-after": seconds } };
      case "permanent":
        return { status: 400, body };
    }
  }
  const reason = ending.finish === "done" ? {} : { finishReason: REASONS[api][ending.finish] };
  return { steps, ...reason, usage: ending.usage };
}
