import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { acpPlace, createChat, DONE, faultOf, until } from "./acp-setup.ts";
import { agentEntry, agentTurn, partsOf } from "./agent-turn.ts";
import { isAlive } from "./command-subject.ts";

const HOLD = [{ acts: [{ say: "one " }, "hold", "mark", { say: "two" }], ending: DONE }] as const;

test("it is started on the first turn, told who asks, and shared by all sessions", async (t) => {
  const place = acpPlace(t);
  const agent = place.agent({ version: "1.2.3" });
  assert.deepEqual(place.lines("started"), []);
  await Promise.all([createChat().say(agent, "a"), createChat().say(agent, "b")]);
  await createChat().say(agent, "c");
  assert.equal(place.lines("started").length, 1);
  const [{ protocolVersion, clientCapabilities, clientInfo } = {}] = place.received("initialize");
  assert.equal(protocolVersion, 1);
  assert.deepEqual(clientCapabilities, { fs: { readTextFile: false, writeTextFile: false }, terminal: false });
  assert.deepEqual(clientInfo, { name: "parlor", title: "Parlor", version: "1.2.3" });
  const [{ cwd, mcpServers } = {}, ...more] = place.received("session/new");
  assert.deepEqual([cwd, mcpServers, more.length], [place.folder, [], 2]);
});

test("the stop reasons of the protocol end a turn as what they are", async (t) => {
  for (const [stop, message, retryable] of [
    ["max_turn_requests", /as many requests to its model as it makes in one turn/, false],
    ["cancelled", /as if it had been cancelled, which it was not/, true],
    ["wisteria", /must answer session\/prompt with a stop reason that is known/, false],
  ] as const) {
    const place = acpPlace(t, { prompts: [{ acts: [{ say: "Hello." }], ending: { stop } }] });
    const fault = await faultOf(partsOf(place.agent(), agentTurn("hello")));
    assert.match(fault.message, message);
    assert.equal(fault.retryable, retryable);
  }
});

test("what Parlor does not give it is refused as a method that is not there", async (t) => {
  const requests = ["fs/read_text_file", "terminal/create", "_of/its/own"].map((request) => ({ request }));
  const place = acpPlace(t, { prompts: [{ acts: requests, ending: DONE }] });
  assert.equal(await createChat().say(place.agent(), "hello"), "-32601".repeat(3));
});

test("a program that ends in the middle costs every turn on it an attempt, and the next turn starts another", async (t) => {
  const place = acpPlace(t, {
    prompts: [
      { acts: [{ say: "one " }, "hold"], ending: DONE },
      { acts: [{ say: "one " }, "exit"], ending: DONE },
    ],
  });
  const agent = place.agent();
  const first = createChat();
  const parts = first.begin(agent, first.turn(first.add("hello")));
  await parts.next();
  const [held, ended] = await Promise.all([faultOf(parts.next()), faultOf(createChat().say(agent, "exit"))]);
  for (const fault of [held, ended]) {
    assert.match(fault.message, /^The agent "node" ended with code 7; at log level debug, the log has/);
    assert.equal(fault.retryable, true);
  }
  place.play({ prompts: [{ acts: [{ say: "again" }], ending: DONE }] });
  assert.equal(await first.say(agent, "hello"), "again");
  assert.equal(place.lines("started").length, 2);
});

test("what is not of the protocol is said: from the start for good, later for this process", async (t) => {
  for (const [banner, found] of [
    ["wisteria-lane", /something that is not a JSON object/],
    ['{"level":30,"msg":"wisteria-lane"}', /another object/],
  ] as const) {
    const fault = await faultOf(createChat().say(acpPlace(t, { banner }).agent(), "hello"));
    assert.match(fault.message, /must write one message of JSON-RPC 2\.0 on each line of standard output/);
    assert.match(fault.message, found);
    assert.equal(fault.retryable, false);
  }
  const place = acpPlace(t, { prompts: [{ acts: [{ raw: "wisteria-lane" }, "hold"], ending: DONE }] });
  assert.equal((await faultOf(createChat().say(place.agent(), "hello"))).retryable, true);
  await until(() => place.lines("started").every((pid) => !isAlive(Number(pid))));
});

