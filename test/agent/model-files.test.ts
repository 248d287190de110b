import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createAgentFiles } from "../../src/agent/agent-files.ts";
import type { Agent } from "../../src/agent/agent.ts";
import { createModelAgent } from "../../src/agent/model.ts";
import { systemClock } from "../../src/lib/clock.ts";
import type { FakeModelServer } from "../../src/testing/fake-model-server.ts";
import { openFakeOpenAI } from "../../src/testing/fake-openai.ts";
import { agentEntry, agentTurn, partsOf, textOf } from "./agent-turn.ts";
import { openFileServer, PNG, type FileServer } from "./file-server.ts";

interface Scene {
  readonly agent: Agent;
  readonly model: FakeModelServer;
  readonly web: FileServer;
}

async function scene(t: TestContext): Promise<Scene> {
  const model = await openFakeOpenAI();
  const web = await openFileServer(({ url }, response) => {
    if (url === "/cat.png") response.end(PNG);
    else response.writeHead(404).end();
  });
  t.after(() => Promise.all([model[Symbol.asyncDispose](), web[Symbol.asyncDispose]()]));
  const agent = createModelAgent({
    endpoint: { api: "openai-compatible", baseUrl: model.baseUrl },
    model: "small",
    files: createAgentFiles({ clock: systemClock, allowPrivate: true }),
  });
  return { agent, model, web };
}

function messagesOf({ requests }: FakeModelServer): readonly unknown[] {
  const asked = requests.at(-1)?.body as { readonly messages: readonly unknown[] } | undefined;
  return asked?.messages ?? [];
}

test("an image is shown to the model, and the next turn begins with the same bytes without fetching it again", async (t) => {
  const { agent, model, web } = await scene(t);
  const attachments = [{ url: `${web.url}/cat.png`, name: "cat.png" }];
  await partsOf(agent, agentTurn({ text: "what is this?", attachments }));
  const first = messagesOf(model);
  assert.deepEqual(first, [
    {
      role: "user",
      content: [
        { type: "text", text: `what is this?\nAttachment: "cat.png" "${web.url}/cat.png"` },
        { type: "image_url", image_url: { url: `data:image/png;base64,${PNG.toString("base64")}` } },
      ],
    },
  ]);
  await partsOf(agent, {
    ...agentTurn("and its colour?"),
    transcript: [
      agentEntry({ text: "what is this?", attachments }),
      agentEntry({ role: "assistant", text: "Hello.", sender: null }),
    ],
  });
  assert.equal(JSON.stringify(messagesOf(model)[0]), JSON.stringify(first[0]));
  assert.deepEqual(web.asked, ["/cat.png"]);
});

test("what cannot be had is named with the reason, and the model answers", async (t) => {
  const { agent, model, web } = await scene(t);
  const attachments = [{ url: `${web.url}/gone.png`, mediaType: "image/png" }];
  assert.equal(textOf(await partsOf(agent, agentTurn({ text: "look", attachments }))), "Hello.");
  assert.deepEqual(messagesOf(model), [
    {
      role: "user",
      content: `look\nAttachment: "${web.url}/gone.png" ("image/png"), not shown: it answered 404.`,
    },
  ]);
});

test("an endpoint that refuses images is a fault that names the setting", async (t) => {
  const { agent, model, web } = await scene(t);
  model.next({ status: 400, body: { error: { message: "image input is not supported", code: "bad_request" } } });
  await assert.rejects(partsOf(agent, agentTurn({ text: "look", attachments: [{ url: `${web.url}/cat.png` }] })), {
    message: /did not accept the request \(400, bad_request\).*set agent\.files to false\.$/,
    retryable: false,
  });
});

test("an image that the endpoint refused once does not end the conversation: later turns are answered without it", async (t) => {
  const { agent, model, web } = await scene(t);
  const refusal = { status: 400, body: { error: { message: "could not process image", code: "bad_request" } } };
  const transcript = [agentEntry({ text: "look", attachments: [{ url: `${web.url}/cat.png` }] })];
  model.next(refusal, { steps: [{ text: "Here I am." }] });
  assert.equal(textOf(await partsOf(agent, { ...agentTurn("are you there?"), transcript })), "Here I am.");
  assert.deepEqual(messagesOf(model), [
    {
      role: "user",
      content: `look\nAttachment: "${web.url}/cat.png"\n(It is not shown: the model did not take it.)\n\nare you there?`,
    },
  ]);
  model.next(refusal, refusal);
  await assert.rejects(partsOf(agent, { ...agentTurn("are you there?"), transcript }), { fault: "refused" });
  assert.equal(model.requests.length, 4, "it is asked once more, not over and over");
});
