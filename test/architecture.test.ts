import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { describe, test } from "node:test";
import { ENTRY_POINTS, MAX_LINES, PACKAGES, ROOMS } from "./architecture/rooms.ts";
import { findViolations } from "./architecture/violations.ts";

const root = join(import.meta.dirname, "..");
const folders = ["src", "web/src", "test", "bench", "demo", "tools"];

const tree = new Map(
  globSync(`{${folders.join(",")}}/**/*.{ts,tsx}`, { cwd: root }).map((path) => [
    path.replaceAll(sep, "/"),
    readFileSync(join(root, path), "utf8"),
  ]),
);

test("the tree keeps to the table of rooms", () => {
  assert.ok(tree.size > 20, "the sources were found");
  assert.deepEqual(findViolations(tree), []);
});

test("the table lists nothing that is not there", () => {
  const paths = [...tree.keys()];
  const listed = [
    ...Object.keys(ROOMS).map((room) => `src/${room}/`),
    ...Object.keys(ENTRY_POINTS).map((file) => `src/${file}`),
  ];
  assert.deepEqual(
    listed.filter((place) => !paths.some((path) => path.startsWith(place))),
    [],
  );
});

test("every dependency of the package is in the table", () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { dependencies: object };
  assert.deepEqual(
    Object.keys(dependencies).filter((name) => !(name in PACKAGES)),
    [],
  );
});

test("the table itself runs one way", () => {
  const order = Object.keys(ROOMS);
  for (const [room, allowed] of Object.entries(ROOMS)) {
    for (const other of allowed) assert.ok(order.indexOf(other) < order.indexOf(room), `${room} sees ${other}`);
  }
});

