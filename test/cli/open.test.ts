import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { describe, test } from "node:test";
import type { TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { createPlace, parlor, parlorJson, type Place, startParlor, type Started } from "./parlor.ts";

const TOKEN = "0123456789abcdef";
const ENV = { PARLOR_TOKEN: TOKEN };

function portOf({ url }: Started): string {
  return new URL(url).port;
}

/** Logs in as the page does; the cookie, or null. */
async function follow(url: string, link: string): Promise<string | null> {
  const code = new URL(link).hash.replace("#open=", "");
  const response = await fetch(`${url}/api/page/login`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify({ code }),
  });
  return response.headers.get("set-cookie")?.split(";", 1).join() ?? null;
}

describe("parlor open", () => {
  test("prints a link that logs a browser in, once", async (t) => {
    const place = createPlace(t);
    const started = await startParlor(t, place, [], ENV);
    const { code, stdout, stderr } = await parlor(place, ["open", "--port", portOf(started)], ENV);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    const [link = "", life, ...more] = stdout.split("\n");
    assert.ok(link.startsWith(`${started.url}/#open=`), link);
    assert.deepEqual([life, ...more], ["It works once, within 5 minutes.", ""]);
    assert.ok(!stdout.includes(TOKEN));

    const cookie = await follow(started.url, link);
    assert.ok(cookie !== null);
    assert.equal((await fetch(`${started.url}/api/sessions`, { headers: { cookie } })).status, 200);
    assert.equal((await fetch(`${started.url}/api/sessions`)).status, 401);
    assert.equal(await follow(started.url, link), null);
  });

  test("without a token prints the address, which is open", async (t) => {
    const place = createPlace(t);
    const started = await startParlor(t, place);
    assert.match(started.output(), new RegExp(`^Page +${started.url}$`, "m"));
    const { code, stdout } = await parlor(place, ["open", "--port", portOf(started)]);
    assert.deepEqual({ code, stdout }, { code: 0, stdout: `${started.url}/\n` });
  });

  test("prints the link under the address that a browser elsewhere uses", async (t) => {
    const place = createPlace(t);
    const started = await startParlor(t, place, ["--host", "0.0.0.0"], ENV);
    assert.match(started.output(), /^Page +run parlor open for a link$/m);
    const args = ["open", "--host", "0.0.0.0", "--port", portOf(started)];
    const { url, expiresAt } = await parlorJson<{ url: string; expiresAt: number }>(
      place,
      [...args, "--url", "https://bot.example.org/"],
      ENV,
    );
    assert.match(url, /^https:\/\/bot\.example\.org\/#open=[\w-]{27}$/);
    assert.ok(expiresAt > Date.now());
    assert.match((await parlor(place, args, ENV)).stdout, /^http:\/\/127\.0\.0\.1:\d+\/#open=\S+\n.* --url /);
  });

  for (const address of [
    "bot.example.org",
    "ftp://bot.example.org",
    "https://bot.example.org/parlor",
    "https://a:b@c",
  ]) {
    test(`takes no ${address} for an address`, async (t) => {
      const { code, stderr } = await parlor(createPlace(t), ["open", "--url", address]);
      assert.equal(code, 64);
      assert.match(stderr, /an address such as https:\/\/bot\.example\.org/);
    });
  }

  test("says that no gateway runs: exit code 2", async (t) => {
    const place = createPlace(t);
    const port = await unusedPort();
    const { code, stdout } = await parlor(place, ["open", "--port", String(port)]);
    assert.equal(code, 2);
    assert.equal(
      stdout,
      `No gateway to open: nothing listens at http://127.0.0.1:${port}. Start one with: parlor start\n`,
    );
    const document = await parlorJson(place, ["open", "--port", "0"]);
    assert.partialDeepStrictEqual(document, { url: null, expiresAt: null });
  });

  test("says that the gateway has another token", async (t) => {
    const place = createPlace(t);
    const port = portOf(await startParlor(t, place, [], ENV));
    for (const [env, words] of [
      [{ PARLOR_TOKEN: `${TOKEN}x` }, /has another token than this configuration; set PARLOR_TOKEN/],
      [{}, /has a token, and this configuration has none; set PARLOR_TOKEN/],
    ] as const) {
      const { code, stdout, stderr } = await parlor(place, ["open", "--port", port], env);
      assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
      assert.match(stderr, words);
      assert.ok(!stderr.includes(TOKEN));
    }
  });

  test("shows the token to no other program", async (t) => {
    const seen: string[] = [];
    await using server = createServer((request, response) => {
      seen.push(`${request.url} ${request.headers.authorization}`);
      response.end("<h1>It works!</h1>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const { code, stdout } = await parlor(createPlace(t), ["open", "--port", String(port)], ENV);
    server.closeAllConnections();
    assert.equal(code, 2);
    assert.match(stdout, /another program answers/);
    assert.deepEqual(seen, ["/healthz undefined"]);
  });

  test("does not print what a gateway makes up", async (t) => {
    await using server = createServer((request, response) => {
      response.end(
        request.url === "/healthz"
          ? '{"status":"ok"}'
          : JSON.stringify({ path: "/#open=\u001b]0;evil", expiresAt: null }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const { code, stdout } = await parlor(createPlace(t), ["open", "--port", String(port)]);
    server.closeAllConnections();
    assert.equal(code, 2);
    assert.match(stdout, /answered 200 instead of a link/);
    assert.ok(!stdout.includes("\u001b"));
  });
});

describe("parlor open --browser", { skip: process.platform !== "linux" && "the opener has another name" }, () => {
  /** A PATH on which the opener is this script. */
  function withOpener(place: Place, script: string): { readonly PATH: string } {
    const bin = join(place.folder, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "xdg-open"), script);
    chmodSync(join(bin, "xdg-open"), 0o755);
    return { PATH: [bin, process.env["PATH"]].join(delimiter) };
  }

  async function opened(t: TestContext, place: Place, env: Readonly<Record<string, string>>): Promise<string> {
    const started = await startParlor(t, place);
    const { code, stdout, stderr } = await parlor(place, ["open", "--browser", "--port", portOf(started)], env);
    assert.deepEqual({ code, stdout }, { code: 0, stdout: `${started.url}/\n` });
    return stderr;
  }

  test("hands the link to the browser of this machine, and waits for neither", async (t) => {
    const place = createPlace(t);
    const seen = join(place.folder, "seen");
    assert.equal(await opened(t, place, withOpener(place, `#!/bin/sh\nprintf '%s' "$1" > '${seen}'\n`)), "");
    while (readIfThere(seen) === "") await setTimeout(10);
    assert.match(readIfThere(seen), /^http:\/\/127\.0\.0\.1:\d+\/$/);
  });

  test("says so where there is no browser, and that is no failure", async (t) => {
    const said = await opened(t, createPlace(t), { PATH: "/nowhere" });
    assert.equal(said, "No browser could be opened (xdg-open is not there); open the link yourself.\n");
  });
});

async function unusedPort(): Promise<number> {
  await using server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
