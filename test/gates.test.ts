import assert from "node:assert/strict";
import { exec } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, describe, test } from "node:test";

const root = join(import.meta.dirname, "..");
const projects: string[] = [];

after(async () => {
  for (const project of projects) await rm(project, { recursive: true });
});

/** A project that breaks no rule. */
const CLEAN: Readonly<Record<string, string>> = {
  "src/index.ts": 'export { add } from "./lib/add.ts";\n',
  "src/lib/add.ts": "export function add(a: number, b: number): number {\n  return a + b;\n}\n",
  "web/src/main.tsx": 'document.title = "1";\n',
  "test/add.test.ts": [
    'import assert from "node:assert/strict";',
    'import { test } from "node:test";',
    'import { add } from "../src/index.ts";',
    "",
    'test("one and one", async () => {',
    "  assert.equal(await Promise.resolve(add(1, 1)), 2);",
    "});",
    "",
  ].join("\n"),
};

/** Sources that each break one rule of one gate, and what the gate says. */
const PLANTED: Readonly<
  Record<string, Readonly<Record<string, readonly [files: Readonly<Record<string, string>>, says: RegExp]>>>
> = {
  "format:check": {
    "single quotes": [{ "src/lib/a.ts": "export const a: string = 'a';\n" }, /src\/lib\/a\.ts/],
    "a line of more than 120 columns": [
      { "test/a.ts": `export const a: number[] = [${"1, ".repeat(40)}1];\n` },
      /test\/a\.ts/,
    ],
  },
  lint: {
    "a promise nobody waits for": [
      { "src/lib/a.ts": "export function a(): void {\n  Promise.resolve();\n}\n" },
      /no-floating-promises/,
    ],
    "a promise taken for a condition": [
      { "src/lib/a.ts": "export const a = (b: Promise<boolean>): number => (b ? 1 : 2);\n" },
      /no-misused-promises/,
    ],
    "await of what is no promise": [
      { "src/lib/a.ts": "export const a = async (b: number): Promise<number> => await b;\n" },
      /await-thenable/,
    ],
    any: [{ "src/lib/a.ts": "export const a = (b: any): unknown => b;\n" }, /no-explicit-any/],
    "any that came by itself": [
      { "src/lib/a.ts": 'export const a = (): number => JSON.parse("1");\n' },
      /no-unsafe-return/,
    ],
    "a type imported as a value": [
      { "src/lib/a.ts": 'import { Stats } from "node:fs";\nexport const a = (b: Stats): number => b.size;\n' },
      /consistent-type-imports/,
    ],
    "a switch that forgets a case": [
      { "src/lib/a.ts": "export function a(b: 1 | 2): void {\n  switch (b) {\n    case 1:\n      break;\n  }\n}\n" },
      /switch-exhaustiveness-check/,
    ],
    "a default export": [{ "src/lib/a.ts": "export default 1;\n" }, /no-default-export/],
    "printing from a room": [
      { "src/lib/a.ts": "export const a = (): void => {\n  console.log(1);\n};\n" },
      /no-console/,
    ],
    "printing from the page": [
      { "web/src/a.ts": "export const a = (): void => {\n  console.log(1);\n};\n" },
      /no-console/,
    ],
    "something thrown that is no error": [
      { "src/lib/a.ts": 'export const a = (): never => {\n  throw "a";\n};\n' },
      /only-throw-error/,
    ],
    "an error that loses its cause": [
      {
        "src/lib/a.ts":
          "export function a(b: () => void): void {\n  try {\n    b();\n  } catch (error) {\n" +
          "    throw new Error(`no ${String(error)}`);\n  }\n}\n",
      },
      /preserve-caught-error/,
    ],
    "a file name that is not kebab-case": [{ "src/lib/fileName.ts": "export const a = 1;\n" }, /filename-case/],
    "an unfinished piece of work": [
      { "src/lib/a.ts": "// FIXME: finish\nexport const a = 1;\n" },
      /no-warning-comments/,
    ],
    "a rule switched off for nothing": [
      { "src/lib/a.ts": "// oxlint-disable-next-line no-console\nexport const a = 1;\n" },
      /Unused oxlint-disable directive/,
    ],
  },
  types: {
    "a wrong type": [{ "src/lib/a.ts": 'export const a: number = "1";\n' }, /TS2322/],
    "an element that may be missing": [
      { "src/lib/a.ts": "export const a = (b: number[]): number => b[0];\n" },
      /TS2322/,
    ],
    "an enum": [{ "src/lib/a.ts": "export enum A {\n  B,\n}\n" }, /TS1294/],
    "an export whose type is inferred": [{ "src/lib/a.ts": "export const a = Math.max(1);\n" }, /TS9010/],
    "a wrong type in a test": [{ "test/a.ts": 'export const a: number = "1";\n' }, /TS2322/],
    "a wrong type in the page": [{ "web/src/a.tsx": 'export const a: number = "1";\n' }, /TS2322/],
    "a wrong type in a scenario": [{ "bench/a.ts": 'export const a: number = "1";\n' }, /TS2322/],
  },
  unused: {
    "a file nobody imports": [{ "src/lib/a.ts": "export const a = 1;\n" }, /Unused files/],
    "a part of the page nobody imports": [{ "web/src/a.ts": "export const a = 1;\n" }, /Unused files/],
    "an export nobody imports": [
      { "src/index.ts": 'import "./lib/add.ts";\n', "test/add.test.ts": "" },
      /Unused exports/,
    ],
    "a dependency nobody imports": [
      { "package.json": JSON.stringify({ name: "planted", type: "module", dependencies: { hono: "4.13.19" } }) },
      /Unused dependencies/,
    ],
    "a dependency nobody declared": [{ "test/a.test.ts": 'import "tinyglobby";\n' }, /Unlisted dependencies/],
  },
  test: {
    "a test that fails": [
      { "test/a.test.ts": 'import { test } from "node:test";\ntest("no", () => {\n  throw new Error("no");\n});\n' },
      /fail 1/,
    ],
  },
};