test("a program that cannot be used is a permanent fault that says what to do", async (t) => {
  const error = (code: number): object => ({ error: { code, message: "wisteria-lane" } });
  for (const [answers, said] of [
    [
      { initialize: { result: { protocolVersion: 2 } } },
      /must speak version 1 .*; found version 2\. Install a release/,
    ],
    [{ initialize: { result: {} } }, /must answer initialize with the version/],
    [{ initialize: error(-32_022) }, /must speak version 1 of the Agent Client Protocol/],
    [{ initialize: error(-32_601) }, /does not speak the Agent Client Protocol\. .*--acp\? Set agent\.command/],
    [
      { "session/new": error(-32_000) },
      /wants a login first .*It offers: "Log in with a browser"\. Run it once in a terminal/,
    ],
    [{ "session/new": { result: {} } }, /must answer session\/new with the id of a session/],
    [{ "session/new": error(-32_602) }, /did not accept a request \(session\/new, -32602\)/],
  ] as const) {
    const fault = await faultOf(createChat().say(acpPlace(t, { answers }).agent(), "hello"));
    assert.match(fault.message, said);
    assert.deepEqual([fault.retryable, fault.fault], [false, "refused"]);
  }
  const place = acpPlace(t);
  writeFileSync(join(place.folder, "plain"), "");
  for (const [options, said] of [
    [{ command: ["no-such-program"] }, /"no-such-program" was not found.* set agent\.command to its path/],
    [{ command: ["./plain"] }, /may not be executed/],
    [{ cwd: join(place.folder, "none") }, /must start in a directory that exists.*Set agent\.cwd/],
  ] as const) {
    const fault = await faultOf(createChat().say(place.agent(options), "hello"));
    assert.match(fault.message, said);
    assert.equal(fault.retryable, false);
  }
});

test("a program that is silent at its start, or when a session is asked for, is ended", async (t) => {
  for (const [silent, said] of [
    ["initialize", /did not say within 5000 ms what it can do/],
    ["session/new", /was silent for 5000 ms/],
  ] as const) {
    const clock = createManualClock(0);
    const place = acpPlace(t, { silent: [silent] });
    const fault = faultOf(createChat().say(place.agent({ clock, idleTimeoutMs: 5_000 }), "hello"));
    await until(() => place.received(silent).length > 0);
    clock.advance(5_000);
    assert.match((await fault).message, said);
    assert.equal((await fault).retryable, true);
    await until(() => place.lines("started").every((pid) => !isAlive(Number(pid))));
  }
});

test("a turn that does not stop costs the process, and other turns on it an attempt", async (t) => {
  const clock = createManualClock(0);
  const place = acpPlace(t, { prompts: HOLD, stubborn: true });
  const agent = place.agent({ clock });
  const controller = new AbortController();
  const [stopped, other] = [createChat(), createChat()];
  const parts = stopped.begin(agent, stopped.turn(stopped.add("a")), { signal: controller.signal });
  const others = other.begin(agent, other.turn(other.add("b")));
  await Promise.all([parts.next(), others.next()]);
  const lost = faultOf(others.next());
  const over = assert.rejects(parts.next(), /stop/);
  controller.abort(new Error("stop"));
  await until(() => place.received("session/cancel").length > 0);
  // The grace of the turn, and then that of the program, which does not listen to SIGTERM either.
  clock.advance(2_000);
  await until(() => place.lines("asked-to-end").length > 0);
  clock.advance(2_000);
  await over;
  assert.match((await lost).message, /was ended: a turn on it did not stop when it was to/);
  assert.equal((await lost).retryable, true);
  place.release();
  assert.deepEqual(place.lines("marks"), []);
  assert.equal(isAlive(Number(place.lines("started")[0])), false);
});

test("closing ends the program with its children, also one that does not listen", async (t) => {
  const clock = createManualClock(0);
  const place = acpPlace(t, { stubborn: true });
  const agent = place.agent({ clock });
  await createChat().say(agent, "hello");
  const closed = agent.close?.();
  await until(() => place.lines("asked-to-end").length > 0);
  clock.advance(2_000);
  await closed;
  assert.equal(isAlive(Number(place.lines("started")[0])), false);
  assert.match((await faultOf(createChat().say(agent, "hello"))).message, /was closed/);
});

test("closing while it starts leaves nothing", async (t) => {
  const place = acpPlace(t, { silent: ["initialize"] });
  const agent = place.agent();
  const fault = faultOf(createChat().say(agent, "hello"));
  await until(() => place.received("initialize").length > 0);
  await agent.close?.();
  assert.match((await fault).message, /was closed/);
  assert.equal(isAlive(Number(place.lines("started")[0])), false);
});

test("what it does not answer is not waited for when the gateway is killed: its input ends", async (t) => {
  const place = acpPlace(t, { prompts: HOLD });
  const acp = new URL("../../src/agent/acp.ts", import.meta.url).href;
  const options = {
    command: [process.execPath, join(import.meta.dirname, "scripted-acp-agent.ts")],
    cwd: place.folder,
    env: {},
  };
  const script = `
    import { createAcpAgent } from ${JSON.stringify(acp)};
    const agent = createAcpAgent(${JSON.stringify(options)});
    const ports = { note: async () => {} };
    for await (const part of agent.run(${JSON.stringify(agentTurn("hello"))}, new AbortController().signal, ports)) console.log("said");
  `;
  writeFileSync(join(place.folder, "gateway.mjs"), script);
  const gateway = spawn(process.execPath, ["gateway.mjs"], { cwd: place.folder, stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve) => gateway.stdout.once("data", resolve));
  gateway.kill("SIGKILL");
  await until(() => !isRunning(place.lines("started")[0] ?? ""));
});

