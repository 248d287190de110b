import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import type { Delivery } from "../../src/core/delivery.ts";
import { verifyWebhook } from "../../src/lib/webhook-signature.ts";
import { createWebhookPlatform } from "../../src/platform/webhook.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NOW = Date.UTC(2026, 0, 5, 12);

const DELIVERY: Delivery = {
  id: "dlv_1",
  sessionId: "ses_1",
  turnId: "trn_1",
  seq: 2,
  destination: { platform: "webhook", account: "ci", chatType: "thread", chat: "room", thread: "t1", user: "ada" },
  text: "Hello 👋",
  state: "sending",
  attempt: 1,
  pardoned: 0,
  remoteId: null,
  error: null,
  createdAt: NOW,
};

interface Received {
  readonly method: string | undefined;
  readonly headers: Headers;
  readonly body: string;
}

type Respond = (response: ServerResponse, request: IncomingMessage) => void;

/** A receiver of replies on a port of its own. */
async function setUp(respond: Respond = (response) => void response.writeHead(204).end()) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      received.push({ method: request.method, headers: new Headers(request.headers as Record<string, string>), body });
      respond(response, request);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const replyUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/replies`;
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    server.closeAllConnections();
    await once(server.close(), "close");
  };
  const platform = createWebhookPlatform({
    hooks: new Map([["ci", { replyUrl, secret: SECRET }]]),
    clock: createManualClock(NOW),
  });
  const send = (delivery: Partial<Delivery> = {}, signal = new AbortController().signal) =>
    platform.send({ ...DELIVERY, ...delivery }, signal);
  return { platform, received, send, close, [Symbol.asyncDispose]: close };
}

const answering = (status: number, headers: Record<string, string> = {}): Respond => {
  return (response) => void response.writeHead(status, headers).end("what it says does not matter");
};

describe("the webhook platform", () => {
  it("posts a reply, signed, with the delivery's id", async () => {
    await using rig = await setUp();
    assert.deepEqual(await rig.send(), { outcome: "sent", remoteId: null });
    const [request] = rig.received;
    assert.ok(request !== undefined);
    assert.equal(request.method, "POST");
    assert.equal(request.headers.get("content-type"), "application/json");
    const verified = { outcome: "verified", id: "dlv_1" };
    assert.deepEqual(verifyWebhook(SECRET, request.headers, request.body, NOW), verified);
    assert.deepEqual(JSON.parse(request.body), {
      type: "message.reply",
      session: "ses_1",
      chat: "room",
      thread: "t1",
      to: "ada",
      text: "Hello 👋",
      seq: 2,
    });
  });

  it("has no sequence number to tell of a reply that is not in a transcript", async () => {
    await using rig = await setUp();
    await rig.send({ seq: null, sessionId: null });
    const body = JSON.parse(rig.received[0]?.body ?? "") as object;
    assert.equal("seq" in body, false);
  });

  it("delivers where the hook has a replyUrl, and nowhere else", async () => {
    await using rig = await setUp();
    const { destination } = DELIVERY;
    assert.equal(rig.platform.idempotent, true);
    assert.equal(rig.platform.delivers(destination), true);
    assert.equal(rig.platform.delivers({ ...destination, account: "demo" }), false);
    assert.equal(rig.platform.delivers({ ...destination, platform: "slack" }), false);
    const outcome = await rig.send({ destination: { ...destination, account: "demo" } });
    assert.deepEqual(outcome, { outcome: "failed", error: 'The webhook "demo" has no replyUrl.' });
  });

  for (const [status, outcome] of [
    [200, "sent"],
    [299, "sent"],
    [400, "failed"],
    [401, "failed"],
    [404, "failed"],
    [410, "failed"],
    [408, "retry"],
    [425, "retry"],
    [429, "retry"],
    [503, "retry"],
    [500, "ambiguous"],
    [502, "ambiguous"],
  ] as const) {
    it(`takes ${status} for ${outcome}`, async () => {
      await using rig = await setUp(answering(status));
      const answer = await rig.send();
      assert.equal(answer.outcome, outcome);
      if (answer.outcome !== "sent") assert.match(answer.error, new RegExp(String(status)));
    });
  }

  it("does not follow a redirect", async () => {
    await using rig = await setUp(answering(307, { location: "/elsewhere" }));
    assert.equal((await rig.send()).outcome, "failed");
    assert.equal(rig.received.length, 1);
  });

  for (const [value, retryAfterMs] of [
    ["7", 7_000],
    [new Date(NOW + 30_000).toUTCString(), 30_000],
    [new Date(NOW - 30_000).toUTCString(), 0],
    ["9999999", 3_600_000],
    ["soon", undefined],
  ] as const) {
    it(`reads "Retry-After: ${value}" as ${retryAfterMs} ms`, async () => {
      await using rig = await setUp(answering(429, { "retry-after": value }));
      const error = "The receiver answered 429.";
      const expected = { outcome: "retry", error, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
      assert.deepEqual(await rig.send(), expected);
    });
  }

  it("may try again when nobody is listening: nothing can have arrived", async () => {
    await using rig = await setUp();
    await rig.close();
    assert.deepEqual(await rig.send(), { outcome: "retry", error: "The request failed (ECONNREFUSED)." });
  });

  it("cannot tell what a connection that broke has left behind", async () => {
    await using rig = await setUp((response) => void response.socket?.destroy());
    assert.equal((await rig.send()).outcome, "ambiguous");
  });

  it("stops when it is told to, and cannot tell either", async () => {
    const arrived = Promise.withResolvers<void>();
    await using rig = await setUp(() => arrived.resolve());
    const stop = new AbortController();
    const outcome = rig.send({}, stop.signal);
    await arrived.promise;
    stop.abort();
    assert.equal((await outcome).outcome, "ambiguous");
  });

  for (const [what, replies] of [
    ["a URL that cannot be read", { replyUrl: "example.com", secret: SECRET }],
    ["a URL of another kind", { replyUrl: "file:///etc/passwd", secret: SECRET }],
    ["a secret that cannot sign", { replyUrl: "https://example.com", secret: "!" }],
  ] as const) {
    it(`is not created with ${what}`, () => {
      assert.throws(() => createWebhookPlatform({ hooks: new Map([["ci", replies]]) }), {
        code: "INVALID_CONFIG",
      });
    });
  }
});
