import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { TestContext } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { ParlorError } from "../../src/core/errors.ts";
import { acceptedCoding } from "../../src/http/accepted-coding.ts";
import { BUILT_PAGE } from "../../src/http/page-files.ts";
import { openServer } from "../../src/http/server.ts";
import { assertProblem, openApp } from "./app-setup.ts";

const INDEX = "<!doctype html><title>Parlor</title>\n";
const SCRIPT = `console.log("${"tea ".repeat(1_000)}");\n`;

/** A folder as a build leaves it, with these files besides. */
function createPage(t: TestContext, files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "parlor-page-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "assets"));
  const all = { "index.html": INDEX, "assets/index-Ab3_x-9Z.js": SCRIPT, "assets/icon.svg": "<svg/>", ...files };
  for (const [name, content] of Object.entries(all)) writeFileSync(join(folder, name), content);
  return folder;
}

async function bytesOf(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}

describe("the page", () => {
  test("is served at the root, to be asked for again each time", async (t) => {
    await using under = await openApp({ page: createPage(t) });
    const answer = await under.fetch("GET", "/");
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("content-type"), "text/html; charset=utf-8");
    assert.equal(answer.headers.get("cache-control"), "no-cache");
    assert.equal(answer.headers.get("content-length"), String(INDEX.length));
    assert.equal(await answer.text(), INDEX);
  });

  test("has files that never change under their name", async (t) => {
    await using under = await openApp({ page: createPage(t) });
    const answer = await under.fetch("GET", "/assets/index-Ab3_x-9Z.js");
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("content-type"), "text/javascript; charset=utf-8");
    assert.equal(answer.headers.get("cache-control"), "public, max-age=31536000, immutable");
    assert.equal(await answer.text(), SCRIPT);
    const unhashed = await under.fetch("GET", "/assets/icon.svg");
    assert.equal(unhashed.headers.get("content-type"), "image/svg+xml");
    assert.equal(unhashed.headers.get("cache-control"), "no-cache");
  });

  test("may load, embed and send nothing but its own", async (t) => {
    await using under = await openApp({ page: createPage(t) });
    for (const path of ["/", "/assets/index-Ab3_x-9Z.js", "/assets/icon.svg"]) {
      const { headers } = await under.fetch("GET", path);
      assert.equal(
        headers.get("content-security-policy"),
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; " +
          "trusted-types dompurify",
      );
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      assert.equal(headers.get("referrer-policy"), "no-referrer");
      assert.equal(headers.get("cross-origin-opener-policy"), "same-origin");
      assert.equal(headers.get("cross-origin-resource-policy"), "same-origin");
      assert.match(headers.get("permissions-policy") ?? "", /camera=\(\)/);
    }
  });

  test("is not sent again to who has it", async (t) => {
    await using under = await openApp({ page: createPage(t) });
    for (const path of ["/", "/assets/index-Ab3_x-9Z.js"]) {
      const first = await under.fetch("GET", path);
      const etag = first.headers.get("etag") ?? "";
      assert.match(etag, /^W\/"[\w-]+"$/);
      for (const known of [etag, etag.replace("W/", ""), `"other", ${etag}`, "*"]) {
        const again = await under.fetch("GET", path, { headers: { "if-none-match": known } });
        assert.equal(again.status, 304, known);
        assert.equal(await again.text(), "");
        assert.equal(again.headers.get("etag"), etag);
        assert.equal(again.headers.get("cache-control"), first.headers.get("cache-control"));
      }
      assert.equal((await under.fetch("GET", path, { headers: { "if-none-match": '"other"' } })).status, 200);
    }
  });

  test("is compressed for who can read that", async (t) => {
    const pixels = Buffer.alloc(4_096, 1);
    await using under = await openApp({ page: createPage(t, { "assets/photo-Ab3_x-9Z.png": pixels }) });
    const path = "/assets/index-Ab3_x-9Z.js";
    for (const [accepted, coding, read] of [
      ["gzip, deflate, br, zstd", "br", brotliDecompressSync],
      ["gzip", "gzip", gunzipSync],
      ["br;q=0, gzip;q=0.5", "gzip", gunzipSync],
    ] as const) {
      const answer = await under.fetch("GET", path, { headers: { "accept-encoding": accepted } });
      assert.equal(answer.headers.get("content-encoding"), coding);
      assert.equal(answer.headers.get("vary"), "accept-encoding");
      const bytes = await bytesOf(answer);
      assert.ok(bytes.length < SCRIPT.length / 2);
      assert.equal(answer.headers.get("content-length"), String(bytes.length));
      assert.equal(read(bytes).toString(), SCRIPT);
    }
    for (const [small, headers] of [
      [path, { "accept-encoding": "identity" }],
      ["/", { "accept-encoding": "br" }],
      ["/assets/photo-Ab3_x-9Z.png", { "accept-encoding": "br" }],
    ] as const) {
      assert.equal((await under.fetch("GET", small, { headers })).headers.get("content-encoding"), null, small);
    }
  });

  test("answers HEAD with the headers alone, over a socket too", async (t) => {
    await using under = await openApp({ page: createPage(t) });
    const onFault = (error: unknown): never => {
      throw error;
    };
    await using server = await openServer(under.app, { host: "127.0.0.1", port: 0, onFault });
    const head = await fetch(server.url, { method: "HEAD" });
    assert.equal(head.status, 200);
    assert.equal(head.headers.get("content-length"), String(INDEX.length));
    assert.equal(await head.text(), "");
    const get = await fetch(`${server.url}/assets/index-Ab3_x-9Z.js`);
    assert.equal(get.headers.get("content-encoding"), "gzip");
    assert.equal(await get.text(), SCRIPT);
  });

  test("is nothing but the files that were there at the start", async (t) => {
    const folder = createPage(t, { "secret.txt": "password" });
    mkdirSync(join(folder, "assets/deep"));
    writeFileSync(join(folder, "assets/deep/file.js"), "1");
    symlinkSync(join(folder, "secret.txt"), join(folder, "assets/link.txt"));
    await using under = await openApp({ page: folder });
    writeFileSync(join(folder, "assets/late.js"), "1");
    for (const path of [
      "/assets/late.js",
      "/assets/link.txt",
      "/assets/..%2fsecret.txt",
      "/assets/%2e%2e%2fsecret.txt",
      "/assets/..%5csecret.txt",
      "/assets/deep",
      "/assets/deep%2ffile.js",
      "/assets/__proto__",
      "/assets/icon.svg%00.js",
    ]) {
      assertProblem(await under.call("GET", path), 404, "not-found");
    }
    rmSync(folder, { recursive: true });
    assert.equal((await under.call("GET", "/")).status, 200);
  });

  test("needs no token, and is refused under a foreign name", async (t) => {
    await using under = await openApp({ page: createPage(t), token: "t0ken" });
    assert.equal((await under.call("GET", "/")).status, 200);
    assertProblem(await under.call("GET", "/", { headers: { host: "evil.example" } }), 400, "foreign-host");
  });

  for (const [name, page] of [
    ["that is not built", null],
    ["of a folder that is not there", join(tmpdir(), "parlor-no-such-page")],
  ] as const) {
    test(`${name} says in plain text how to build it`, async () => {
      await using under = await openApp({ page });
      const answer = await under.fetch("GET", "/");
      assert.equal(answer.status, 404);
      assert.equal(answer.headers.get("content-type"), "text/plain; charset=utf-8");
      assert.match(await answer.text(), /npm run build:page/);
      assertProblem(await under.call("GET", "/assets/index.js"), 404, "not-found");
    });
  }

  test("that is far too large keeps the gateway from starting", async (t) => {
    const page = createPage(t, { "assets/film.bin": new Uint8Array(17 * 1024 * 1024) });
    await assert.rejects(
      openApp({ page }),
      (error) => error instanceof ParlorError && error.code === "START_FAILED" && /build:page/.test(error.message),
    );
  });

  test("is looked for beside the sources, wherever they were compiled to", () => {
    assert.equal(BUILT_PAGE.href, new URL("../../web/dist/", import.meta.url).href);
  });
});

test("what is said is never taken for anything but data", async () => {
  await using under = await openApp();
  for (const path of ["/healthz", "/api/sessions", "/api/sessions/x", "/metrics", "/nope"]) {
    assert.equal((await under.call("GET", path)).headers.get("x-content-type-options"), "nosniff", path);
  }
});

test("the best coding that is taken is found", () => {
  for (const [header, coding] of [
    [null, null],
    ["", null],
    ["br", "br"],
    ["gzip;q=1.0, BR; q=0.1", "br"],
    ["*", "br"],
    ["*;q=0", null],
    ["br;q=0, *", "gzip"],
    ["br;q=x, gzip", "gzip"],
    ["zstd, identity", null],
  ] as const) {
    assert.equal(acceptedCoding(header), coding, String(header));
  }
});