describe("a planted violation is noticed", () => {
  const planted: readonly [name: string, files: Readonly<Record<string, string>>, sentence: RegExp][] = [
    ["a room that is not listed", { "src/attic/box.ts": "" }, /src\/attic\/box\.ts is in "attic", which the table/],
    ["an entry point that is not listed", { "src/back-door.ts": "" }, /src\/back-door\.ts is in "back-door\.ts"/],
    [
      "an import to the right",
      { "src/core/a.ts": 'import "../http/b.ts";' },
      /a\.ts imports src\/http\/b\.ts; "core" may import lib/,
    ],
    [
      "an import of a type to the right",
      { "src/store/a.ts": 'import type { B } from "../turn/b.ts";' },
      /imports src\/turn\/b\.ts/,
    ],
    ["an export from the right", { "src/core/a.ts": 'export { b } from "../turn/b.ts";' }, /imports src\/turn\/b\.ts/],
    ["an import() to the right", { "src/core/a.ts": 'await import("../turn/b.ts");' }, /imports src\/turn\/b\.ts/],
    [
      "a URL to the right",
      { "src/core/a.ts": 'new URL("../turn/b.ts", import.meta.url);' },
      /imports src\/turn\/b\.ts/,
    ],
    [
      "a resolved path to the right",
      { "src/core/a.ts": 'import.meta.resolve("../turn/b.ts");' },
      /imports src\/turn\/b\.ts/,
    ],
    ["a sibling in the pipeline", { "src/inbox/a.ts": 'import "../turn/b.ts";' }, /"inbox" may import/],
    ["an import of an entry point", { "src/cli/a.ts": 'import "../index.ts";' }, /imports src\/index\.ts/],
    [
      "a room that knows which store it has",
      { "src/cli/a.ts": 'import "../store/sqlite/b.ts";' },
      /imports src\/store\/sqlite\/b\.ts/,
    ],
    [
      "a port that knows its adapter",
      { "src/store/a.ts": 'import "./sqlite/b.ts";' },
      /"store" may import lib, core\./,
    ],
    [
      "the contract that knows a store",
      { "src/testing/a.ts": 'import "../store/sqlite/b.ts";' },
      /"testing" may import/,
    ],
    [
      "node:sqlite elsewhere",
      { "src/cli/a.ts": 'import "node:sqlite";' },
      /imports node:sqlite, which only store\/sqlite may/,
    ],
    [
      "Chat SDK elsewhere",
      { "src/inbox/a.ts": 'import type { Chat } from "chat";' },
      /imports chat, which only platform may/,
    ],
    [
      "a part of a package elsewhere",
      { "src/turn/a.ts": 'import "hono/streaming";' },
      /imports hono, which only http may/,
    ],
    ["a package nobody listed", { "src/lib/a.ts": 'import "@left/pad";' }, /imports @left\/pad, which no room may/],
    [
      "process.env",
      { "src/agent/a.ts": "export const a = process.env.KEY;" },
      /reads process\.env, which only config, bin\.ts/,
    ],
    ["process.env in brackets", { "src/agent/a.ts": 'export const a = process["env"];' }, /reads process\.env/],
    ["process.env taken apart", { "src/agent/a.ts": "export const { env } = process;" }, /reads process\.env/],
    ["process.env imported", { "src/agent/a.ts": 'import { env } from "node:process";' }, /reads process\.env/],
    [
      "a cycle of two",
      { "src/lib/a.ts": 'import "./b.ts";', "src/lib/b.ts": 'import "./a.ts";' },
      /a\.ts → src\/lib\/b\.ts → src\/lib\/a\.ts is a cycle/,
    ],
    [
      "a cycle through import()",
      {
        "src/lib/a.ts": 'import "./b.ts";',
        "src/lib/b.ts": 'import "./c.ts";',
        "src/lib/c.ts": 'await import("./b.ts");',
      },
      /src\/lib\/b\.ts → src\/lib\/c\.ts → src\/lib\/b\.ts is a cycle/,
    ],
    ["a long source", { "src/lib/a.ts": "\n".repeat(MAX_LINES + 1) }, /has 301 lines; a file has at most 300/],
    ["a long test", { "test/a.test.ts": "\n".repeat(MAX_LINES + 1) }, /test\/a\.test\.ts has 301 lines/],
    ["a long scenario", { "bench/a.ts": "\n".repeat(MAX_LINES + 1) }, /bench\/a\.ts has 301 lines/],
    ["a name that says nothing", { "src/lib/utils.ts": "" }, /is named "utils"/],
    ["a word that says nothing", { "src/turn/turn-manager.ts": "" }, /is named "manager"/],
    ["an index inside a room", { "src/turn/index.ts": "" }, /src\/turn\/index\.ts is an index/],
    ["a default export", { "src/lib/a.ts": "export default 1;" }, /has a default export/],
    ["a default export by name", { "src/lib/a.ts": "const a = 1; export { a as default };" }, /has a default export/],
    ["a long part of the page", { "web/src/a.tsx": "\n".repeat(MAX_LINES + 1) }, /web\/src\/a\.tsx has 301 lines/],
    ["a part of the page whose name says nothing", { "web/src/view/helpers.tsx": "" }, /is named "helpers"/],
    ["a default export of the page", { "web/src/a.ts": "export default 1;" }, /has a default export/],
    ["a page that knows the gateway", { "web/src/a.ts": 'import "../../src/core/b.ts";' }, /imports src\/core\/b\.ts/],
    ["a gateway that knows the page", { "src/http/a.ts": 'import "../../web/src/b.ts";' }, /imports web\/src\/b\.ts/],
    ["a package nobody listed for the page", { "web/src/a.ts": 'import "react";' }, /imports react, which the page/],
    [
      "a cycle in the page",
      { "web/src/a.ts": 'import "./b.tsx";', "web/src/b.tsx": 'import "./a.ts";' },
      /web\/src\/a\.ts → web\/src\/b\.tsx → web\/src\/a\.ts is a cycle/,
    ],
    ["a barrel", { "src/lib/a.ts": 'export * from "./b.ts";' }, /re-exports another file/],
  ];
  for (const [name, files, sentence] of planted) {
    test(name, () => {
      const found = findViolations(new Map(Object.entries(files)));
      assert.ok(
        found.some((text) => sentence.test(text)),
        `expected ${String(sentence)}, found ${JSON.stringify(found)}`,
      );
    });
  }
});

describe("what is allowed is not noticed", () => {
  const allowed: readonly [name: string, files: Readonly<Record<string, string>>][] = [
    [
      "the composition root opens a store",
      { "src/gateway/a.ts": 'import "../store/sqlite/b.ts"; import "../turn/c.ts";' },
    ],
    ["an entry point re-exports a room", { "src/sqlite.ts": 'export { open } from "./store/sqlite/open.ts";' }],
    ["modules of Node", { "src/lib/a.ts": 'import "node:crypto"; import { readFile } from "node:fs/promises";' }],
    ["a part of a listed package", { "src/http/a.ts": 'import { stream } from "hono/streaming";' }],
    [
      "types that need each other",
      { "src/lib/a.ts": 'import type { B } from "./b.ts";', "src/lib/b.ts": 'import type { A } from "./a.ts";' },
    ],
    ["configuration reads the environment", { "src/config/a.ts": "export const a = process.env;" }],
    ["a part of the page", { "web/src/a.tsx": 'import { render } from "preact"; import "./b.ts"; import "./c.css";' }],
    ["the longest file", { "src/lib/a.ts": "\n".repeat(MAX_LINES) }],
    ["speaking of process.env", { "src/agent/a.ts": '// not process.env\nexport const a = "process.env";' }],
  ];
  for (const [name, files] of allowed) {
    test(name, () => {
      assert.deepEqual(findViolations(new Map(Object.entries(files))), []);
    });
  }
});