test("standard error is told line by line, at most 100 lines in a turn", async (t) => {
  const lines: string[] = [];
  const stderr = Array.from({ length: 150 }, (_, index) => `line ${index} ${"x".repeat(2_000)}`);
  const place = acpPlace(t, { stderr });
  const agent = place.agent({ onStderr: (line) => void lines.push(line) });
  await createChat().say(agent, "hello");
  await until(() => lines.length >= 100);
  assert.ok(lines.length <= 200);
  assert.match(lines[0] ?? "", /^line 0 x{993}$/);
});

test("a call without a session gets a session of its own, which is closed behind it", async (t) => {
  const place = acpPlace(t, { can: { close: true } });
  const agent = place.agent();
  const entry = agentEntry({ seq: null, text: "hello" });
  for (let call = 0; call < 2; call += 1) await partsOf(agent, { ...agentTurn(), messages: [entry] });
  await until(() => place.received("session/close").length === 2);
  assert.equal(place.received("session/new").length, 2);
});

test("its children end with it", { skip: spawnSync("sh", ["-c", "true"]).status !== 0 }, async (t) => {
  const place = acpPlace(t);
  const wrapper = join(place.folder, "wrapper.sh");
  const program = join(import.meta.dirname, "scripted-acp-agent.ts");
  writeFileSync(wrapper, `#!/bin/sh\nsleep 1000 &\necho $! > child\n'${process.execPath}' '${program}'\n`);
  chmodSync(wrapper, 0o755);
  const agent = place.agent({ command: [wrapper], env: { PATH: process.env["PATH"] ?? "" } });
  await createChat().say(agent, "hello");
  await agent.close?.();
  const child = readFileSync(join(place.folder, "child"), "utf8").trim();
  await until(() => !isRunning(child));
});

/** Whether the process still does something; one that has ended and that nobody has asked after does not. */
function isRunning(pid: string): boolean {
  const id = Number(pid);
  if (!isAlive(id)) return false;
  const status = `/proc/${id}/stat`;
  return !existsSync(status) || !/\) [ZX] /.test(readFileSync(status, "utf8"));
}

test(
  "it is gone when it has ended, also when something that has left its group keeps its output open",
  { skip: spawnSync("sh", ["-c", "setsid true"]).status !== 0 },
  async (t) => {
    const place = acpPlace(t, { prompts: [{ acts: [{ say: "one " }, "exit"], ending: DONE }] });
    const wrapper = join(place.folder, "wrapper.sh");
    const program = join(import.meta.dirname, "scripted-acp-agent.ts");
    const child = "setsid sh -c 'echo $$ > child; exec sleep 1000 2> /dev/null' &";
    const waits = "while [ ! -s child ]; do :; done";
    writeFileSync(wrapper, `#!/bin/sh\n${child}\n${waits}\nexec '${process.execPath}' '${program}'\n`);
    chmodSync(wrapper, 0o755);
    const agent = place.agent({ command: [wrapper], env: { PATH: process.env["PATH"] ?? "" }, graceMs: 50 });
    const fault = faultOf(createChat().say(agent, "hello"));
    await until(() => place.lines("child").length === 1);
    const pid = Number(place.lines("child")[0]);
    t.after(() => process.kill(pid));
    assert.match((await fault).message, /ended with code 7/);
    await agent.close?.();
  },
);

test("what no agent should send ends no other turn, and is printed nowhere", async (t) => {
  const printed = t.mock.method(console, "error", () => {});
  const twice = { jsonrpc: "2.0", method: "session/request_permission", id: 7 };
  const acts = [
    { raw: '{"jsonrpc":"2.0","method":"_of/its/own","params":{"wisteria":1}}' },
    { raw: '{"jsonrpc":"2.0","method":7,"id":1}' },
    { raw: '{"jsonrpc":"2.0","id":99,"result":{"wisteria":1}}' },
    { raw: '{"jsonrpc":"2.0"}' },
    { raw: '{"jsonrpc":"2.0","method":"session/update","params":null}' },
    {
      raw: '{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"of-nobody","update":{"sessionUpdate":"agent_message_chunk","content":{"type":"text","text":"lost"}}}}',
    },
    { raw: JSON.stringify(twice) },
    {
      raw: JSON.stringify({ ...twice, params: { sessionId: "of-nobody", toolCall: { toolCallId: "c" }, options: [] } }),
    },
    { say: "Hello." },
  ];
  const place = acpPlace(t, { prompts: [{ acts, ending: DONE }] });
  assert.equal(await createChat().say(place.agent(), "hello"), "Hello.");
  assert.equal(printed.mock.callCount(), 0);
  assert.equal(place.lines("started").length, 1);
});