for (const [gate, violations] of Object.entries(PLANTED)) {
  describe(`npm run ${gate}`, () => {
    test("passes a project without fault", async () => {
      const { passed, output } = await run(gate, CLEAN);
      assert.ok(passed, output);
    });

    for (const [name, [files, says]] of Object.entries(violations)) {
      test(`fails on ${name}`, async () => {
        const { passed, output } = await run(gate, { ...CLEAN, ...files });
        assert.ok(!passed, output);
        assert.match(output, says);
      });
    }
  });
}

test("the command line may print", async () => {
  const { passed, output } = await run("lint", { ...CLEAN, "src/cli/a.ts": "console.log(1);\n" });
  assert.ok(passed, output);
});

test("npm run check runs every gate", async () => {
  const { check = "" } = await scripts();
  assert.deepEqual(check.split(" && "), [
    "npm run format:check",
    "npm run lint",
    "npm run types",
    "npm run unused",
    "npm test",
  ]);
});

/** Runs a script of package.json, under the configuration of this repository, in a project of its own. */
async function run(
  gate: string,
  files: Readonly<Record<string, string>>,
): Promise<{ passed: boolean; output: string }> {
  const project = await mkdtemp(join(tmpdir(), "parlor-gate-"));
  projects.push(project);
  await symlink(join(root, "node_modules"), join(project, "node_modules"), "junction");
  for (const name of [".oxfmtrc.json", ".oxlintrc.json", "knip.json", "tsconfig.json", "web/tsconfig.json"]) {
    await mkdir(dirname(join(project, name)), { recursive: true });
    await copyFile(join(root, name), join(project, name));
  }
  const contents = { "package.json": '{\n  "name": "planted",\n  "type": "module"\n}\n', ...files };
  for (const [path, text] of Object.entries(contents)) {
    await mkdir(dirname(join(project, path)), { recursive: true });
    await writeFile(join(project, path), text);
  }

  const command = (await scripts())[gate];
  assert.ok(command !== undefined, `package.json has a script "${gate}"`);
  const path = [join(root, "node_modules/.bin"), process.env.PATH].join(delimiter);
  // The runner of a runner would report to its parent instead of on its output.
  const env = { ...process.env, PATH: path, NODE_TEST_CONTEXT: undefined };
  return await new Promise((resolve) => {
    exec(command, { cwd: project, env }, (error, stdout, stderr) => {
      resolve({ passed: error === null, output: stdout + stderr });
    });
  });
}

async function scripts(): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(join(root, "package.json"), "utf8");
  return (JSON.parse(text) as { scripts: Record<string, string> }).scripts;
}
