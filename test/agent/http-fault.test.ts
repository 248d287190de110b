import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { agentTurn, partsOf } from "./agent-turn.ts";
import { agentOf, answering, faultOf, json, openEndpoint, sse, streaming } from "./http-endpoint-server.ts";

describe("an answer", () => {
  test("in JSON that is something else is a fault that another attempt would repeat, and is not quoted", async () => {
    for (const body of ['{"text":7}', "SECRET words", '{"text":"a","finish":"maybe"}', '{"text":"a"']) {
      const fault = await faultOf(answering(200, { "content-type": "application/json" }, body));
      assert.equal(
        fault.message,
        `${fault.origin} sent JSON that is not an object with a text, and usage and finish if any.`,
      );
      assert.equal(fault.retryable, false);
    }
  });

  test("in JSON that never ends is cut at 16 MiB", async () => {
    const fault = await faultOf((response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, "a")));
      };
      response.on("drain", more);
      more();
    });
    assert.match(fault.message, /sent more than the 16 MiB that an answer may have\.$/);
    assert.equal(fault.retryable, false);
  });

  test("that ends without finish is worth another attempt, and so is one that is cut off", async () => {
    const short = await faultOf(streaming(sse("text", { text: "a" })));
    assert.deepEqual(
      [short.message, short.retryable],
      [`The answer from ${short.origin} ended without the event finish.`, true],
    );
    const cut = await faultOf((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(sse("text", { text: "a" }), () => response.destroy());
    });
    assert.deepEqual(
      [cut.message, cut.retryable],
      [`The answer from ${cut.origin} ended before it was complete (connection closed).`, true],
    );
  });

  test("can end in an error that says whether, and when, to try again", async () => {
    const cases = [
      [{}, "in the middle of its answer", true, null],
      [{ code: "overloaded", retryAfterMs: 7_000 }, "overloaded", true, 7_000],
      [{ code: "overloaded", retryAfterMs: 1e12 }, "overloaded", true, 3_600_000],
      [{ code: "no_credit", retryable: false, message: "SECRET" }, "no_credit", false, null],
    ] as const;
    for (const [data, said, retryable, retryAfterMs] of cases) {
      const fault = await faultOf(streaming(sse("text", { text: "a" }), sse("error", data)));
      assert.deepEqual(
        [fault.message, fault.retryable, fault.retryAfterMs],
        [`${fault.origin} failed (${said}).`, retryable, retryAfterMs],
      );
    }
  });

  test("can say of what kind the error is, which then says whether to try again", async () => {
    for (const [fault, retryable] of [
      ["unavailable", true],
      ["quota", true],
      ["context", false],
      ["refused", false],
    ] as const) {
      const said = await faultOf(streaming(sse("error", { fault, retryAfterMs: 7_000 })));
      assert.deepEqual([said.fault, said.retryable, said.retryAfterMs], [fault, retryable, 7_000]);
    }
    assert.equal((await faultOf(streaming(sse("error", { fault: "refused", retryable: true })))).retryable, true);
    assert.match(
      (await faultOf(streaming(sse("error", { fault: "SECRET" })))).message,
      /not what the event has to hold/,
    );
  });

  test("says that the conversation is too long with a code of its own", async () => {
    const inOtherWords = await faultOf(streaming(sse("error", { fault: "context" })));
    assert.match(inOtherWords.message, /finds the conversation too long \(context\)\./);
    const fault = await faultOf(streaming(sse("error", { code: "context_overflow" })));
    assert.deepEqual([inOtherWords.fault, fault.fault], ["context", "context"]);
    assert.match(fault.message, /finds the conversation too long \(context_overflow\)\. Reset the session\.$/);
    assert.equal(fault.retryable, false);
  });

  test("with an event that breaks the agreement is a fault that another attempt would repeat", async () => {
    const cases = [
      [sse("text", { words: "SECRET" }), /sent an event text whose data is not what the event has to hold\.$/],
      ["event: text\ndata: SECRET\n\n", /sent an event text whose data/],
      [sse("tool", { index: -1, name: "a", state: "started" }), /sent an event tool whose data/],
      [sse("usage", { inputTokens: "many", outputTokens: 1 }), /sent an event usage whose data/],
      [sse("error", { code: "words that a person said" }), /sent an event error whose data/],
      ['data: {"text":"a"}\n\n', /sent an event without a name; every event needs a line "event: <name>"\.$/],
      [`event: text\ndata: ${"x".repeat(1_100_000)}`, /sent an event of more than 1048576 characters\.$/],
      [`event: text\n${"data: x\n".repeat(600_000)}`, /sent an event of more than 1048576 characters\.$/],
    ] as const;
    for (const [event, message] of cases) {
      const fault = await faultOf(streaming(event, sse("finish")));
      assert.match(fault.message, message);
      assert.doesNotMatch(fault.message, /SECRET|person/);
      assert.equal(fault.retryable, false);
    }
  });
});

