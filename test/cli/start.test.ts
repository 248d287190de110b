import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import type { MessageState } from "../../src/core/message.ts";
import type { StoreStats } from "../../src/store/reader.ts";
import { createPlace, parlor, parlorJson, type Place, startParlor, type Started } from "./parlor.ts";

/** A model of patience: it says nothing until it is told to stop. */
const SILENT_AGENT = (drainMs: number): string => `export default {
  server: { drainMs: ${drainMs} },
  agent: {
    name: "silent",
    async *run(turn, signal) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      throw signal.reason;
    },
  },
};
`;

/** Runs a line of shell as a person would paste it. */
async function shell(line: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout } = await promisify(execFile)("sh", ["-c", line], { env: { PATH: process.env["PATH"], ...env } });
  return stdout;
}

function lineOf(started: Started, name: string): string {
  return new RegExp(`^${name} +(.+)$`, "m").exec(started.output())?.[1] ?? "";
}

async function say(started: Started, text: string): Promise<void> {
  const response = await fetch(`${started.url}/hooks/demo`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ from: "ada", text }),
  });
  assert.equal(response.status, 202);
}

describe("parlor start", () => {
  test("says in at most nine lines what there is to know, and the command it prints works", async (t) => {
    const place = createPlace(t);
    const started = await startParlor(t, place);
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      version: string;
    };
    assert.ok(started.output().trimEnd().split("\n").length <= 8, started.output());
    assert.equal(lineOf(started, "Parlor"), version);
    assert.equal(lineOf(started, "Data"), place.home);
    assert.match(lineOf(started, "Agent"), /^echo; set PARLOR_MODEL/);
    assert.match(lineOf(started, "Platforms"), /^webhook demo .*PARLOR_WEBHOOK_<NAME>_SECRET/);
    assert.match(lineOf(started, "Stop"), /Ctrl-C/);
    assert.ok(!started.output().includes("\u001b"));
    assert.partialDeepStrictEqual(JSON.parse(await shell(lineOf(started, "Try"))), { seq: 1, reply: "Hello" });
  });

  test("with a token, prints a command that reads it from the shell", async (t) => {
    const place = createPlace(t);
    const env = { PARLOR_TOKEN: "0123456789abcdef", PARLOR_WEBHOOK_CRM_SECRET: "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3" };
    const started = await startParlor(t, place, ["--host", "0.0.0.0"], env);
    assert.equal(lineOf(started, "Platforms"), "webhook crm; set TELEGRAM_BOT_TOKEN for Telegram");
    assert.ok(!started.output().includes(env.PARLOR_TOKEN));
    assert.partialDeepStrictEqual(JSON.parse(await shell(lineOf(started, "Try"), env)), { seq: 1, reply: "Hello" });
    started.kill("SIGTERM");
    assert.ok(!(await started.end).stderr.includes(env.PARLOR_TOKEN));
  });

  test("keeps its log apart, as JSON lines", async (t) => {
    const place = createPlace(t);
    const started = await startParlor(t, place);
    await say(started, "Hello");
    started.kill("SIGTERM");
    const { code, stdout, stderr } = await started.end;
    assert.equal(code, 0);
    assert.doesNotMatch(stdout, /session opened/);
    const lines = stderr
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { msg: string });
    assert.ok(
      lines.some(({ msg }) => msg === "session opened"),
      stderr,
    );
  });

  test("with --json prints one document and nothing else", async (t) => {
    const place = createPlace(t);
    const started = await startParlor(t, place, ["--json"]);
    started.kill("SIGTERM");
    const { code, stdout } = await started.end;
    assert.equal(code, 0);
    assert.partialDeepStrictEqual(JSON.parse(stdout), { url: started.url, dataDirectory: place.home, agent: "echo" });
  });

  test("beside it the other commands see and change what it stores", async (t) => {
    const place = createPlace(t);
    const started = await startParlor(t, place);
    await shell(lineOf(started, "Try"));
    const port = new URL(started.url).port;
    const status = await parlor(place, ["status", "--port", port]);
    assert.equal(status.code, 0);
    assert.ok(status.stdout.startsWith(`Gateway   running at ${started.url}\n`), status.stdout);
    const { sessions } = await parlorJson<{ sessions: { id: string }[] }>(place, ["sessions", "list"]);
    const [first] = sessions;
    assert.ok(first !== undefined && sessions.length === 1);
    assert.equal((await parlor(place, ["sessions", "reset", first.id])).code, 0);
    await shell(lineOf(started, "Try"));
    assert.equal((await parlorJson<{ sessions: object[] }>(place, ["sessions", "list"])).sessions.length, 2);
    assert.equal((await parlor(place, ["doctor"])).code, 0);
  });
});

