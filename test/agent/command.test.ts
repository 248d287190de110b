import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Agent, AgentError, AgentPart } from "../../src/agent/agent.ts";
import { createCommandAgent, type CommandAgentOptions } from "../../src/agent/command.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { agentEntry, agentTurn, partsOf, textOf } from "./agent-turn.ts";
import { isAlive } from "./command-subject.ts";
import { isRunning } from "./is-running.ts";
import { NO_PORTS } from "../../src/agent/no-ports.ts";

const FINISH = `echo '{"type":"finish"}'`;
const PATH = process.env["PATH"] ?? "";

interface Program {
  readonly agent: Agent;
  readonly folder: string;
  /** What it has left in a file of its folder; empty while there is none. */
  read(name: string): string;
}

/** An agent that is a shell script. */
function program(t: TestContext, script: string, options: Partial<CommandAgentOptions> = {}): Program {
  const folder = mkdtempSync(join(tmpdir(), "parlor-program-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "agent.sh"), script);
  const agent = createCommandAgent({ command: ["sh", "agent.sh"], cwd: folder, env: { PATH }, ...options });
  const read = (name: string): string =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "";
  return { agent, folder, read };
}

async function faultOf(agent: Agent, words = "hello"): Promise<AgentError> {
  const error = await partsOf(agent, agentTurn(words)).then(
    () => assert.fail("the run must fail"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Error && error.name === "AgentError", String(error));
  return error as AgentError;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate);
}

const firstPart = async (parts: AsyncIterator<AgentPart>): Promise<AgentPart> =>
  (await parts.next()).value as AgentPart;

test("the program is given the turn on one line of its input, and then its end", async (t) => {
  const { agent, read } = program(t, `cat > turn.json\n${FINISH}`);
  const turn = {
    ...agentTurn({ text: "line one\nline two", attachments: [{ url: "https://x.test/cat.png", name: "cat.png" }] }),
    transcript: [agentEntry({ text: "before" }), agentEntry({ role: "assistant", text: "yes", sender: null })],
    reset: { reason: "idle", hadActivity: true } as const,
  };
  await partsOf(agent, turn);
  assert.equal(read("turn.json").split("\n").length, 2);
  assert.deepEqual(JSON.parse(read("turn.json")), turn);
});

test("a program finds what is declared in its environment, and nothing else", async (t) => {
  const { agent, read } = program(t, `env > env.txt\npwd > cwd.txt\n${FINISH}`, { env: { PATH, API_KEY: "k" } });
  await partsOf(agent, agentTurn("hello"));
  const names = read("env.txt")
    .split("\n")
    .flatMap((line) => line.split("=")[0] || []);
  assert.deepEqual(
    new Set([...names, "PWD", "OLDPWD", "SHLVL", "_"]),
    new Set(["API_KEY", "PATH", "PWD", "OLDPWD", "SHLVL", "_"]),
  );
});

test("a program starts in the folder that is declared", async (t) => {
  const { agent, folder, read } = program(t, `pwd -P > cwd.txt\n${FINISH}`);
  await partsOf(agent, agentTurn("hello"));
  assert.ok(read("cwd.txt").trim().endsWith(folder));
});

test("text keeps every character, however the output is cut", async (t) => {
  const script = String.raw`printf '{"type":"text","text":"gr\303'; sleep 0.02; printf '\274\303\237e\\n"}\r\n\n'; printf '{"type":"finish"}'`;
  assert.equal(textOf(await partsOf(program(t, script).agent, agentTurn("hello"))), "grüße\n");
});

test("reasoning, empty text and unknown fields are allowed", async (t) => {
  const lines = ['{"type":"reasoning","text":"SECRET"}', '{"type":"text","text":""}', '{"type":"finish","more":1}'];
  const { agent } = program(t, lines.map((line) => `echo '${line}'`).join("\n"));
  assert.deepEqual(await partsOf(agent, agentTurn("hello")), [
    { type: "reasoning" },
    { type: "finish", reason: "done" },
  ]);
});

test("usage without a model is the program's own", async (t) => {
  const { agent } = program(t, `echo '{"type":"usage","inputTokens":1,"outputTokens":2}'\n${FINISH}`);
  assert.deepEqual((await partsOf(agent, agentTurn("hello")))[0], {
    type: "usage",
    model: "sh",
    inputTokens: 1,
    outputTokens: 2,
  });
});

test("a line that is not of the protocol is a permanent fault that says what was expected and quotes nothing", async (t) => {
  for (const [line, expected] of [
    ["wisteria-lane", /one JSON object with "type" .*found something that is not a JSON object.*standard error/],
    ["[1]", /found something that is not a JSON object/],
    ['{"type":"wisteria-lane"}', /one JSON object with "type" as text, reasoning, tool, usage, finish or error/],
    ['{"type":"toString"}', /one JSON object with "type"/],
    ['{"type":"text","text":["wisteria-lane"]}', /must write \{"type":"text","text":"\.\.\."\} on a line/],
    ['{"type":"tool","index":-1,"name":"wisteria-lane","state":"started"}', /must write \{"type":"tool","index":0/],
    ['{"type":"tool","index":0,"name":"search","state":"wisteria-lane"}', /"started" or "finished" or "failed"/],
    ['{"type":"usage","inputTokens":1.5,"outputTokens":2}', /must write \{"type":"usage"/],
    ['{"type":"finish","reason":"wisteria-lane"}', /must write \{"type":"finish"\}/],
    [
      '{"type":"error","message":"wisteria-lane"}',
      /must write \{"type":"error"\} with "fault" .* "retryable" as true or false/,
    ],
    [
      '{"type":"error","fault":"wisteria-lane","retryable":true}',
      /"fault" as "unavailable", "quota", "context" or "refused"/,
    ],
    ['{"type":"error","retryable":true,"code":"wisteria lane"}', /"code" of one word/],
  ] as const) {
    const { message, retryable } = await faultOf(program(t, `echo '${line}'\n${FINISH}`).agent);
    assert.match(message, expected);
    assert.equal(retryable, false);
    assert.ok(!/wisteria.lane/.test(message), message);
  }
});

test("an error that the program reports is passed on with its code, and without its prose", async (t) => {
  const line = '{"type":"error","retryable":true,"retryAfterMs":5000,"code":"rate_limited","message":"wisteria-lane"}';
  const { message, retryable, retryAfterMs } = await faultOf(program(t, `echo '${line}'\n${FINISH}`).agent);
  assert.match(message, /^The command "sh" reported an error \(rate_limited\);/);
  assert.ok(!message.includes("wisteria-lane"));
  assert.deepEqual([retryable, retryAfterMs], [true, 5_000]);
});

test("a line without an end is a permanent fault, and is not kept", async (t) => {
  const { message, retryable } = await faultOf(program(t, "yes wisteria-lane | tr -d '\\n'").agent);
  assert.match(message, /lines of at most 1000000 characters; found a longer one/);
  assert.equal(retryable, false);
});

test("a program that ends before it has finished is worth another attempt", async (t) => {
  for (const [script, how] of [
    ["exit 3", /ended with code 3 before it wrote/],
    ["kill -SEGV $$", /was ended by SIGSEGV before it wrote/],
    [`echo '{"type":"text","text":"one"}'`, /ended with code 0 before it wrote/],
  ] as const) {
    const { message, retryable } = await faultOf(program(t, script).agent);
    assert.match(message, how);
    assert.equal(retryable, true);
  }
});

test("a program that cannot be started is a permanent fault that says what to do", async (t) => {
  const { folder } = program(t, FINISH);
  for (const [options, said] of [
    [{ command: ["no-such-program"] }, /"no-such-program" was not found.* set agent\.command to its path/],
    [{ command: ["./agent.sh"] }, /"\.\/agent\.sh" may not be executed \(EACCES\)/],
    [{ cwd: join(folder, "none") }, /must start in a directory that exists.*Set agent\.cwd/],
  ] as const) {
    const agent = createCommandAgent({ command: ["sh"], cwd: folder, env: { PATH }, ...options });
    const { message, retryable } = await faultOf(agent);
    assert.match(message, said);
    assert.equal(retryable, false);
  }
});

test("a program need not read its input, however long that is", async (t) => {
  const { agent } = program(t, FINISH);
  assert.equal((await partsOf(agent, agentTurn("x".repeat(5_000_000)))).length, 1);
});

test("what a program does after its finish is waited for, and what it writes is not read", async (t) => {
  const { agent, read } = program(t, `${FINISH}\nyes garbage | head -c 1000000\necho done > done.txt`);
  assert.deepEqual(await partsOf(agent, agentTurn("hello")), [{ type: "finish", reason: "done" }]);
  assert.equal(read("done.txt"), "done\n");
});

test("a program that does not end after its finish is ended after the grace", async (t) => {
  const { agent, read } = program(t, `echo $$ > pid.txt\n${FINISH}\nexec sleep 1000`, { graceMs: 20 });
  assert.equal((await partsOf(agent, agentTurn("hello"))).length, 1);
  assert.equal(isAlive(Number(read("pid.txt"))), false);
});

test("what a program leaves behind ends with it", async (t) => {
  const { agent, read } = program(t, `sleep 1000 & echo $! > pid.txt\nexit 0`, { graceMs: 50 });
  assert.match((await faultOf(agent)).message, /ended with code 0/);
  await until(() => !isRunning(read("pid.txt")));
});

test("an abort ends the program with its children", async (t) => {
  const { agent, read } = program(t, `sh -c 'echo $$ > child.txt; sleep 1000' &\nsleep 1000`, { graceMs: 50 });
  const controller = new AbortController();
  const run = partsOf(agent, agentTurn("hello"), controller.signal);
  await until(() => read("child.txt") !== "");
  controller.abort(new Error("stop"));
  await assert.rejects(run, /stop/);
  assert.equal(isRunning(read("child.txt")), false);
});

test("a program that does not listen to SIGTERM is killed after the grace, and the run is not over before", async (t) => {
  const clock = createManualClock(0);
  const script = `trap 'echo asked >> asked.txt' TERM\necho $$ > pid.txt\necho '{"type":"reasoning"}'\nwhile :; do sleep 0.01; done`;
  const { agent, read } = program(t, script, { clock, graceMs: 5_000 });
  const controller = new AbortController();
  const parts = agent.run(agentTurn("hello"), controller.signal, NO_PORTS)[Symbol.asyncIterator]();
  assert.equal((await firstPart(parts)).type, "reasoning");
  const over = parts.next();
  controller.abort(new Error("stop"));
  await until(() => read("asked.txt") !== "");
  clock.advance(4_999);
  assert.equal(isRunning(read("pid.txt")), true);
  clock.advance(1);
  await assert.rejects(over, /stop/);
  assert.equal(isRunning(read("pid.txt")), false);
});

test("a program does not outlive a process that exits in the middle of a turn", async (t) => {
  const { folder, read } = program(t, `echo $$ > pid.txt\necho '{"type":"reasoning"}'\ntrap '' TERM\nexec sleep 1000`);
  const command = new URL("../../src/agent/command.ts", import.meta.url).href;
  const turn = JSON.stringify(agentTurn("hello"));
  const script = `
    import { createCommandAgent } from ${JSON.stringify(command)};
    const agent = createCommandAgent({ command: ["sh", "agent.sh"], cwd: ".", env: { PATH: ${JSON.stringify(PATH)} } });
    for await (const part of agent.run(${turn}, new AbortController().signal)) process.exit(0);
  `;
  writeFileSync(join(folder, "parent.mjs"), script);
  assert.equal(spawnSync(process.execPath, ["parent.mjs"], { cwd: folder }).status, 0);
  await until(() => read("pid.txt") !== "" && !isRunning(read("pid.txt")));
});

test("a turn that takes too long in all is ended, and worth another attempt", async (t) => {
  const clock = createManualClock(0);
  const { agent, read } = program(t, `echo $$ > pid.txt\nwhile echo '{"type":"reasoning"}'; do sleep 0.01; done`, {
    clock,
    totalTimeoutMs: 10_000,
  });
  await assert.rejects(
    async () => {
      for await (const part of agent.run(agentTurn("hello"), new AbortController().signal, NO_PORTS)) {
        assert.equal(part.type, "reasoning");
        clock.advance(5_000);
      }
    },
    { name: "AgentError", message: /"sh" had not finished after 10000 ms/, retryable: true },
  );
  assert.equal(isRunning(read("pid.txt")), false);
});

test("the time a listener takes is not the program's silence", async (t) => {
  const clock = createManualClock(0);
  const { agent } = program(t, `echo '{"type":"text","text":"one"}'\n${FINISH}`, { clock, idleTimeoutMs: 5_000 });
  for await (const part of agent.run(agentTurn("hello"), new AbortController().signal, NO_PORTS)) {
    assert.notEqual(part.type, "error");
    clock.advance(60_000);
  }
});

test("standard error is reported line by line, bounded in lines and length, and never holds the program up", async (t) => {
  const lines: (readonly [string, string])[] = [];
  const script = `echo warning >&2\nyes ${"x".repeat(2_000)} | head -n 500 >&2\n${FINISH}`;
  const { agent } = program(t, script, { onStderr: (line, turnId) => void lines.push([line, turnId]) });
  await partsOf(agent, agentTurn("hello"));
  await until(() => lines.length === 100);
  assert.deepEqual(lines[0], ["warning", "trn_1"]);
  assert.equal(lines[1]?.[0].length, 1_000);
  assert.equal(lines.length, 100);
});
