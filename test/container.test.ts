/** There is no container engine in a test; what the Containerfile takes for granted is held against the tree. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, matchesGlob } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

const ROOT = join(import.meta.dirname, "..");
const instructions = readFileSync(join(ROOT, "Containerfile"), "utf8")
  .replaceAll(/^#.*\n/gm, "")
  .replaceAll(/\\\n/g, "")
  .split("\n")
  .filter((line) => line !== "");
const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  readonly engines: { readonly node: string };
  readonly bin: { readonly parlor: string };
  readonly files: readonly string[];
};

/** What stands behind each instruction of a name. */
function all(name: string): readonly string[] {
  return instructions.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
}

function sourcesOf(copy: string): readonly string[] {
  return copy.split(" ").slice(0, -1);
}

const copied = all("COPY")
  .filter((copy) => !copy.startsWith("--from"))
  .flatMap(sourcesOf);

test("everything that is copied into the image is there, and is sent to the builder", () => {
  const ignore = readFileSync(join(ROOT, ".dockerignore"), "utf8").split("\n");
  for (const path of copied) {
    assert.ok(existsSync(join(ROOT, path)), path);
    assert.ok(ignore.includes(`!${path}`), `${path} is in .dockerignore`);
  }
  assert.ok(!copied.some((path) => matchesGlob(path, ".env*")));
});

test("what the build reads is copied before it runs", () => {
  const build = readFileSync(join(ROOT, "tools/build.ts"), "utf8");
  for (const [, path = ""] of build.matchAll(/join\(root, "([\w./]+)"\)/g)) {
    const isMade = /^(?:dist|node_modules)$/.test(path);
    assert.ok(isMade || copied.some((source) => path === source || path.startsWith(`${source}/`)), path);
  }
  assert.match(all("RUN").join("\n"), /node tools\/build\.ts/);
});

test("the image has what the package ships, and runs its command as a user without rights", () => {
  const shipped = all("COPY")
    .filter((copy) => copy.startsWith("--from=build"))
    .flatMap(sourcesOf);
  for (const path of manifest.files.filter((file) => !file.endsWith(".md"))) {
    assert.ok(shipped.includes(`/build/${path}`), path);
  }
  assert.deepEqual(JSON.parse(all("CMD")[0] ?? ""), ["node", manifest.bin.parlor, "start"]);
  assert.deepEqual(all("USER"), ["node"]);
  const [major = 0] = all("FROM").map((from) => Number(/^node:(\d+)-/.exec(from)?.[1]));
  assert.ok(major >= Number(/\d+/.exec(manifest.engines.node)?.[0]));
});

test("an image is healthy while the gateway answers", async () => {
  const [, script = ""] = /-e", "(.*)"\]$/.exec(all("HEALTHCHECK")[0] ?? "") ?? [];
  let status = 200;
  const server = createServer((request, response) => {
    response.writeHead(request.url === "/healthz" ? status : 404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const check = (at: number): Promise<unknown> =>
    promisify(execFile)(process.execPath, ["-e", script], { env: { PORT: String(at) } });
  await check(port);
  status = 503;
  await assert.rejects(check(port));
  server.closeAllConnections();
  await promisify(server.close.bind(server))();
  await assert.rejects(check(port));
});
