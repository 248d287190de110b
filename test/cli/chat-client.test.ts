import assert from "node:assert/strict";
import { test } from "node:test";
import { createChatClient } from "../../src/cli/chat-client.ts";
import { sayInChat } from "../../src/cli/say-in-chat.ts";
import { ParlorError } from "../../src/core/errors.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { createFakeAgent, HANG } from "../../src/testing/fake-agent.ts";
import { configOf, scratchFolder, startGateway } from "../gateway/gateway-setup.ts";

test("a message that there is no room for is refused with words for the person, and not sent again and again", async () => {
  const agent = createFakeAgent({ script: () => [HANG] });
  const config = await configOf(scratchFolder(), { answers: agent });
  const busy = { default: { ...config.busy.default, maxWaiting: 1 } };
  await using gateway = await startGateway({ ...config, busy });
  const client = createChatClient({ url: gateway.url, token: null, chat: "main", from: "ada" });
  const left = new AbortController();
  const accept = async (id: string): Promise<void> => {
    for await (const event of client.post({ id, text: `text ${id}` }, left.signal)) {
      if (event.type === "accepted") return;
    }
  };
  await accept("1");
  await agent.started(1);
  await accept("2");
  const broken: string[] = [];
  const said = sayInChat(
    client,
    { id: "3", text: "three" },
    {
      clock: systemClock,
      signal: left.signal,
      onBroken: (reason) => void broken.push(reason),
    },
  );
  await assert.rejects(said, (error) => {
    assert.ok(error instanceof ParlorError && !error.retryable);
    assert.match(error.message, /^The gateway refused it: 1 message waits for an answer here already, .*\/stop/);
    return true;
  });
  assert.deepEqual(broken, []);
  left.abort();
});
