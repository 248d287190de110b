import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Answered, assertProblem, openApp } from "./app-setup.ts";

/** What anyone may ask: the probes, the files of the page, and the door itself. */
const OPEN = ["/", "/assets/{file}", "/api/page/login", "/api/page/logout", "/healthz", "/readyz"];

/** Refused with this problem; on `/v1` in the shape of OpenAI's errors. */
function assertRefused(answer: Answered, path: string, status: number, name: string): void {
  if (path.startsWith("/v1/")) assert.equal(answer.status, status, path);
  else assertProblem(answer, status, name);
}

function exampleOf(path: string): string {
  return path.replaceAll(/\{\w+\}/g, "x");
}

describe("the token", () => {
  test("is needed for everything but the probes, the page, its door and the signed hooks", async () => {
    await using under = await openApp({ token: "t0ken" });
    const open = under.app.routes.filter(({ access }) => access === "open");
    assert.deepEqual(new Set(open.map(({ path }) => path)), new Set(OPEN));
    for (const { method, path, access } of under.app.routes) {
      const answer = await under.call(method, exampleOf(path));
      if (OPEN.includes(path)) {
        assert.notEqual(answer.status, 401, path);
        continue;
      }
      assertRefused(answer, path, 401, "unauthorized");
      if (access === "token") assert.equal(answer.headers.get("www-authenticate"), 'Bearer realm="parlor"', path);
    }
  });

  test("opens", async () => {
    await using under = await openApp({ token: "t0ken" });
    const headers = { authorization: "Bearer t0ken" };
    assert.equal((await under.call("GET", "/api/sessions", { headers })).status, 200);
  });

  for (const authorization of ["bearer t0ken", "BEARER t0ken", "Bearer  t0ken"]) {
    test(`"${authorization}" opens: the name of the scheme has no case`, async () => {
      await using under = await openApp({ token: "t0ken" });
      assert.equal((await under.call("GET", "/api/sessions", { headers: { authorization } })).status, 200);
    });
  }

  for (const authorization of ["Bearer t0keN", "Bearer t0ken2", "Bearer t0ke", "Bearer", "t0ken", "Basic dDBrZW4="]) {
    test(`"${authorization}" does not`, async () => {
      await using under = await openApp({ token: "t0ken" });
      const answer = await under.call("GET", "/api/sessions", { headers: { authorization } });
      assertProblem(answer, 401, "unauthorized");
      assert.doesNotMatch(JSON.stringify(answer.body), /t0ken/);
    });
  }

  test("is not asked for where there is none", async () => {
    await using under = await openApp();
    assert.equal((await under.call("GET", "/api/sessions")).status, 200);
  });

  for (const header of ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"]) {
    test(`is not there, so nobody comes in through a proxy that says ${header}`, async () => {
      await using under = await openApp();
      for (const { method, path, access } of under.app.routes) {
        if (access !== "token" && access !== "bearer") continue;
        const answer = await under.call(method, exampleOf(path), { headers: { [header]: "for=192.0.2.1" } });
        assertRefused(answer, path, 401, "unauthorized");
        assert.match(JSON.stringify(answer.body), /proxy.*PARLOR_TOKEN/);
      }
    });
  }

  test("lets a proxy through that brings it", async () => {
    await using under = await openApp({ token: "t0ken" });
    const headers = { authorization: "Bearer t0ken", "x-forwarded-for": "192.0.2.1" };
    assert.equal((await under.call("GET", "/api/sessions", { headers })).status, 200);
  });
});

describe("the host", () => {
  for (const host of ["localhost", "localhost:8787", "LOCALHOST", "127.0.0.1:8787", "127.8.8.8", "[::1]:8787"]) {
    test(`${host} is this machine`, async () => {
      await using under = await openApp();
      assert.equal((await under.call("GET", "/api/sessions", { headers: { host } })).status, 200);
    });
  }

  for (const host of [
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "192.0.2.1",
    "evil.example:8787",
  ]) {
    test(`${host} is refused on every route without a signature`, async () => {
      await using under = await openApp();
      for (const { method, path, access } of under.app.routes) {
        if (access === "own") continue;
        assertRefused(await under.call(method, exampleOf(path), { headers: { host } }), path, 400, "foreign-host");
      }
    });
  }

  test("is refused again after one that is served", async () => {
    await using under = await openApp();
    const host = "evil.example";
    await under.call("GET", "/healthz", { headers: { host: "localhost" } });
    assertProblem(await under.call("GET", "/healthz", { headers: { host } }), 400, "foreign-host");
    assertProblem(await under.call("GET", "/healthz", { headers: { host } }), 400, "foreign-host");
  });

  test("may be any of those that are configured", async () => {
    await using under = await openApp({ hosts: ["Bot.example"] });
    assert.equal((await under.call("GET", "/healthz", { headers: { host: "bot.example:443" } })).status, 200);
    assertProblem(await under.call("GET", "/healthz", { headers: { host: "evil.example" } }), 400, "foreign-host");
  });

  test("may be anything where that is configured", async () => {
    await using under = await openApp({ hosts: null });
    assert.equal((await under.call("GET", "/healthz", { headers: { host: "anything.example" } })).status, 200);
  });
});

describe("the site", () => {
  for (const site of ["cross-site", "same-site"]) {
    test(`${site} reads nothing, and may lead to the page`, async () => {
      await using under = await openApp();
      const headers = { "sec-fetch-site": site };
      assertProblem(await under.call("GET", "/api/search?q=x", { headers }), 400, "foreign-host");
      assert.equal((await under.call("GET", "/healthz", { headers })).status, 200);
    });
  }

  for (const site of ["same-origin", "none"]) {
    test(`${site} is that of the page and of an address that is typed`, async () => {
      await using under = await openApp();
      assert.equal((await under.call("GET", "/api/sessions", { headers: { "sec-fetch-site": site } })).status, 200);
    });
  }
});

describe("the origin", () => {
  test("of the server's own pages may call", async () => {
    await using under = await openApp();
    const headers = { host: "localhost:8787", origin: "http://localhost:8787" };
    assert.equal((await under.call("GET", "/api/sessions", { headers })).status, 200);
  });

  for (const origin of ["https://evil.example", "http://localhost:3000", "null", "file://"]) {
    test(`${origin} is refused, and nothing is stored`, async () => {
      await using under = await openApp({ hosts: null });
      const headers = { host: "localhost:8787", origin };
      const body = { from: "ada", text: "hello" };
      assertProblem(await under.call("POST", "/api/chats/tea/messages", { headers, body }), 400, "foreign-host");
      assert.equal((await under.store.reader.stats()).sessions, 0);
    });
  }
});
