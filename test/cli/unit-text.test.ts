import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import fc from "fast-check";
import { type UnitFacts, unitText, unitValueOf } from "../../src/cli/unit-text.ts";
import { ParlorError } from "../../src/core/errors.ts";

const FACTS: UnitFacts = {
  folder: "/srv/bot",
  command: [process.execPath, "/opt/parlor/dist/bin.js", "start"],
  stopMs: 25_000,
  dataDirectory: "/srv/data",
  url: "http://127.0.0.1:8787",
};

/** The value of a key, as systemd reads a line: what stands behind the sign, specifiers resolved. */
function valueOf(text: string, key: string): string {
  const line = text.split("\n").find((it) => it.startsWith(`${key}=`)) ?? assert.fail(`no ${key}`);
  return withoutSpecifiers(line.slice(key.length + 1).trim());
}

/** The words of a command line, as systemd.syntax(7) and systemd.service(5) take them apart. */
function wordsOf(text: string): readonly string[] {
  const line = text.split("\n").find((it) => it.startsWith("ExecStart=")) ?? assert.fail("no ExecStart");
  const words: string[] = [];
  let rest = line.slice("ExecStart=".length);
  while (rest !== "") {
    const [whole, quoted, plain] = /^(?:"((?:[^"\\]|\\.)*)"|([^\s"'\\]+))(?: |$)/.exec(rest) ?? assert.fail(rest);
    const word = withoutSpecifiers(
      quoted === undefined ? (plain ?? "") : quoted.replaceAll(/\\(u[0-9a-f]{4}|.)/g, unescape),
    );
    // Of the first word variables are not resolved.
    words.push(words.length === 0 ? word : word.replaceAll("$$", () => "$"));
    assert.ok(words.length === 1 || !/(?<!\$)(?:\$\$)*\$(?!\$)/.test(word), `a variable in ${word}`);
    rest = rest.slice(whole.length);
  }
  return words;
}

function unescape(_: string, escaped: string): string {
  if (escaped.startsWith("u")) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
  return ['"', "\\"].includes(escaped) ? escaped : assert.fail(`\\${escaped} is no escape`);
}

function withoutSpecifiers(text: string): string {
  return text.replaceAll(/%(.?)/g, (_, specifier: string) => (specifier === "%" ? "%" : assert.fail(`%${specifier}`)));
}

const anyText = fc.string({ unit: "binary" }).filter((text) => text.isWellFormed() && !text.includes("\0"));
const awkward = fc
  .array(
    fc.constantFrom("%", "$", '"', "'", "\\", " ", "\t", "\n", ";", "{HOME}", "h", "é", "\u001b", "\u0085", "#", "-"),
  )
  .map((parts) => parts.join(""));
const path = fc.oneof(awkward, anyText).map((text) => `/${text.replaceAll(/\p{Cc}/gu, "")}x`);

const verifies = await canVerify();

describe("a unit", () => {
  test("gives the gateway every word as it was", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(awkward, anyText)), (args) => {
        const text = unitText({ ...FACTS, command: ["/usr/bin/node", ...args] });
        assert.deepEqual(wordsOf(text), ["/usr/bin/node", ...args]);
      }),
    );
  });

  test("runs the Node it was made with, whatever its path", () => {
    fc.assert(
      fc.property(path, (node) => {
        fc.pre(!node.includes("$"));
        assert.deepEqual(wordsOf(unitText({ ...FACTS, command: [node] })), [node]);
      }),
    );
  });

  test("names folders as they are, and remembers where the data is", () => {
    fc.assert(
      fc.property(path, path, (folder, dataDirectory) => {
        const text = unitText({ ...FACTS, folder, dataDirectory });
        assert.equal(valueOf(text, "WorkingDirectory"), folder);
        assert.equal(unitValueOf(text, "Data"), dataDirectory);
        assert.equal(unitValueOf(text, "Url"), FACTS.url);
      }),
    );
  });

  test("refuses a path that one line cannot hold", () => {
    for (const change of [
      { folder: "/srv/a\nExecStart=/bin/false" },
      { folder: "/srv/a\r" },
      { folder: "/srv/a " },
      { folder: "/srv/a\\" },
      { folder: "srv" },
      { dataDirectory: "/srv/\u001b" },
      { command: ["/opt/$node/bin/node"] },
    ]) {
      assert.throws(
        () => unitText({ ...FACTS, ...change }),
        (error) => error instanceof ParlorError && error.code === "UNIT_FAILED",
      );
    }
  });

  test("gives a stop the time it was told, in whole seconds", () => {
    assert.equal(valueOf(unitText({ ...FACTS, stopMs: 25_001 }), "TimeoutStopSec"), "26");
  });

  test("has nothing that systemd has a word to say about", { skip: !verifies && "no systemd-analyze" }, async () => {
    const text = unitText({
      ...FACTS,
      folder: tmpdir(),
      command: [process.execPath, `/a%b $HOME \${HOME} "c" 'd' \\e;`, ";", "", "\u001b\n"],
    });
    assert.equal(await verified(text), "");
    assert.match(await verified(text.replace("NoNewPrivileges", "NoNewPrivilege")), /Unknown key/);
  });
});

async function canVerify(): Promise<boolean> {
  return (await verified("[Service]\nType=exec\nExecStart=/bin/true\n")) === "";
}

/** What `systemd-analyze verify` says of a user unit. */
async function verified(text: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "parlor-unit-"));
  try {
    const file = join(folder, "parlor.service");
    writeFileSync(file, text);
    const env = { ...process.env, XDG_RUNTIME_DIR: folder };
    const { stderr } = await promisify(execFile)("systemd-analyze", ["--user", "verify", file], { env });
    return stderr;
  } catch (error) {
    return String(error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
