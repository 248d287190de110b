import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createLoginCodes } from "../../src/http/login-codes.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { assertProblem, openApp } from "./app-setup.ts";
import type { AppUnderTest, CallInit } from "./app-setup.ts";

const TOKEN = "0123456789abcdef";
const BEARER = { authorization: `Bearer ${TOKEN}` };
const OWN = { host: "localhost:8787", origin: "http://localhost:8787" };
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

interface Link {
  readonly path: string;
  readonly expiresAt: number | null;
}

async function makeCode(under: AppUnderTest): Promise<string> {
  const { status, body } = await under.call<Link>("POST", "/api/page/links", { headers: BEARER });
  assert.equal(status, 200);
  return /^\/#open=([\w-]{27})$/.exec(body.path)?.[1] ?? assert.fail(body.path);
}

function logIn(under: AppUnderTest, code: string, headers: CallInit["headers"] = OWN): Promise<Response> {
  return under.fetch("POST", "/api/page/login", { body: { code }, headers: { ...headers } });
}

/** The cookie as a browser sends it back. */
async function cookieOf(under: AppUnderTest): Promise<string> {
  const answer = await logIn(under, await makeCode(under));
  assert.equal(answer.status, 204);
  return (answer.headers.get("set-cookie") ?? "").split(";", 1).join();
}

async function statusWith(under: AppUnderTest, cookie: string): Promise<number> {
  return (await under.call("GET", "/api/sessions", { headers: { cookie } })).status;
}

describe("a link", () => {
  test("is given to who has the token, and lives five minutes", async () => {
    await using under = await openApp({ token: TOKEN });
    assertProblem(await under.call("POST", "/api/page/links"), 401, "unauthorized");
    const { body } = await under.call<Link>("POST", "/api/page/links", { headers: BEARER });
    assert.equal(body.expiresAt, under.clock.now() + 5 * MINUTE_MS);
  });

  test("logs in once, also when it is followed twice at the same time", async () => {
    await using under = await openApp({ token: TOKEN });
    const code = await makeCode(under);
    const answers = await Promise.all([logIn(under, code), logIn(under, code), logIn(under, code)]);
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [204, 401, 401],
    );
    assert.deepEqual(answers.map(({ headers }) => headers.has("set-cookie")).filter(Boolean), [true]);
  });

  test("is over after five minutes", async () => {
    await using under = await openApp({ token: TOKEN });
    const [first, second] = [await makeCode(under), await makeCode(under)];
    under.clock.advance(5 * MINUTE_MS - 1);
    assert.equal((await logIn(under, first)).status, 204);
    under.clock.advance(1);
    assert.equal((await logIn(under, second)).status, 401);
  });

  test("is over when the machine slept for five minutes", () => {
    const clock = createManualClock(0);
    let sleptMs = 0;
    const codes = createLoginCodes({ ...clock, now: () => clock.now() + sleptMs });
    const { code } = codes.make();
    sleptMs = 5 * MINUTE_MS;
    assert.equal(codes.take(code), "wrong");
  });

  test("is over when 20 newer ones were made", async () => {
    await using under = await openApp({ token: TOKEN });
    const codes: string[] = [];
    for (let made = 0; made < 21; made += 1) codes.push(await makeCode(under));
    assert.equal(new Set(codes).size, 21);
    assert.equal((await logIn(under, codes[0] ?? "")).status, 401);
    for (const code of codes.slice(1)) assert.equal((await logIn(under, code)).status, 204);
  });

  test("of another gateway does not log in, and the answer says how to get one", async () => {
    await using under = await openApp({ token: TOKEN });
    await using other = await openApp({ token: TOKEN });
    const answer = await under.call("POST", "/api/page/login", { body: { code: await makeCode(other) } });
    assertProblem(answer, 401, "unauthorized");
    assert.match(answer.body.detail, /parlor open/);
    assert.equal(answer.headers.get("set-cookie"), null);
  });

  test("that is wrong is tried ten times in a minute, and a right one still gets in", async () => {
    await using under = await openApp({ token: TOKEN });
    const wrong = (): Promise<Response> => logIn(under, "wrong");
    for (let tried = 0; tried < 10; tried += 1) assert.equal((await wrong()).status, 401);
    const limited = await under.call("POST", "/api/page/login", { body: { code: "wrong" } });
    assertProblem(limited, 429, "too-many-attempts");
    assert.equal(limited.headers.get("retry-after"), "60");
    assert.equal((await logIn(under, await makeCode(under))).status, 204);
    assert.equal((await wrong()).status, 429);
    under.clock.advance(MINUTE_MS);
    assert.equal((await wrong()).status, 401);
  });

  for (const body of [{}, { code: "" }, { code: 7 }, { code: "x".repeat(201) }, { code: "x", other: 1 }, "x", "{"]) {
    test(`${JSON.stringify(body).slice(0, 30)} is no code`, async () => {
      await using under = await openApp({ token: TOKEN });
      const headers = { "content-type": "application/json" };
      assertProblem(await under.call("POST", "/api/page/login", { body, headers }), 400, "invalid-request");
    });
  }

  test("that is far too long is not read", async () => {
    await using under = await openApp({ token: TOKEN });
    const body = { code: "x".repeat(5_000) };
    assertProblem(await under.call("POST", "/api/page/login", { body }), 413, "too-large");
  });

  test("cannot be followed for somebody by a page of another site", async () => {
    await using under = await openApp({ token: TOKEN });
    const code = await makeCode(under);
    const headers = { host: "localhost:8787", origin: "http://localhost:3000" };
    assert.equal((await logIn(under, code, headers)).status, 400);
    assert.equal((await logIn(under, code)).status, 204);
  });
});

