import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { access, constants, cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { newerThan2019 } from "./package/newer-than-2019.ts";

const root = join(import.meta.dirname, "..");

interface Manifest {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

describe("the package", () => {
  let folder: string;
  /** Where it is installed: a folder that has nothing else. */
  let home: string;
  let installed: string;
  let manifest: Manifest;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "parlor-package-"));
    home = join(folder, "home");
    installed = join(home, "node_modules/parlor");
    await mkdir(home);
    const tarball = await pack(await copyOfCheckout(join(folder, "checkout")), folder);
    await run("npm", ["install", "--prefix", home, "--prefer-offline", "--no-audit", "--no-fund", tarball], home);
    manifest = JSON.parse(await readFile(join(installed, "package.json"), "utf8")) as Manifest;
  });

  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test("ships what it exports, its licence and its changes, and no source", async () => {
    const files = await readdir(installed, { recursive: true });
    const entries = Object.values(manifest.exports).flatMap((entry) =>
      typeof entry === "string" ? entry : Object.values(entry),
    );
    for (const path of [...entries, "web/dist/index.html", "LICENSE", "README.md", "CHANGELOG.md"]) {
      assert.ok(files.includes(join(path)), `${path} is in the package`);
    }
    assert.deepEqual(
      files.filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts")),
      [],
    );
  });

  test("ships every file of src/ that is not TypeScript", async () => {
    const data = (await readdir(join(root, "src"), { recursive: true, withFileTypes: true })).filter(
      (entry) => entry.isFile() && !entry.name.endsWith(".ts"),
    );
    for (const { parentPath, name } of data) {
      const path = join(parentPath, name);
      await access(join(installed, "dist", path.slice(join(root, "src").length)));
    }
  });

  test("has a command that says its version", async () => {
    const { stdout } = await run(join(home, "node_modules/.bin/parlor"), ["--version"], home);
    assert.ok(stdout.split(/\s+/).includes(manifest.version), stdout);
    await access(join(installed, "dist/bin.js"), constants.X_OK);
  });

  test("can be imported", async () => {
    const code = [
      'import { createGateway, defineConfig, openSessions } from "parlor";',
      'import { openSqliteStore } from "parlor/sqlite";',
      "console.log([createGateway, defineConfig, openSessions, openSqliteStore].map((it) => typeof it).join());",
    ].join("\n");
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", code], home);
    assert.equal(stdout.trim(), "function,function,function,function");
  });

  test("stores, and searches in its thread", async () => {
    const code = [
      'import { createSource, openSessions } from "parlor";',
      'await using sessions = await openSessions({ store: "program.db" });',
      'await sessions.accept({ source: createSource({ platform: "irc", user: "ada" }), text: "héllo", eventId: null });',
      'console.log((await sessions.reader.search({ text: "hello" })).items[0].snippet);',
    ].join("\n");
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", code], home);
    assert.equal(stdout.trim(), "héllo");
  });

  test("reads a configuration that imports it, in a folder that does not know it", async () => {
    const elsewhere = join(folder, "elsewhere");
    await mkdir(elsewhere);
    const config = 'import { defineConfig } from "parlor";\nexport default defineConfig({ logLevel: "warn" });\n';
    await writeFile(join(elsewhere, "parlor.config.ts"), config);
    const { stdout } = await run(join(home, "node_modules/.bin/parlor"), ["config", "show"], elsewhere);
    assert.match(stdout, /^logLevel +parlor\.config\.ts +warn$/m);
  });

  test("has types that a strict program compiles against", async () => {
    const code = [
      'import { openSessions, type Session } from "parlor";',
      'import { openSqliteStore } from "parlor/sqlite";',
      'import { storeContract } from "parlor/testing";',
      "export const all: readonly object[] = [openSessions, openSqliteStore, storeContract];",
      "export const idOf = (session: Session): string => session.id;",
      "// @ts-expect-error A session has an id, not a number.",
      "export const numberOf = (session: Session): number => session.id;",
    ].join("\n");
    await writeFile(join(home, "program.mts"), code);
    const options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "esnext"];
    await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), ...options, "program.mts"], home);
  });

  test("says in one sentence that a Node is too old", async () => {
    for (const version of ["12.22.12", "20.20.2", "24.14.1"]) {
      const { code, stdout, stderr } = await startUnder(version, folder, join(installed, "dist/bin.js"));
      assert.equal(code, 1);
      assert.equal(stdout, "");
      assert.equal(
        stderr,
        `parlor needs Node ${manifest.engines.node.slice(2)} or newer but was started with Node ${version}; ` +
          "install a newer one from https://nodejs.org and run the command again.\n",
      );
    }
  });

  test("starts under every Node that is new enough", async () => {
    for (const version of ["24.15.0", "25.0.0", process.versions.node]) {
      assert.equal((await startUnder(version, folder, join(installed, "dist/bin.js"))).code, 0, version);
    }
  });

  test("has a command that an old Node can read", async () => {
    assert.deepEqual(newerThan2019(await readFile(join(installed, "dist/bin.js"), "utf8")), []);
  });
});

