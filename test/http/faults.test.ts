import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ParlorError } from "../../src/core/errors.ts";
import { assertProblem, openApp } from "./app-setup.ts";
import { assertOpenAiError } from "./openai-setup.ts";

const FULL = new ParlorError("STORE_UNAVAILABLE", "The disk is full.", { retryable: true });

/** The routes that answer without the store. */
const STORELESS = [
  "/",
  "/assets/{file}",
  "/api/page/links",
  "/api/page/login",
  "/api/page/logout",
  "/v1/models",
  "/v1/models/{model}",
  "/healthz",
  "/metrics",
  "/openapi.json",
];

describe("a store that cannot be reached", () => {
  test("is 503 with a time to come back, on every route that needs it", async () => {
    const fail = (): Promise<never> => Promise.reject(FULL);
    await using under = await openApp({
      demoHook: true,
      ports: () => ({
        receive: fail,
        look: fail,
        sessions: { reset: fail, update: fail, erase: fail, answerQuestion: fail },
        reader: {
          get: fail,
          list: fail,
          glance: fail,
          transcript: fail,
          received: fail,
          reply: fail,
          search: fail,
          stats: fail,
          entryDeliveries: fail,
          question: fail,
          openQuestion: fail,
        },
        events: { open: fail },
        isReady: () => Promise.resolve(false),
      }),
    });
    const bodies: Record<string, unknown> = {
      "POST /hooks/{name}": { from: "ada", text: "hello" },
      "POST /api/chats/{chat}/messages": { from: "ada", text: "hello" },
      "PATCH /api/chats/{chat}/session": { title: "Tea" },
      "PATCH /api/sessions/{id}": { title: "Tea" },
      "POST /api/sessions/{id}/question": { questionId: "qst", choice: "yes" },
      "POST /v1/chat/completions": { model: "parlor", user: "ada", messages: [{ role: "user", content: "hello" }] },
      "POST /v1/responses": { model: "parlor", user: "ada", input: "hello" },
    };
    const storeless: string[] = [];
    for (const { method, path, problems, query } of under.app.routes) {
      if (!problems.includes("unavailable")) {
        storeless.push(path);
        continue;
      }
      const chat = query !== undefined && "chat" in query.shape ? "&chat=tea" : "";
      const from = query !== undefined && "from" in query.shape ? `?from=ada${chat}` : "";
      const q = path === "/api/search" ? "?q=tea" : "";
      const url = path.replace("{name}", "demo").replaceAll(/\{\w+\}/g, "x") + from + q;
      const answer = await under.call(method, url, { body: bodies[`${method} ${path}`], bindings: { peer: "::1" } });
      if (path.startsWith("/v1/")) assertOpenAiError(answer, 503, "unavailable");
      else assertProblem(answer, 503, "unavailable");
      assert.equal(answer.headers.get("retry-after"), "1");
    }
    assert.deepEqual(storeless, STORELESS);
    assert.deepEqual(under.faults, []);
  });
});

describe("what nobody foresaw", () => {
  test("is 500 that tells nothing, and the gateway hears of it", async () => {
    const fault = new Error("password hunter2 at /srv/secret");
    await using under = await openApp({ ports: () => ({ look: () => Promise.reject(fault) }) });
    const answer = await under.call("GET", "/api/chats/tea/session?from=ada");
    assertProblem(answer, 500, "internal");
    assert.doesNotMatch(JSON.stringify(answer.body), /hunter2|srv/);
    assert.deepEqual(under.faults, [fault]);
  });

  test("a place that was taken is given back", async () => {
    let isBroken = true;
    await using under = await openApp({
      maxWaiting: 1,
      ports: (ports) => ({ receive: (event) => (isBroken ? Promise.reject(FULL) : ports.receive(event)) }),
    });
    const body = { from: "ada", text: "/help" };
    assert.equal((await under.call("POST", "/api/chats/tea/messages?wait=1", { body })).status, 503);
    isBroken = false;
    assert.equal((await under.call("POST", "/api/chats/tea/messages?wait=1", { body })).status, 200);
  });

  test("a route that does not exist is 404", async () => {
    await using under = await openApp();
    for (const [method, path] of [
      ["GET", "/nope"],
      ["POST", "/api/sessions"],
      ["PUT", "/api/sessions/x"],
    ] as const) {
      assertProblem(await under.call(method, path), 404, "not-found");
    }
  });
});

describe("the probes", () => {
  test("say that the process answers and is ready, and store nothing", async () => {
    await using under = await openApp();
    assert.deepEqual((await under.call("GET", "/healthz")).body, { status: "ok" });
    assert.deepEqual((await under.call("GET", "/readyz")).body, { status: "ready" });
    const metrics = await under.call("GET", "/metrics");
    assert.equal(metrics.body, "parlor_up 1\n");
    assert.match(metrics.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    assert.equal((await under.store.reader.stats()).sessions, 0);
  });

  test("say so when the gateway closes, while the process still answers", async () => {
    const closing = new AbortController();
    await using under = await openApp({ closing: closing.signal });
    closing.abort();
    assertProblem(await under.call("GET", "/readyz"), 503, "unavailable");
    assert.equal((await under.call("GET", "/healthz")).status, 200);
  });
});