describe("the cookie", () => {
  test("is for this server's pages alone, and no script reads it", async () => {
    await using under = await openApp({ token: TOKEN });
    const answer = await logIn(under, await makeCode(under));
    assert.match(
      answer.headers.get("set-cookie") ?? "",
      /^parlor_page=\d+\.[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/,
    );
    assert.equal(answer.headers.get("cache-control"), "no-store");
    assert.ok(!(answer.headers.get("set-cookie") ?? "").includes(TOKEN));
  });

  for (const [what, headers, isSecure] of [
    ["an https page", { host: "bot.example", origin: "https://bot.example" }, true],
    ["an http page, whatever a proxy says", { ...OWN, "x-forwarded-proto": "https" }, false],
    ["no page, over an https proxy", { "x-forwarded-proto": "https, http" }, true],
    ["no page, over an http proxy", { "x-forwarded-proto": "http" }, false],
  ] as const) {
    test(`of ${what} is ${isSecure ? "" : "not "}Secure`, async () => {
      await using under = await openApp({ token: TOKEN, hosts: null });
      const answer = await logIn(under, await makeCode(under), headers);
      assert.equal(answer.headers.get("set-cookie")?.endsWith("; Secure"), isSecure);
      const out = await under.fetch("POST", "/api/page/logout", { headers });
      assert.equal(out.headers.get("set-cookie")?.endsWith("; Secure"), isSecure);
    });
  }

  test("opens every route that the token opens, but makes no links: it would renew itself for ever", async () => {
    await using under = await openApp({ token: TOKEN });
    const headers = { ...OWN, cookie: `theme=dark; ${await cookieOf(under)}` };
    for (const { method, path, access } of under.app.routes) {
      if (access !== "token") continue;
      const answer = await under.fetch(method, path.replaceAll(/\{\w+\}/g, "x"), { headers });
      assert.notEqual(answer.status, 401, path);
      // One of them is a stream that does not end by itself.
      await answer.body?.cancel();
    }
    assertProblem(await under.call("GET", "/api/sessions"), 401, "unauthorized");
    assertProblem(await under.call("POST", "/api/page/links", { headers }), 401, "unauthorized");
  });

  test("outlives a restart, and not another token", async () => {
    await using under = await openApp({ token: TOKEN });
    const cookie = await cookieOf(under);
    await using restarted = await openApp({ token: TOKEN });
    assert.equal(await statusWith(restarted, cookie), 200);
    await using rotated = await openApp({ token: `${TOKEN}0` });
    assert.equal(await statusWith(rotated, cookie), 401);
  });

  test("ends after 30 days", async () => {
    await using under = await openApp({ token: TOKEN });
    const cookie = await cookieOf(under);
    under.clock.advance(30 * DAY_MS - 1);
    assert.equal(await statusWith(under, cookie), 200);
    under.clock.advance(1);
    assert.equal(await statusWith(under, cookie), 401);
  });

  test("counts as it was made alone", async () => {
    await using under = await openApp({ token: TOKEN });
    const cookie = await cookieOf(under);
    const [, endsAt = "", signature = ""] = /=(\d+)\.(.+)$/.exec(cookie) ?? [];
    const later = String(Number(endsAt) + DAY_MS);
    for (const forged of [
      `parlor_page=${later}.${signature}`,
      `parlor_page=${endsAt}.${"A".repeat(43)}`,
      `parlor_page=${endsAt}.`,
      `parlor_page=.${signature}`,
      `parlor_page=${endsAt}`,
      `parlor_page=0${endsAt}.${signature}`,
      `parlor_page=${TOKEN}`,
      "parlor_page=",
      "parlor_page",
      `x${cookie}`,
      `PARLOR_PAGE=${endsAt}.${signature}`,
    ]) {
      assert.equal(await statusWith(under, forged), 401, forged);
    }
    assert.equal(await statusWith(under, `parlor_page=stale; ${cookie}`), 200);
  });

  test("counts beside what a proxy asks for, and not beside a wrong token", async () => {
    await using under = await openApp({ token: TOKEN });
    const cookie = await cookieOf(under);
    for (const [authorization, status] of [
      ["Basic YWRhOnNlY3JldA==", 200],
      ["Bearer wrong", 401],
      ["Bearer", 401],
    ] as const) {
      const answer = await under.call("GET", "/api/sessions", { headers: { cookie, authorization } });
      assert.equal(answer.status, status, authorization);
    }
  });

  test("is forgotten when the page is left", async () => {
    await using under = await openApp({ token: TOKEN });
    const answer = await under.fetch("POST", "/api/page/logout", { headers: OWN });
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.get("set-cookie"), "parlor_page=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict");
  });
});

