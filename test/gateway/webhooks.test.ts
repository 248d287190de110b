import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Webhook } from "standardwebhooks";
import { createSecret } from "../../src/config/secret.ts";
import { createFakeAgent, HANG } from "../../src/testing/fake-agent.ts";
import { type Answered, call, configOf, scratchFolder, startGateway } from "./gateway-setup.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

interface Posted {
  readonly id: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Takes what is posted to it when it is signed as it must be; `answers` are its next statuses, then 204. */
async function openReceiver(...answers: number[]) {
  const posted: Posted[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      const payload = new Webhook(SECRET).verify(body, request.headers as Record<string, string>);
      posted.push({ id: String(request.headers["webhook-id"]), body: payload as Posted["body"] });
      response.writeHead(answers.shift() ?? 204).end();
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    posted,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/replies`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await once(server.close(), "close");
    },
  };
}

async function send(url: string, id: string, message: object, secret = SECRET): Promise<Answered> {
  const body = JSON.stringify(message);
  const timestamp = new Date();
  const response = await fetch(url, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(timestamp.getTime() / 1_000)),
      "webhook-signature": new Webhook(secret).sign(id, timestamp, body),
    },
  });
  return { status: response.status, body: (await response.json()) as Answered["body"] };
}

async function until(check: () => boolean): Promise<void> {
  while (!check()) await pause(5);
}

describe("a signed webhook with a replyUrl", { timeout: 120_000 }, () => {
  it("is answered by one signed POST, across restarts and redeliveries", async () => {
    await using receiver = await openReceiver();
    const home = scratchFolder();
    const agent = createFakeAgent({
      script: ({ messages }) => [`you said ${messages.map(({ text }) => text).join()}`],
    });
    agent.next([HANG]);
    const webhooks = { ci: { secret: createSecret(SECRET), replyUrl: receiver.url } };
    const config = await configOf(home, { answers: agent, webhooks });
    const message = { from: "ada", text: "hello", chat: "room" };
    let session: unknown;
    {
      const gateway = await startGateway({ ...config, server: { ...config.server, drainMs: 10 } });
      const { status, body } = await send(`${gateway.url}/hooks/ci`, "msg_1", message);
      assert.equal(status, 202);
      ({ session } = body);
      const run = await agent.started(1);
      assert.partialDeepStrictEqual(await gateway.stop(), { finishedTurns: 0, leftTurns: [run.turn.turnId] });
    }
    assert.equal(receiver.posted.length, 0);
    {
      const gateway = await startGateway(config);
      const again = await send(`${gateway.url}/hooks/ci`, "msg_1", message);
      assert.deepEqual([again.body["duplicate"], again.body["session"]], [true, session]);
      await until(() => receiver.posted.length > 0);
      await gateway.stop();
    }
    {
      await using gateway = await startGateway(config);
      await send(`${gateway.url}/hooks/ci`, "msg_2", { ...message, text: "and again" });
      await until(() => receiver.posted.length > 1);
      assert.equal((await call(`${gateway.url}/api/sessions/${String(session)}`, "GET")).status, 200);
    }
    const bodies = receiver.posted.map(({ body }) => body);
    assert.deepEqual(
      bodies.map(({ text }) => text),
      ["you said hello", "you said and again"],
    );
    assert.deepEqual(bodies[0], {
      type: "message.reply",
      session,
      chat: "room",
      thread: null,
      to: "ada",
      text: "you said hello",
      seq: 2,
    });
    assert.equal(new Set(receiver.posted.map(({ id }) => id)).size, 2);
  });

  it("is answered under the same id when the receiver asks for another attempt", async () => {
    await using receiver = await openReceiver(503);
    const webhooks = { ci: { secret: createSecret(SECRET), replyUrl: receiver.url } };
    await using gateway = await startGateway(await configOf(scratchFolder(), { webhooks }));
    await send(`${gateway.url}/hooks/ci`, "msg_1", { from: "ada", text: "hello" });
    await until(() => receiver.posted.length > 1);
    const [first, second] = receiver.posted;
    assert.deepEqual(first, second);
  });

  it("is refused with another secret, and under a name that nobody configured", async () => {
    const webhooks = { ci: { secret: createSecret(SECRET), replyUrl: null } };
    await using gateway = await startGateway(await configOf(scratchFolder(), { webhooks }));
    const message = { from: "ada", text: "hello" };
    const other = `whsec_${Buffer.from("another secret of enough bytes").toString("base64")}`;
    assert.equal((await send(`${gateway.url}/hooks/ci`, "msg_1", message, other)).status, 401);
    assert.equal((await send(`${gateway.url}/hooks/toString`, "msg_1", message)).status, 401);
    assert.equal((await send(`${gateway.url}/hooks/cd`, "msg_1", message)).status, 401);
    assert.equal((await send(`${gateway.url}/hooks/ci`, "msg_1", message)).status, 202);
  });
});
