import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answerAtPrompt } from "../../src/cli/chat-question.ts";
import { ParlorError } from "../../src/core/errors.ts";
import { call } from "../gateway/gateway-setup.ts";
import { agentOf, gatewayWith, talk } from "./talk.ts";

const ENTER = "\r";

describe("a question in a conversation (I32)", { timeout: 60_000 }, () => {
  test("has a question of the agent answered with a number, and says what the choices are until it is", async (t) => {
    const agent = agentOf(undefined);
    const choices = [
      { id: "yes", label: "Delete it" },
      { id: "no", label: "Keep \u001b[31mit" },
    ];
    agent.next(["First, ", { ask: { text: "Shall I?", choices }, say: (choice) => JSON.stringify(choice) }]);
    await using gateway = await gatewayWith(agent);
    const { type, says, shown } = talk(t, gateway.url);
    type(`Tidy up${ENTER}`);
    await says("Shall I?\n\n1. Delete it\n2. Keep ");
    await says("> ");
    type(`maybe${ENTER}`);
    await says("(Answer with a number from 1 to 2, or end the turn with /stop.)");
    await says("> ");
    type(`2${ENTER}`);
    await says('{"outcome":"chosen","id":"no"}');
    assert.ok(!shown().includes("\u001b[31m"), "what an agent writes does not colour the terminal");
    await says("> ");
    type(`Thanks${ENTER}`);
    await says("ok\n");
  });

  test("can be answered again when the answer did not arrive", async () => {
    const typed = ["2", "/stop", "1"];
    const [notes, chosen]: [string[], string[]] = [[], []];
    const over = await answerAtPrompt({
      prompt: { ask: () => Promise.resolve(typed.shift() ?? null), [Symbol.dispose]: () => {} },
      question: {
        type: "question",
        id: "qst_1",
        text: "Shall I?",
        choices: [
          { id: "a", label: "A" },
          { id: "b", label: "B" },
        ],
      },
      signal: new AbortController().signal,
      write: () => {},
      note: (text) => void notes.push(text),
      choose: (id) => {
        chosen.push(id);
        return id === "b" ? Promise.reject(new ParlorError("STORE_UNAVAILABLE", "no connection")) : Promise.resolve();
      },
      command: () => Promise.reject(new ParlorError("STORE_UNAVAILABLE", "no connection")),
    });
    assert.equal(over, "over");
    assert.deepEqual(chosen, ["b", "a"]);
    assert.deepEqual(notes, ["no connection", "no connection", "Chosen: A"]);
  });

  test("stops a turn that asks, and gives the prompt back when the question is answered elsewhere", async (t) => {
    const agent = agentOf(undefined);
    const choices = ["a", "b"].map((id) => ({ id, label: id.toUpperCase() }));
    const ask = { ask: { text: "Which?", choices }, say: () => "so be it" };
    agent.next([ask], [ask]);
    await using gateway = await gatewayWith(agent);
    const { type, says } = talk(t, gateway.url);
    type(`One${ENTER}`);
    await says("Answer with a number.");
    await says("> ");
    type(`/stop${ENTER}`);
    await says("(Stopped.)");
    await says("> ");
    type(`Two${ENTER}`);
    await says("Answer with a number.");
    const { body } = await call(`${gateway.url}/api/chats/main/session?from=operator`, "GET");
    const url = `${gateway.url}/api/sessions/${String(body["id"])}/question`;
    const asked = (await call(url, "GET")).body["question"] as { readonly id: string };
    assert.equal((await call(url, "POST", { questionId: asked.id, choice: "b" })).status, 200);
    await says("so be it");
    await says("> ");
  });
});