describe("a request that a browser adds the cookie to", () => {
  const body = { from: "operator", text: "hello" };

  for (const [what, headers, counts] of [
    ["from a page of this server", OWN, true],
    ["from a page of this server, as newer browsers say", { ...OWN, "sec-fetch-site": "same-origin" }, true],
    ["without a word of where from", { host: OWN.host }, false],
    ["from another port of this machine", { ...OWN, "sec-fetch-site": "same-site" }, false],
    ["from the same name over http", { ...OWN, "sec-fetch-site": "cross-site" }, false],
    ["from nowhere", { host: OWN.host, "sec-fetch-site": "none" }, false],
  ] as const) {
    test(`${what} ${counts ? "says something" : "says nothing"}`, async () => {
      await using under = await openApp({ token: TOKEN });
      const cookie = await cookieOf(under);
      const answer = await under.call("POST", "/api/chats/main/messages", { headers: { ...headers, cookie }, body });
      if (counts) assert.equal(answer.status, 202);
      else assertProblem(answer, 401, "unauthorized");
      assert.equal((await under.store.reader.stats()).sessions, counts ? 1 : 0);
    });
  }

  test("and names another origin is refused, whatever it has", async () => {
    await using under = await openApp({ token: TOKEN });
    const cookie = await cookieOf(under);
    const headers = { host: OWN.host, origin: "http://localhost:3000", cookie };
    for (const [method, path] of [
      ["POST", "/api/chats/main/messages"],
      ["GET", "/api/sessions"],
    ] as const) {
      assertProblem(await under.call(method, path, { headers }), 400, "foreign-host");
    }
  });

  for (const [site, status] of [
    ["same-origin", 200],
    ["none", 200],
    ["same-site", 401],
    ["cross-site", 401],
  ] as const) {
    test(`and reads, from ${site}, is ${status}`, async () => {
      await using under = await openApp({ token: TOKEN });
      const headers = { cookie: await cookieOf(under), "sec-fetch-site": site };
      assert.equal((await under.call("GET", "/api/sessions", { headers })).status, status);
    });
  }

  test("and has the token besides needs no page", async () => {
    await using under = await openApp({ token: TOKEN });
    const headers = { ...BEARER, cookie: await cookieOf(under) };
    assert.equal((await under.call("POST", "/api/chats/main/messages", { headers, body })).status, 202);
  });
});

test("without a token the link is the page, and logging in and out do nothing", async () => {
  await using under = await openApp();
  const { body } = await under.call<Link>("POST", "/api/page/links");
  assert.deepEqual(body, { path: "/", expiresAt: null });
  for (const answer of [await logIn(under, "any"), await under.fetch("POST", "/api/page/logout")]) {
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.get("set-cookie"), null);
  }
});
