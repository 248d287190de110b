import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { trace } from "@opentelemetry/api";
import { AgentError, type Agent } from "../../src/agent/agent.ts";
import type { AgentConfig } from "../../src/config/config.ts";
import { createSecret } from "../../src/config/secret.ts";
import { createSource } from "../../src/core/source.ts";
import { createGateway } from "../../src/gateway/gateway.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { openEndpoint } from "../agent/http-endpoint-server.ts";
import { one, recordSpans } from "../telemetry/recorded-spans.ts";
import { call, configOf, scratchFolder } from "./gateway-setup.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const TOKEN = "a-token-of-some-length";
/** A word that stands in everything people and agents say, and in every name. */
const CANARY = "zanzibar";

/** Where replies are posted; the first is refused once. */
async function openReceiver() {
  let requests = 0;
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead((requests += 1) === 1 ? 503 : 204).end());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/replies`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await once(server.close(), "close");
    },
  };
}

/** What passes over a socket takes its time. */
async function until(check: () => boolean): Promise<void> {
  while (!check()) await pause(5);
}

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A gateway whose every line of the log is kept, with a signed webhook that people write to. */
async function serve(agent: Agent, replyUrl: string) {
  const lines: Line[] = [];
  const log = createLog({
    level: "trace",
    destination: { write: (line: string) => void lines.push(JSON.parse(line) as Line) },
  });
  const config = await configOf(scratchFolder(), { answers: agent });
  const gateway = createGateway(
    {
      ...config,
      token: createSecret(TOKEN),
      turn: { ...config.turn, backoff: { firstMs: 0, maxMs: 0 } },
      webhooks: { ci: { secret: createSecret(SECRET), replyUrl } },
      hooks: { "session:start": () => undefined },
    },
    { log },
  );
  const { url } = await gateway.start();
  let received = 0;
  return {
    gateway,
    url,
    lines,
    of: (msg: string) => lines.filter((line) => line.msg === msg),
    say: (text: string) =>
      gateway.receive({
        kind: "message",
        source: createSource({
          platform: "webhook",
          account: "ci",
          chatType: "group",
          chat: `chat-${CANARY}`,
          chatName: CANARY,
          user: `user-${CANARY}`,
          userName: CANARY,
        }),
        eventId: `event-${(received += 1)}`,
        text,
        attachments: [],
      }),
    metrics: async () => (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })).text(),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

describe("what a gateway tells of itself", { timeout: 120_000 }, () => {
  test("is every business event with its ids, and nothing that anybody said, is called or keeps secret", async () => {
    using spans = recordSpans();
    await using receiver = await openReceiver();
    let attempts = 0;
    const agent: Agent = {
      name: "sage",
      async *run(turn, signal, ports) {
        attempts += 1;
        if (attempts === 1) throw new AgentError("The model is busy.", { retryable: true, fault: "quota" });
        if (turn.messages.some(({ text }) => text.startsWith("wait"))) {
          await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
          throw signal.reason;
        }
        yield { type: "tool", index: 0, name: "search", state: "started" };
        yield { type: "tool", index: 0, name: "search", state: "finished" };
        if (turn.messages.some(({ text }) => text.startsWith("ask"))) {
          const choices = [`Yes ${CANARY}`, "No"].map((label, id) => ({ id: String(id), label }));
          await ports.ask({ text: `Shall I ${CANARY}?`, choices });
        }
        yield { type: "usage", model: "m", inputTokens: 7, outputTokens: 2 };
        yield { type: "text", text: `You said ${CANARY}.` };
        yield { type: "finish", reason: "done" };
      },
    };
    await using rig = await serve(agent, receiver.url);

    await rig.say(`hello ${CANARY}`);
    await until(() => rig.of("delivery settled").some(({ state }) => state === "sent"));
    await rig.say(`/title ${CANARY}`);
    await rig.say(`ask ${CANARY}`);
    await until(() => rig.of("question asked").length === 1);
    await rig.say("1");
    await until(() => rig.of("turn ended").filter(({ outcome }) => outcome === "done").length === 2);
    await rig.say(`wait ${CANARY}`);
    await until(() => rig.of("turn started").length === 4);
    await rig.say("/stop");
    await until(() => rig.of("turn ended").some(({ outcome }) => outcome === "cancelled"));
    await rig.say(`/${CANARY}`);
    await rig.say("/new");
    await rig.gateway.receive({
      kind: "signal",
      source: createSource({ platform: "webhook", account: "ci", user: CANARY }),
      name: "typing",
    });
    const [ended] = rig.of("session ended");
    const authorization = { authorization: `Bearer ${TOKEN}` };
    await fetch(`${rig.url}/api/sessions/${String(ended?.["sessionId"])}`, {
      method: "DELETE",
      headers: authorization,
    });
    const metrics = await rig.metrics();
    await rig.gateway.stop();

    const counted = Object.groupBy(rig.lines, ({ msg }) => msg);
    for (const [msg, times] of [
      ["gateway started", 1],
      ["session opened", 1],
      ["turn started", 4],
      ["turn ended", 4],
      ["first token", 2],
      ["tool called", 2],
      ["tokens used", 2],
      ["question asked", 1],
      ["question ended", 1],
      ["turn cancelled", 1],
      ["session ended", 1],
      ["session erased", 1],
      ["gateway stopped", 1],
    ] as const) {
      assert.equal(counted[msg]?.length, times, `${msg}: ${JSON.stringify(counted[msg])}`);
    }
    for (const line of rig.of("turn ended")) {
      for (const id of ["turnId", "sessionId", "platform", "attempt"]) assert.ok(id in line, `${id} of a turn`);
    }
    for (const line of rig.of("delivery settled")) {
      for (const id of ["deliveryId", "sessionId", "turnId", "attempt"]) assert.ok(id in line, `${id} of a delivery`);
    }
    assert.ok(spans.named("invoke_agent sage").length === 4 && spans.named("parlor.deliver").length > 1);

    const told = {
      log: JSON.stringify(rig.lines),
      metrics,
      spans: JSON.stringify(
        spans.all().map(({ name, attributes, events, status, links }) => [name, attributes, events, status, links]),
      ),
    };
    for (const [where, text] of Object.entries(told)) {
      for (const word of [CANARY, SECRET, SECRET.slice(6), TOKEN]) {
        assert.ok(!text.includes(word), `${where}: ${text.slice(Math.max(0, text.indexOf(word) - 300)).slice(0, 400)}`);
      }
    }
  });

  test("is one trace from the message to the delivery, with what a program's own instrumentation records", async () => {
    using spans = recordSpans();
    await using receiver = await openReceiver();
    const agent: Agent = {
      name: "sage",
      model: "m-large",
      async *run() {
        await Promise.resolve();
        trace.getTracer("a program").startSpan("GET").end();
        yield { type: "text", text: "hi" };
        yield { type: "finish", reason: "done" };
      },
    };
    await using rig = await serve(agent, receiver.url);
    await trace.getTracer("a server").startActiveSpan("POST /hooks", async (span) => {
      await rig.say("hello");
      span.end();
    });
    await until(() => spans.named("parlor.deliver").length === 2);
    const chain = ["POST /hooks", "parlor.accept", "invoke_agent sage", "GET"].map((name) => one(spans.named(name)));
    for (const [index, span] of chain.entries()) {
      assert.equal(span.parentSpanContext?.spanId, chain[index - 1]?.spanContext().spanId, span.name);
    }
    for (const sent of spans.named("parlor.deliver")) {
      assert.equal(sent.parentSpanContext?.spanId, chain[2]?.spanContext().spanId);
    }
    assert.deepEqual(
      spans.named("parlor.deliver").map(({ attributes }) => attributes["parlor.outcome"]),
      ["pending", "sent"],
    );
    assert.equal(chain[2]?.attributes["gen_ai.request.model"], "m-large");
  });

  test("is handed on to a program as variables", async () => {
    using spans = recordSpans();
    const config = await configOf(scratchFolder());
    const script = `const { TRACEPARENT: text = "none" } = process.env;
      for (const part of [{ type: "text", text }, { type: "finish" }]) console.log(JSON.stringify(part));`;
    const agent: AgentConfig = {
      kind: "command",
      command: [process.execPath, "-e", script],
      cwd: scratchFolder(),
      env: {},
      idleTimeoutMs: 30_000,
      totalTimeoutMs: null,
    };
    await using gateway = createGateway({ ...config, agent }, { log: createLog({ level: "silent" }) });
    const { url } = await gateway.start();
    const { body } = await call(`${url}/api/chats/lobby/messages?wait=30`, "POST", { from: "ada", text: "hello" });
    await until(() => spans.named("invoke_agent node").length === 1);
    const { traceId, spanId } = one(spans.named("invoke_agent node")).spanContext();
    assert.equal(body["reply"], `00-${traceId}-${spanId}-01`);
  });

  test("is handed on to an endpoint as the trace it belongs to, without the trace's baggage", async () => {
    using spans = recordSpans();
    await using endpoint = await openEndpoint((response) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ text: "hi" }));
    });
    const config = await configOf(scratchFolder());
    const limits = { allowPrivate: true, idleTimeoutMs: 10_000, totalTimeoutMs: 10_000 };
    const agent = { kind: "http", url: endpoint.url, secret: createSecret(SECRET), ...limits } as const;
    await using gateway = createGateway({ ...config, agent }, { log: createLog({ level: "silent" }) });
    const { url } = await gateway.start();
    const { body } = await call(`${url}/api/chats/lobby/messages?wait=30`, "POST", { from: "ada", text: "hello" });
    assert.equal(body["reply"], "hi");
    const [asked] = endpoint.asked;
    await until(() => spans.all().some(({ name }) => name.startsWith("invoke_agent")));
    const { traceId, spanId } = one(spans.all().filter(({ name }) => name.startsWith("invoke_agent"))).spanContext();
    assert.equal(asked?.headers.get("traceparent"), `00-${traceId}-${spanId}-01`);
    assert.equal(asked.headers.get("baggage"), null);
  });
});
