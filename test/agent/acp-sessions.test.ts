import assert from "node:assert/strict";
import { test } from "node:test";
import { readAcpNote, writeAcpNote } from "../../src/agent/acp-note.ts";
import { createManualClock } from "../../src/testing/manual-clock.ts";
import { isAlive } from "./command-subject.ts";
import { acpPlace, createChat, DONE, faultOf, promptsOf, restartedAfterOne, until } from "./acp-setup.ts";

const HELLO = { acts: [{ say: "Hello." }], ending: DONE } as const;
const HOLD = { acts: [{ say: "one " }, "hold"], ending: DONE } as const;

test("a session of Parlor has one of the agent's own, which is told each message once", async (t) => {
  const place = acpPlace(t);
  const agent = place.agent();
  const chat = createChat();
  for (const text of ["one", "two", "three"]) await chat.say(agent, text);
  assert.deepEqual(promptsOf(place), ["one", "two", "three"]);
  assert.equal(place.received("session/new").length, 1);
  const [{ sessionId } = {}] = place.received("session/prompt");
  assert.deepEqual(readAcpNote(chat.notes.at(-1) ?? null), { acpSession: sessionId, told: 5 });
});

for (const [how, can] of [
  ["resume", { resume: true, load: true }],
  ["load", { load: true }],
] as const) {
  test(`after a restart it is gone on with by session/${how}, and what is replayed is no answer`, async (t) => {
    const place = acpPlace(t, { can });
    const chat = await restartedAfterOne(place);
    assert.equal(await chat.say(place.agent(), "two"), "Hello.");
    assert.deepEqual(promptsOf(place), ["one", "two"]);
    const [{ sessionId, cwd, mcpServers } = {}] = place.received(`session/${how}`);
    assert.deepEqual([sessionId, cwd, mcpServers], [readAcpNote(chat.notes[0] ?? null)?.acpSession, place.folder, []]);
    assert.equal(place.received("session/new").length, 1);
  });
}

test("an agent that cannot go on with a session, or no longer knows it, is told what was said", async (t) => {
  for (const script of [{}, { can: { load: true }, forgets: true }]) {
    const place = acpPlace(t, script);
    const chat = await restartedAfterOne(place);
    const after = place.agent();
    await chat.say(after, "two");
    await chat.say(after, "three");
    const [first, second = "", third] = promptsOf(place);
    assert.deepEqual([first, third], ["one", "three"]);
    assert.match(
      second,
      /^What was said before.*\n\nFrom "Ann" \(id "U1"\):\n> one\n\nFrom you:\n> Hello\.\n\nWhat is to be answered:\n\ntwo$/s,
    );
    assert.equal(place.received("session/new").length, 2);
  }
});

test("a login that is missing after a restart is said, and not taken for a session that is gone", async (t) => {
  const place = acpPlace(t, { can: { load: true } });
  const chat = await restartedAfterOne(place);
  const answers = { "session/load": { error: { code: -32_000, message: "" } } };
  place.play({ prompts: [HELLO], can: { load: true }, answers });
  assert.match((await faultOf(chat.say(place.agent(), "two"))).message, /wants a login first/);
  assert.equal(place.received("session/new").length, 1);
});

test("what was overheard, or answered by another agent, is told with the next turn, and once", async (t) => {
  const place = acpPlace(t);
  const agent = place.agent();
  const chat = createChat();
  await chat.say(agent, "one");
  chat.add("overheard");
  chat.add("to another agent");
  chat.add("the other's answer", "assistant");
  await chat.say(agent, "two");
  await chat.say(agent, "three");
  const [, second = "", third] = promptsOf(place);
  assert.deepEqual(second.split("\n\n").slice(1), [
    'From "Ann" (id "U1"):\n> overheard',
    'From "Ann" (id "U1"):\n> to another agent',
    "From you:\n> the other's answer",
    "What is to be answered:",
    "two",
  ]);
  assert.equal(third, "three");
});

test("the messages of an attempt that failed are told to the next one, on the same session", async (t) => {
  const place = acpPlace(t, { prompts: [{ acts: [], ending: { fault: "unavailable", retryAfterMs: null } }, HELLO] });
  const agent = place.agent();
  const chat = createChat();
  await faultOf(chat.say(agent, "one"));
  const message = chat.turn().transcript.slice(0, 1);
  for await (const part of chat.begin(agent, chat.turn(...message))) assert.ok(part.type !== "tool");
  assert.deepEqual(promptsOf(place), ["one", "one"]);
  assert.equal(place.received("session/new").length, 1);
});