describe("stopping", () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    test(`${signal} drains, says that nothing is left, and exits with 0`, async (t) => {
      const started = await startParlor(t, createPlace(t));
      started.kill(signal);
      const { code, stdout } = await started.end;
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`\n${signal}: stopping\\. .*\nStopped: 0 turns finished, nothing is left\\.\n$`));
    });
  }

  test("says what is left for the next start, which takes it up", async (t) => {
    const place = createPlace(t, { "parlor.config.ts": SILENT_AGENT(0), "echo.config.ts": "export default {};\n" });
    const started = await startParlor(t, place);
    await say(started, "Are you there?");
    await reached(place, "running");
    started.kill("SIGTERM");
    const { stdout, stderr } = await started.end;
    assert.match(stdout, /\nStopped: 0 turns finished, 1 turn left for the next start\.\n$/);
    const last = JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "") as Readonly<Record<string, unknown>>;
    const left = { msg: "gateway stopped", finishedTurns: 0, doubtfulDeliveries: [] };
    assert.partialDeepStrictEqual(last, { ...left, waiting: { messages: 0, deliveries: 0, events: 0 } });
    assert.match(String(last["leftTurns"]), /^trn_\w+$/);
    await startParlor(t, place, ["--config", "echo.config.ts"]);
    await reached(place, "answered");
  });

  for (const [signal, exitCode] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    test(`a second ${signal} ends it at once`, async (t) => {
      const place = createPlace(t, { "parlor.config.ts": SILENT_AGENT(600_000) });
      const started = await startParlor(t, place);
      await say(started, "Are you there?");
      await reached(place, "running");
      started.kill("SIGTERM");
      await started.says(/stopping\./);
      started.kill(signal);
      assert.equal((await started.end).code, exitCode);
    });
  }

  test("under npm one Ctrl-C that comes twice is one", async (t) => {
    const place = createPlace(t);
    const started = await startParlor(t, place, [], { npm_lifecycle_event: "start" });
    started.kill("SIGINT");
    started.kill("SIGINT");
    const { code, stdout } = await started.end;
    assert.equal(code, 0);
    assert.match(stdout, /nothing is left/);
  });
});

/** Resolves when the one message of a store is in this state. */
async function reached(place: Place, state: MessageState): Promise<void> {
  for (;;) {
    const { messages } = await parlorJson<StoreStats>(place, ["sessions", "stats"]);
    if (messages[state] === 1) return;
  }
}

describe("what keeps it from starting is one sentence, and exit code 1:", () => {
  test("a port in use", async (t) => {
    const place = createPlace(t);
    const { port } = new URL((await startParlor(t, place)).url);
    const second = await parlor(place, ["start", "--port", port]);
    assert.deepEqual({ code: second.code, stdout: second.stdout }, { code: 1, stdout: "" });
    assert.match(second.stderr, new RegExp(`^Port ${port} on 127\\.0\\.0\\.1 is in use\\. .*set PORT.*\n$`));
  });

  test("a data directory that cannot be made", async (t) => {
    const place = createPlace(t, { file: "" });
    const home = join(place.folder, "file", "data");
    const { code, stdout, stderr } = await parlor(place, ["start", "--port", "0"], { PARLOR_HOME: home });
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.match(stderr, /^The database .* cannot be opened .*PARLOR_HOME.*\n$/);
    assert.ok(stderr.includes(home));
  });

  test("an address that others can reach, without a token", async (t) => {
    const place = createPlace(t);
    const { code, stderr } = await parlor(place, ["start", "--host", "0.0.0.0", "--port", "0"]);
    assert.equal(code, 1);
    assert.match(stderr, /^--host .*PARLOR_TOKEN.*\n$/);
    assert.equal(existsSync(place.home), false);
  });
});
