import assert from "node:assert/strict";
import { test } from "node:test";
import type { RequestPermissionRequest } from "@agentclientprotocol/sdk";
import { permissionQuestion } from "../../src/agent/acp-permission.ts";
import type { AgentChoice, AgentQuestion } from "../../src/agent/agent.ts";
import { untilAborted } from "../../src/lib/until-aborted.ts";
import { acpPlace, createChat, DONE, faultOf, until } from "./acp-setup.ts";

const OPTIONS = [
  { optionId: "yes", name: "Allow", kind: "allow_once" },
  { optionId: "never", name: "Never", kind: "reject_always" },
  { optionId: "no", name: "Reject", kind: "reject_once" },
] as const;
const PERMIT = { permit: "rm -rf build", options: OPTIONS } as const;
const PLAY = { prompts: [{ acts: [PERMIT], ending: DONE }] };

function request(title: string | null, options: readonly object[] = OPTIONS): RequestPermissionRequest {
  return { sessionId: "s", toolCall: { toolCallId: "c", title }, options } as unknown as RequestPermissionRequest;
}

test("a request for permission becomes a question with its options, and the choice is told", async (t) => {
  const asked: AgentQuestion[] = [];
  const ask = (question: AgentQuestion): Promise<AgentChoice> => {
    asked.push(question);
    return Promise.resolve({ outcome: "chosen", id: "no" });
  };
  assert.equal(await createChat().say(acpPlace(t, PLAY).agent(), "clean up", { ask }), "[no]");
  assert.deepEqual(asked, [
    {
      text: "The agent asks for permission: rm -rf build",
      choices: [
        { id: "yes", label: "Allow" },
        { id: "never", label: "Never" },
        { id: "no", label: "Reject" },
      ],
    },
  ]);
});

test("when nobody chooses, the agent is told so; when it stops then, that is why", async (t) => {
  const acts = [PERMIT];
  assert.equal(await createChat().say(acpPlace(t, PLAY).agent(), "clean up"), "[cancelled]");
  const place = acpPlace(t, { prompts: [{ acts, ending: { stop: "cancelled" } }] });
  const fault = await faultOf(createChat().say(place.agent(), "clean up"));
  assert.match(fault.message, /stopped, as it was not given the permission that it asked for/);
  assert.equal(fault.retryable, false);
});

test("where permissions are denied nobody is asked, and the weakest refusal is chosen", async (t) => {
  const ask = (): Promise<AgentChoice> => assert.fail("nobody is asked");
  const options = { permissions: "deny" } as const;
  assert.equal(await createChat().say(acpPlace(t, PLAY).agent(options), "clean up", { ask }), "[no]");
  for (const [given, answer] of [
    [OPTIONS.slice(0, 2), "[never]"],
    [OPTIONS.slice(0, 1), "[cancelled]"],
  ] as const) {
    const place = acpPlace(t, { prompts: [{ acts: [{ permit: "x", options: given }], ending: DONE }] });
    assert.equal(await createChat().say(place.agent(options), "clean up", { ask }), answer);
  }
});

test("requests at the same time are asked one after the other", async (t) => {
  const place = acpPlace(t, {
    prompts: [{ acts: [{ permits: [PERMIT, { ...PERMIT, permit: "reboot" }] }], ending: DONE }],
  });
  const asked: string[] = [];
  let open = 0;
  const ask = async ({ text }: AgentQuestion): Promise<AgentChoice> => {
    asked.push(text.replace(/^.*: /, ""));
    assert.equal((open += 1), 1);
    await new Promise(setImmediate);
    open -= 1;
    return { outcome: "chosen", id: asked.length === 1 ? "yes" : "no" };
  };
  assert.equal(await createChat().say(place.agent(), "clean up", { ask }), "[yes][no]");
  assert.deepEqual(asked, ["rm -rf build", "reboot"]);
});

test("a question that cannot be put fails the turn, and the agent is stopped", async (t) => {
  const place = acpPlace(t, { prompts: [{ acts: [PERMIT, "hold"], ending: DONE }] });
  const ask = (): Promise<AgentChoice> => Promise.reject(new Error("the store is gone"));
  await assert.rejects(createChat().say(place.agent(), "clean up", { ask }), /the store is gone/);
  assert.equal(place.received("session/cancel").length, 1);
});

test("a turn that is stopped while it asks is told that nobody chose, and stops", async (t) => {
  const place = acpPlace(t, { prompts: [{ acts: [{ permits: [PERMIT, PERMIT] }, "mark"], ending: DONE }] });
  const controller = new AbortController();
  const asked = Promise.withResolvers<void>();
  let questions = 0;
  const ask = (): Promise<AgentChoice> => {
    questions += 1;
    asked.resolve();
    return untilAborted(new Promise<AgentChoice>(() => {}), controller.signal);
  };
  const chat = createChat();
  const agent = place.agent();
  const parts = chat.begin(agent, chat.turn(chat.add("clean up")), { signal: controller.signal, ports: { ask } });
  const over = assert.rejects(async () => {
    for await (const part of parts) assert.equal(part.type, "tool");
  }, /stop/);
  await asked.promise;
  controller.abort(new Error("stop"));
  await over;
  await until(() => place.received("").length === 2);
  for (const { result } of place.received("")) assert.deepEqual(result, { outcome: { outcome: "cancelled" } });
  assert.equal(questions, 1);
  assert.deepEqual(place.lines("marks"), []);
  assert.equal(place.lines("started").length, 1);
});

test("a question is one line, says what was cut off, and has two to ten choices, one of them a refusal", () => {
  const many = Array.from({ length: 12 }, (_, index) => ({
    optionId: `${index}`,
    name: `Way ${index}`,
    kind: "allow_once",
  }));
  const question = permissionQuestion(request("a\nb".padEnd(2_000, "x"), [...many, OPTIONS[2]]), null);
  assert.match(question?.text ?? "", /^The agent asks for permission: a bx{1497}… \(500 more characters\)$/);
  assert.deepEqual([question?.choices.length, question?.choices.at(-1)], [10, { id: "no", label: "Reject" }]);
  const twice = permissionQuestion(request("x", [...OPTIONS, OPTIONS[0], { ...OPTIONS[0], optionId: "" }]), null);
  assert.deepEqual(
    twice?.choices.map(({ id }) => id),
    ["yes", "never", "no"],
  );
  const single = permissionQuestion(request(null, [{ ...OPTIONS[0], name: "\n" }]), "look");
  assert.equal(single?.text, "The agent asks for permission: look");
  assert.deepEqual(
    single?.choices.map(({ label }) => label),
    ["Choice 1", "No"],
  );
  assert.equal(permissionQuestion(request("x", []), null), null);
});

test("labels and titles that nobody can read, or that would be read as something else, are replaced", () => {
  const question = permissionQuestion(
    request("\u200b", [{ optionId: "none of them", name: "\u200b\u2060", kind: "allow_once" }]),
    null,
  );
  assert.equal(question?.text, "The agent asks for permission: a tool");
  assert.deepEqual(
    question?.choices.map(({ label }) => label),
    ["Choice 1", "No"],
  );
  assert.equal(new Set(question?.choices.map(({ id }) => id)).size, 2);
  const turned = permissionQuestion(request("rm \u202egnp.x\u202c /"), null);
  assert.equal(turned?.text, "The agent asks for permission: rm \\u202egnp.x\\u202c /");
});
