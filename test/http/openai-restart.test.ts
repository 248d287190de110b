import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeAgent, HANG } from "../../src/testing/fake-agent.ts";
import { createPlace, startParlor } from "../cli/parlor.ts";
import { scratchFolder } from "../gateway/gateway-setup.ts";
import { all, clientOf, keyed, serve } from "./openai-client.ts";

/** An agent that counts what it is shown of the conversation, and pauses before its last word. */
const COUNTING_AGENT = `export default {
  agent: {
    name: "counting",
    async *run(turn, signal) {
      yield { type: "text", text: turn.transcript.length + ": " };
      if (turn.messages[0].text.startsWith("slow") && turn.attempt === 1) {
        await new Promise((resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      }
      yield { type: "text", text: turn.messages[0].text };
      yield { type: "finish", reason: "done" };
    },
  },
};
`;

test("sessions go on over a gateway that is stopped and started", async () => {
  const home = scratchFolder();
  const agent = createFakeAgent({ script: ({ transcript }) => [`${transcript.length} before`] });
  const asked = { model: "parlor", user: "ada", messages: [{ role: "user" as const, content: "hello" }] };
  let previous: string | undefined;
  for (const round of [0, 1, 2]) {
    await using served = await serve(agent, home);
    const { client } = served;
    const chat = await client.chat.completions.create(asked);
    assert.equal(chat.choices[0]?.message.content, `${round * 2} before`);
    const response = await client.responses.create({
      model: "parlor",
      input: "hello",
      ...(previous === undefined ? { store: true } : { previous_response_id: previous }),
    });
    assert.equal(response.output_text, `${round * 2} before`);
    previous = response.id;
  }
});

test("a repetition under its key gets its answer from the gateway that was started after", async () => {
  const home = scratchFolder();
  const agent = createFakeAgent();
  const atOnce = { drainMs: 0 };
  agent.next(["first ", HANG]);
  const asked = { model: "parlor", user: "ada", messages: [{ role: "user" as const, content: "hello" }] };
  {
    await using served = await serve(agent, home, atOnce);
    const waiting = served.client.chat.completions.create(asked, keyed("k")).catch((error: unknown) => error);
    await agent.started(1);
    await served.gateway.stop();
    assert.match(String(await waiting), /503/);
  }
  await using served = await serve(agent, home, atOnce);
  const { choices } = await served.client.chat.completions.create(asked, keyed("k"));
  assert.equal(choices[0]?.message.content, "ok");
  assert.equal(agent.runs.length, 2);
});

test("sessions go on over a process that is killed, in the middle of a reply too", async (t) => {
  const place = createPlace(t, { "parlor.config.ts": COUNTING_AGENT });
  const first = await startParlor(t, place);
  const before = clientOf(first.url);
  const one = await before.responses.create({ model: "counting", input: "one", store: true }, keyed("1"));
  const two = await before.responses.create({ model: "counting", input: "two", previous_response_id: one.id });
  assert.deepEqual([one.output_text, two.output_text], ["0: one", "2: two"]);
  const slow = { model: "counting", input: "slow", previous_response_id: two.id };
  const stream = await before.responses.create({ ...slow, stream: true }, keyed("3"));
  const broken = async (): Promise<void> => {
    for await (const event of stream) if (event.type === "response.output_text.delta") first.kill("SIGKILL");
  };
  await assert.rejects(broken());
  await first.end;

  const second = await startParlor(t, place);
  const after = clientOf(second.url);
  const again = await after.responses.create({ model: "counting", input: "one", store: true }, keyed("1"));
  assert.equal(again.id, one.id);
  const three = await after.responses.create(slow, keyed("3"));
  assert.equal(three.output_text, "4: slow");
  const events = await all(
    await after.responses.create({ model: "counting", input: "four", previous_response_id: three.id, stream: true }),
  );
  const completed = events.at(-1);
  assert.ok(completed?.type === "response.completed");
  assert.equal(completed.response.conversation?.id, one.conversation?.id);
});