test("a session that the agent has lost is replaced by the next attempt", async (t) => {
  const place = acpPlace(t);
  const agent = place.agent();
  const chat = createChat();
  await chat.say(agent, "one");
  const lost = acpPlace(t, { answers: { "session/prompt": { error: { code: -32_002, message: "" } } } });
  const other = lost.agent();
  const fault = await faultOf(chat.say(other, "two"));
  assert.equal(fault.retryable, true);
  await faultOf(chat.say(other, "three"));
  assert.equal(lost.received("session/new").length, 2);
});

test("an interrupted message is not told again, and the next turn waits until the agent has stopped", async (t) => {
  const place = acpPlace(t, { prompts: [HOLD, HELLO] });
  const agent = place.agent();
  const chat = createChat();
  const controller = new AbortController();
  const one = chat.add("one");
  const parts = chat.begin(agent, chat.turn(one), { signal: controller.signal });
  await parts.next();
  const stopped = assert.rejects(parts.next(), /stop/);
  controller.abort(new Error("stop"));
  const two = chat.add("two");
  const partial = chat.add("one ", "assistant");
  for await (const part of chat.begin(agent, chat.turn(one, partial, two))) assert.notEqual(part.type, "tool");
  await stopped;
  assert.deepEqual(promptsOf(place), ["one", "two"]);
  const received = place.lines("received").map((line) => (JSON.parse(line) as { method?: string }).method);
  assert.deepEqual(received.slice(-3), ["session/prompt", "session/cancel", "session/prompt"]);
  assert.equal(place.lines("started").length, 1);
});

test("a turn behind one that does not stop runs on the next process, as its first attempt", async (t) => {
  const clock = createManualClock(0);
  const place = acpPlace(t, { prompts: [HOLD], stubborn: true, can: { resume: true } });
  const agent = place.agent({ clock });
  const chat = createChat();
  const controller = new AbortController();
  const one = chat.add("one");
  const parts = chat.begin(agent, chat.turn(one), { signal: controller.signal });
  await parts.next();
  const stopped = assert.rejects(parts.next(), /stop/);
  controller.abort(new Error("stop"));
  place.play({ prompts: [HELLO], can: { resume: true } });
  const next = chat.say(agent, "two");
  await until(() => place.received("session/cancel").length > 0);
  clock.advance(2_000);
  await until(() => place.lines("asked-to-end").length > 0);
  clock.advance(2_000);
  assert.equal(await next, "Hello.");
  await stopped;
  assert.equal(place.lines("started").length, 2);
  assert.equal(place.received("session/resume").length, 1);
});

test("where a session can be gone on with, those that have rested the longest are closed, and resumed when they are needed", async (t) => {
  const place = acpPlace(t, { can: { close: true, resume: true } });
  const agent = place.agent();
  const first = createChat();
  await first.say(agent, "one");
  for (let chat = 0; chat < 100; chat += 1) await createChat().say(agent, "hello");
  await until(() => place.received("session/close").length > 0);
  const [{ sessionId } = {}, ...more] = place.received("session/close");
  assert.deepEqual([sessionId, more.length], [readAcpNote(first.notes[0] ?? null)?.acpSession, 0]);
  await first.say(agent, "two");
  assert.equal(place.received("session/resume").length, 1);
  assert.equal(promptsOf(place).at(-1), "two");
});

test("an agent that has lost its sessions without saying so gets a new one, told what was said, when the same fails again", async (t) => {
  const lost = { "session/prompt": { error: { code: -32_603, message: "Session not found" } } };
  const place = acpPlace(t);
  const chat = await restartedAfterOne(place);
  place.play({ prompts: [HELLO], answers: lost });
  const after = place.agent();
  const message = chat.add("two");
  for (const attempt of [1, 2, 3]) {
    await faultOf(chat.begin(after, { ...chat.turn(message), attempt }).next());
  }
  const sessions = place.received("session/prompt").map(({ sessionId }) => sessionId);
  assert.equal(sessions[1], sessions[2], "one failure is no proof");
  assert.notEqual(sessions[2], sessions[3]);
  assert.match(promptsOf(place).at(-1) ?? "", /> one\n\nFrom you:\n> Hello\.\n\nWhat is to be answered:\n\ntwo$/);
});