test("what an old Node cannot read is noticed", () => {
  const newer = [
    'import "./main.js";',
    "await main();",
    "for await (const a of b) {}",
    "a?.b;",
    "a ?? b;",
    "a ||= b;",
    "1n;",
    "1_000;",
    "/a/v;",
    "class A { a = 1; }",
    "class A { #a() {} }",
    "class A { static {} }",
    "{ using a = b; }",
    "import.meta.url;",
    'export * as a from "a";',
  ];
  assert.deepEqual(
    newer.filter((code) => newerThan2019(code).length === 0),
    [],
  );
  assert.deepEqual(
    newerThan2019('async function a({ b, ...c }) { await import("d"); try {} catch {} }\nexport {};'),
    [],
  );
});

test("every dependency has its reason in the decision record", async () => {
  const record = await readFile(join(root, "docs/decisions/0001-toolchain-and-dependencies.md"), "utf8");
  const { dependencies, devDependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as Manifest;
  const reasons = [...record.matchAll(/^\| `([^`]+)` +\| .*\w.* \|$/gm)].map(([, name]) => name);
  assert.deepEqual(new Set(reasons), new Set([...Object.keys(dependencies), ...Object.keys(devDependencies)]));
});

/** What it takes to build, so that the build does not touch the checkout while other tests read it. */
async function copyOfCheckout(folder: string): Promise<string> {
  for (const name of ["src", "web", "tools", "package.json", "tsconfig.json", "tsconfig.build.json"]) {
    await cp(join(root, name), join(folder, name), { recursive: true });
  }
  for (const name of ["README.md", "CHANGELOG.md", "LICENSE"]) await cp(join(root, name), join(folder, name));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  return folder;
}

/** Builds and packs; the path of the tarball. */
async function pack(checkout: string, destination: string): Promise<string> {
  await run("npm", ["pack", "--pack-destination", destination], checkout);
  const tarball = (await readdir(destination)).find((name) => name.endsWith(".tgz"));
  assert.ok(tarball !== undefined, "npm pack left a tarball");
  return join(destination, tarball);
}

/** Runs the file in a process that takes itself for another version of Node. */
async function startUnder(version: string, folder: string, file: string): Promise<Ended> {
  const preload = join(folder, `node-${version}.cjs`);
  const versions = `{ ...process.versions, node: ${JSON.stringify(version)} }`;
  await writeFile(preload, `Object.defineProperty(process, "versions", { value: ${versions} });\n`);
  return await spawned(process.execPath, ["--require", preload, file, "--version"], folder);
}

interface Ended {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(command: string, args: readonly string[], cwd: string): Promise<Ended> {
  const ended = await spawned(command, args, cwd);
  assert.equal(ended.code, 0, `${command} ${args.join(" ")}\n${ended.stdout}${ended.stderr}`);
  return ended;
}

function spawned(command: string, args: readonly string[], cwd: string): Promise<Ended> {
  const path = [dirname(process.execPath), process.env.PATH].join(delimiter);
  const env = { ...process.env, PATH: path, NODE_OPTIONS: undefined, NODE_TEST_CONTEXT: undefined };
  return new Promise((resolve) => {
    execFile(command, args, { cwd, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? "killed"), stdout, stderr });
    });
  });
}
