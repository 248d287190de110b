import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, type TestContext, test } from "node:test";
import { HANG } from "../../src/testing/fake-agent.ts";
import { call, configOf, scratchFolder, startGateway, transcript } from "../gateway/gateway-setup.ts";
import { agentOf, gatewayWith, talk } from "./talk.ts";

const [CTRL_C, CTRL_D, ENTER] = ["\u0003", "\u0004", "\r"];

/** What the session of the chat `main` holds. */
async function said(url: string): Promise<readonly string[]> {
  const { body } = await call(`${url}/api/chats/main/session?from=operator`, "GET");
  return await transcript(url, body["id"]);
}

describe("a conversation", { timeout: 60_000 }, () => {
  test("shows replies as they come, in the session of the API's chat", async (t) => {
    const [rest, agent] = [Promise.withResolvers<void>(), agentOf(undefined)];
    agent.next(["One ", { wait: rest.promise }, "two."]);
    await using gateway = await gatewayWith(agent);
    const { type, says, shown, over } = talk(t, gateway.url);
    await says("> ");
    type(`Count${ENTER}`);
    await says("One ");
    rest.resolve();
    await says("two.\n");
    await says("> ");
    assert.equal(shown().split("One two.").length, 2);
    await call(`${gateway.url}/api/chats/main/messages?wait=30`, "POST", { from: "operator", text: "And here?" });
    assert.deepEqual(await said(gateway.url), [
      "user Count answered",
      "assistant One two. said",
      "user And here? answered",
      "assistant ok said",
    ]);
    type(CTRL_D);
    await over;
  });

  test("stops the turn with Ctrl-C and goes on", async (t) => {
    const agent = agentOf(undefined);
    agent.next(["One ", HANG], ["Well."]);
    await using gateway = await gatewayWith(agent);
    const { type, says, over } = talk(t, gateway.url);
    type(`Count${ENTER}`);
    await says("One ");
    type(CTRL_C);
    await says("(Stopped.)");
    assert.equal(await (await agent.started(1)).ended, "aborted");
    type(`Then?${ENTER}`);
    await says("Well.\n");
    assert.deepEqual((await said(gateway.url)).slice(-2), ["user Then? answered", "assistant Well. said"]);
    type(`/quit${ENTER}`);
    await over;
  });

  test("no longer waits with a second Ctrl-C", async (t) => {
    const silent = createServer((_, response) =>
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders(),
    );
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    t.after(() => {
      silent.closeAllConnections();
      silent.close();
    });
    const { type, says, over } = talk(t, `http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
    type(`Hello${ENTER}`);
    await new Promise((resolve) => silent.once("request", resolve));
    type(CTRL_C + CTRL_C);
    await says("(Not waiting for it any more; the turn may go on.)");
    type(CTRL_D);
    await over;
  });

  test("leaves in mid-reply with Ctrl-D, and the turn goes on", async (t) => {
    const [rest, agent] = [Promise.withResolvers<void>(), agentOf(undefined)];
    agent.next(["One ", { wait: rest.promise }, "two."]);
    await using gateway = await gatewayWith(agent);
    const { type, says, over } = talk(t, gateway.url);
    type(`Count${ENTER}`);
    await says("One ");
    type(CTRL_D);
    await over;
    rest.resolve();
    assert.equal(await (await agent.started(1)).ended, "finished");
  });

  test("sends several lines as one message, and commands as commands", async (t) => {
    await using gateway = await gatewayWith(agentOf(undefined));
    const { type, says } = talk(t, gateway.url);
    type(`one\\${ENTER}two${ENTER}`);
    await says("ok\n");
    type(`/title Lines${ENTER}`);
    await says("Lines");
    await says("> ");
    assert.deepEqual(await said(gateway.url), ["user one\ntwo answered", "assistant ok said"]);
    const { body } = await call(`${gateway.url}/api/chats/main/session?from=operator`, "GET");
    assert.equal(body["title"], "Lines");
  });

  test("sends nothing for a blank line", async (t) => {
    await using gateway = await gatewayWith(agentOf(undefined));
    const { type, says } = talk(t, gateway.url);
    type(` ${ENTER}${ENTER}hello${ENTER}`);
    await says("ok\n");
    assert.deepEqual(await said(gateway.url), ["user hello answered", "assistant ok said"]);
  });

  test("shows escape sequences of the agent as text, also divided ones", async (t) => {
    const agent = agentOf(undefined);
    agent.next(["\u001b", "[31mred\u001b]0;pwned\u0007"]);
    await using gateway = await gatewayWith(agent);
    const { type, says } = talk(t, gateway.url);
    type(`Hello${ENTER}`);
    await says(String.raw`\x1b[31mred\x1b]0;pwned\x07`);
  });

  test("says that an attempt failed, and shows the next one", async (t) => {
    const agent = agentOf(undefined);
    agent.next(["One ", { fail: new Error("gone") }], ["Uno."]);
    const config = await configOf(scratchFolder(), { answers: agent });
    await using gateway = await startGateway({
      ...config,
      turn: { ...config.turn, backoff: { firstMs: 1, maxMs: 1 } },
    });
    const { type, says } = talk(t, gateway.url);
    type(`Count${ENTER}`);
    await says("One \n(That attempt failed; this is the next one.)\nUno.\n");
  });

  test("says that a turn failed for good, under what the person is told", async (t) => {
    const agent = agentOf(() => [{ fail: new Error("gone") }]);
    const config = await configOf(scratchFolder(), { answers: agent });
    await using gateway = await startGateway({ ...config, turn: { ...config.turn, maxAttempts: 1 } });
    const { type, says } = talk(t, gateway.url);
    type(`Count${ENTER}`);
    await says("Sorry, ");
    await says("(The turn failed; parlor sessions show says why.)");
    await says("> ");
  });

  test("picks a reply up where its connection broke; nothing is accepted or shown twice", async (t) => {
    const [rest, agent] = [Promise.withResolvers<void>(), agentOf(undefined)];
    agent.next(["One ", "two ", { wait: rest.promise }, "three."]);
    await using gateway = await gatewayWith(agent);
    const line = await openBreakingLine(t, gateway.url);
    const { type, says, shown, over } = talk(t, line.url);
    type(`Count${ENTER}`);
    await says("One two ");
    line.cut();
    await says("(The connection is lost: ");
    await line.again;
    rest.resolve();
    await says("three.\n");
    assert.deepEqual([shown().split("One").length, shown().split("two").length], [2, 2]);
    assert.deepEqual(await said(gateway.url), ["user Count answered", "assistant One two three. said"]);
    assert.equal(line.bodies.length, 2);
    assert.equal(line.bodies[0], line.bodies[1]);
    type(CTRL_D);
    await over;
  });

  test("says why a message is refused, and goes on", async (t) => {
    await using gateway = await gatewayWith(agentOf(undefined));
    const { type, says } = talk(t, gateway.url);
    type(`${"x".repeat(100_001)}${ENTER}`);
    await says("(The gateway refused it: ");
    type(`hello${ENTER}`);
    await says("ok\n");
  });
});

interface BreakingLine {
  readonly url: string;
  /** What was posted over it. */
  readonly bodies: readonly string[];
  /** Breaks every connection that is open. */
  cut(): void;
  /** Resolves when something is posted after the cut. */
  readonly again: Promise<void>;
}

/** A way to a gateway that can be broken. */
async function openBreakingLine(t: TestContext, target: string): Promise<BreakingLine> {
  const bodies: string[] = [];
  const again = Promise.withResolvers<void>();
  const server = createServer((incoming, outgoing) => {
    let body = "";
    incoming.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    incoming.on("end", () => {
      bodies.push(body);
      const { host: _, ...headers } = incoming.headers;
      const passedOn = request(
        `${target}${incoming.url ?? ""}`,
        { method: incoming.method ?? "GET", headers },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(outgoing);
          if (bodies.length > 1) again.resolve();
        },
      );
      outgoing.on("close", () => passedOn.destroy());
      passedOn.on("error", () => outgoing.destroy());
      passedOn.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    cut: () => server.closeAllConnections(),
    again: again.promise,
  };
}
