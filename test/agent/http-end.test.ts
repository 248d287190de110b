import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { AgentPart } from "../../src/agent/agent.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { agentTurn, partsOf, textOf } from "./agent-turn.ts";
import { agentOf, json, openEndpoint, sse } from "./http-endpoint-server.ts";
import { NO_PORTS } from "../../src/agent/no-ports.ts";

describe("the end of a run", () => {
  test("by an abort in the middle closes the connection, says nothing more and throws the reason", async () => {
    await using server = await openEndpoint((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(sse("text", { text: "one" }) + sse("text", { text: "two" }));
    });
    const controller = new AbortController();
    const reason = new Error("stop");
    const said: AgentPart[] = [];
    await assert.rejects(async () => {
      for await (const part of agentOf(server).run(agentTurn("hello"), controller.signal, NO_PORTS)) {
        said.push(part);
        controller.abort(reason);
      }
    }, reason);
    assert.deepEqual(said, [{ type: "text", text: "one" }]);
    assert.equal(await server.asked[0]?.closed, "early");
  });

  test("by an abort before there is an answer closes the connection too", async () => {
    await using server = await openEndpoint(() => {});
    const controller = new AbortController();
    const asked = server.next();
    const parts = partsOf(agentOf(server), agentTurn("hello"), controller.signal);
    const { closed } = await asked;
    controller.abort(new Error("stop"));
    await assert.rejects(parts, /stop/);
    assert.equal(await closed, "early");
  });

  test("before it begins asks nobody", async () => {
    await using server = await openEndpoint(json({ text: "Hi." }));
    await assert.rejects(partsOf(agentOf(server), agentTurn("hello"), AbortSignal.abort(new Error("stop"))), /stop/);
    assert.equal(server.connections(), 0);
  });

  test("by nobody reading on closes the connection", async () => {
    await using server = await openEndpoint((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(sse("text", { text: "one" }));
    });
    for await (const part of agentOf(server).run(agentTurn("hello"), new AbortController().signal, NO_PORTS)) {
      assert.equal(part.type, "text");
      break;
    }
    assert.equal(await server.asked[0]?.closed, "early");
  });

  test("by a refusal closes the connection, however much there is to say about it", async () => {
    await using server = await openEndpoint((response) => {
      response.writeHead(500);
      response.write("Words without end.");
    });
    await assert.rejects(partsOf(agentOf(server), agentTurn("hello")), /failed \(500\)/);
    assert.equal(await server.asked[0]?.closed, "early");
  });

  test("by finish closes the connection of an endpoint that does not", async () => {
    await using server = await openEndpoint((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(sse("text", { text: "one" }) + sse("finish"));
    });
    assert.equal(textOf(await partsOf(agentOf(server), agentTurn("hello"))), "one");
    assert.equal(await server.asked[0]?.closed, "early");
  });
});

describe("a time-out", () => {
  test("ends a run in which the endpoint is silent", async () => {
    const clock = createManualClock(0);
    await using server = await openEndpoint(() => {});
    const asked = server.next();
    const parts = partsOf(agentOf(server, { clock, idleTimeoutMs: 5_000 }), agentTurn("hello"));
    const { closed } = await asked;
    clock.advance(5_000);
    await assert.rejects(parts, {
      name: "AgentError",
      message: `${new URL(server.url).origin} sent nothing for 5000 ms. If the agent needs longer, raise the time-out.`,
      retryable: true,
    });
    assert.equal(await closed, "early");
  });

  test("begins anew with every event, and not with a comment", async () => {
    const clock = createManualClock(0);
    const steps = Promise.withResolvers<void>();
    const flushed = Promise.withResolvers<void>();
    await using server = await openEndpoint(async (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(sse("reasoning"));
      await steps.promise;
      response.write(sse("reasoning"));
      for (let beat = 0; beat < 3; beat += 1) {
        await new Promise((resolve) => response.write(": still here\n\n", resolve));
      }
      flushed.resolve();
    });
    const run = agentOf(server, { clock, idleTimeoutMs: 5_000 }).run(
      agentTurn("hello"),
      new AbortController().signal,
      NO_PORTS,
    );
    const iterator = run[Symbol.asyncIterator]();
    assert.deepEqual((await iterator.next()).value, { type: "reasoning" });
    // While nobody asks for more, the endpoint is not waited for.
    clock.advance(60_000);
    const second = iterator.next();
    clock.advance(4_999);
    steps.resolve();
    assert.deepEqual((await second).value, { type: "reasoning" });
    const third = iterator.next();
    await flushed.promise;
    clock.advance(4_999);
    clock.advance(1);
    await assert.rejects(third, /sent nothing for 5000 ms/);
  });

  test("ends a run that is busy for too long", async () => {
    const clock = createManualClock(0);
    await using server = await openEndpoint((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(sse("text", { text: "one" }));
    });
    const options = { clock, idleTimeoutMs: 50_000, totalTimeoutMs: 9_000 };
    await assert.rejects(
      async () => {
        for await (const part of agentOf(server, options).run(
          agentTurn("hello"),
          new AbortController().signal,
          NO_PORTS,
        )) {
          assert.equal(part.type, "text");
          clock.advance(9_000);
        }
      },
      { message: /had not finished after 9000 ms/, retryable: true },
    );
    assert.equal(await server.asked[0]?.closed, "early");
  });
});