describe("a refusal", () => {
  test("is permanent or not, as its status says, in a sentence that says what to do", async () => {
    const cases = [
      [204, false, /answered 204 without an answer; it has to answer 200/],
      [400, false, /did not accept the question \(400\)\. Its own log says why\./],
      [401, false, /did not accept the question \(401\)\..* PARLOR_AGENT_SECRET\?/],
      [403, false, /PARLOR_AGENT_SECRET/],
      [404, false, /takes no questions at the path of agent\.url \(404\)/],
      [413, false, /finds the conversation too long \(413\)\. Reset the session/],
      [422, false, /did not accept the question \(422\)/],
      [408, true, /failed \(408\)/],
      [429, true, /answers no more requests for now \(429\)/],
      [500, true, /failed \(500\)/],
      [502, true, /failed \(502\)/],
    ] as const;
    for (const [status, retryable, message] of cases) {
      const fault = await faultOf(answering(status, {}, status === 204 ? "" : "words that a person said"));
      assert.match(fault.message, message);
      assert.ok(!fault.message.includes("person"));
      assert.deepEqual([fault.retryable, fault.retryAfterMs], [retryable, null], String(status));
    }
  });

  test("with Retry-After says when", async () => {
    for (const status of [429, 503]) {
      const fault = await faultOf(answering(status, { "retry-after": "7" }));
      assert.deepEqual([fault.retryable, fault.retryAfterMs], [true, 7_000]);
    }
  });

  test("that leads elsewhere is not followed", async () => {
    await using elsewhere = await openEndpoint(json({ text: "Hi." }));
    for (const status of [301, 302, 303, 307, 308]) {
      const fault = await faultOf(answering(status, { location: elsewhere.url }));
      assert.match(fault.message, /Redirects are not followed: set agent\.url to the final address\.$/);
      assert.equal(fault.retryable, false);
    }
    assert.equal(elsewhere.connections(), 0);
  });

  test("can be an answer in a form that nobody agreed on", async () => {
    const html = await faultOf(answering(200, { "content-type": "text/html" }, "<p>SECRET"));
    assert.match(html.message, /sent neither application\/json nor text\/event-stream\.$/);
    const zipped = await faultOf(answering(200, { "content-type": "application/json", "content-encoding": "gzip" }));
    assert.match(zipped.message, /sent a compressed answer, which was not asked for\.$/);
    assert.deepEqual([html.retryable, zipped.retryable], [false, false]);
  });

  test("can be a broken connection, or none", async () => {
    const broken = await faultOf((response) => void response.destroy());
    assert.deepEqual(
      [broken.message, broken.retryable],
      [`No answer from ${broken.origin} (connection closed).`, true],
    );
    const server = await openEndpoint(json({ text: "Hi." }));
    await server[Symbol.asyncDispose]();
    await assert.rejects(partsOf(agentOf(server), agentTurn("hello")), {
      message: `No answer from ${new URL(server.url).origin} (connection refused).`,
      retryable: true,
    });
  });

  test("can be a protocol that is not HTTP, or another one that it switches to", async () => {
    const garbled = await faultOf((response) => void response.socket?.end("SSH-2.0-OpenSSH\r\n"));
    assert.match(garbled.message, /answered something that is not HTTP \(HPE_\w+\)\.$/);
    const switched = await faultOf(
      (response) =>
        void response.socket?.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: foo\r\n\r\n"),
    );
    assert.deepEqual([garbled.retryable, switched.retryable], [true, true]);
  });
});