test("a session that does not understand a prompt is not asked again", async (t) => {
  const place = acpPlace(t, { answers: { "session/prompt": { error: { code: -32_602, message: "" } } } });
  const [agent, chat] = [place.agent(), createChat()];
  await faultOf(chat.say(agent, "one"));
  await faultOf(chat.say(agent, "two"));
  assert.equal(place.received("session/new").length, 2);
});

test("a limit, a missing login and a conversation that is too long leave the session as it is", async (t) => {
  for (const code of [429, 413, -32_000]) {
    const place = acpPlace(t, { answers: { "session/prompt": { error: { code, message: "" } } } });
    const [agent, chat] = [place.agent(), createChat()];
    const message = chat.add("one");
    for (const attempt of [1, 2, 3]) await faultOf(chat.begin(agent, { ...chat.turn(message), attempt }).next());
    assert.equal(place.received("session/new").length, 1);
  }
});

test("a message that was stopped before the agent showed anything is told again", async (t) => {
  const place = acpPlace(t, { prompts: [{ acts: ["hold"], ending: DONE }, HELLO] });
  const [agent, chat, controller] = [place.agent(), createChat(), new AbortController()];
  const one = chat.add("one");
  const stopped = assert.rejects(chat.begin(agent, chat.turn(one), { signal: controller.signal }).next(), /stop/);
  await until(() => place.received("session/prompt").length > 0);
  controller.abort(new Error("stop"));
  await stopped;
  for await (const part of chat.begin(agent, chat.turn(one, chat.add("two")))) assert.notEqual(part.type, "tool");
  assert.deepEqual(promptsOf(place), ["one", "one\n\ntwo"]);
});

test("a session that nobody waits for any more, or that cannot be noted, is closed", async (t) => {
  const place = acpPlace(t, { can: { close: true }, slow: ["session/new"] });
  const [agent, chat, controller] = [place.agent(), createChat(), new AbortController()];
  const stopped = assert.rejects(
    chat.begin(agent, chat.turn(chat.add("one")), { signal: controller.signal }).next(),
    /stop/,
  );
  await until(() => place.received("session/new").length > 0);
  controller.abort(new Error("stop"));
  await stopped;
  place.release();
  await until(() => place.received("session/close").length === 1);
  const long = acpPlace(t, {
    can: { close: true },
    answers: { "session/new": { result: { sessionId: "s".repeat(5_000) } } },
  });
  const other = createChat();
  await other.say(long.agent(), "one");
  await until(() => long.received("session/close").length === 1);
  assert.deepEqual(other.notes, []);
});

test("a turn behind one that was stopped while its session was loaded waits for the same loading", async (t) => {
  const place = acpPlace(t, { can: { load: true } });
  const chat = await restartedAfterOne(place);
  place.play({ prompts: [HELLO], can: { load: true }, slow: ["session/load"] });
  const [after, controller] = [place.agent(), new AbortController()];
  const two = chat.add("two");
  const stopped = assert.rejects(chat.begin(after, chat.turn(two), { signal: controller.signal }).next(), /stop/);
  await until(() => place.received("session/load").length > 0);
  controller.abort(new Error("stop"));
  await stopped;
  const next = chat.say(after, "three");
  for (let tick = 0; tick < 20; tick += 1) await new Promise(setImmediate);
  place.release();
  assert.equal(await next, "Hello.");
  assert.equal(place.received("session/load").length, 1);
});

test("an answer that is whole counts, whatever becomes of the program", async (t) => {
  const place = acpPlace(t, { prompts: [HELLO], leaves: true });
  const chat = createChat();
  const note = async (text: string): Promise<void> => {
    if (readAcpNote(text)?.told === 0) return;
    await until(() => place.lines("started").every((pid) => !isAlive(Number(pid))));
    for (let tick = 0; tick < 100; tick += 1) await new Promise(setImmediate);
  };
  assert.equal(await chat.say(place.agent(), "one", { note }), "Hello.");
});

test("a note is read back as it was kept, and anything else is none", () => {
  const note = { acpSession: "s", told: 3 };
  assert.deepEqual(readAcpNote(writeAcpNote(note)), note);
  for (const text of [null, "", "{}", "[1]", '{"acpSession":"","told":1}', '{"acpSession":"s","told":-1}']) {
    assert.equal(readAcpNote(text), null);
  }
  assert.equal(writeAcpNote({ acpSession: "s".repeat(5_000), told: 1 }), null);
  assert.equal(writeAcpNote({ acpSession: "\u0001".repeat(1_000), told: 1 }), null);
});
