/** A conversation at a terminal that a test types in. */
import { PassThrough } from "node:stream";
import type { TestContext } from "node:test";
import type { Agent } from "../../src/agent/agent.ts";
import { createChatClient } from "../../src/cli/chat-client.ts";
import { createChatPrompt } from "../../src/cli/chat-prompt.ts";
import { createConversation } from "../../src/cli/conversation.ts";
import { createFakeAgent, type FakeAgentOptions } from "../../src/testing/fake-agent.ts";
import { configOf, scratchFolder, startGateway } from "../gateway/gateway-setup.ts";
import { plainScreen } from "./screen.ts";

export interface Talk {
  type(text: string): void;
  /** Resolves when the text stands on the screen behind what was waited for before. */
  says(text: string): Promise<void>;
  shown(): string;
  readonly over: Promise<void>;
}

/** A conversation with the gateway at `url`, in the chat `main`. */
export function talk(t: TestContext, url: string): Talk {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let shown = "";
  let seen = 0;
  let look = (): void => {};
  output.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
    look();
  });
  const conversation = createConversation({
    client: createChatClient({ url, token: null, chat: "main", from: "operator" }),
    screen: plainScreen(),
    write: (text) => void output.write(text),
  });
  const prompt = createChatPrompt({
    input,
    output,
    history: [],
    onInterrupt: conversation.interrupt,
    onClose: conversation.leave,
  });
  t.after(() => {
    conversation.leave();
    prompt[Symbol.dispose]();
  });
  return {
    type: (text) => void input.write(text),
    says: (text) =>
      new Promise((resolve) => {
        look = () => {
          const at = shown.indexOf(text, seen);
          if (at === -1) return;
          seen = at + text.length;
          look = () => {};
          resolve();
        };
        look();
      }),
    shown: () => shown,
    over: conversation.run(prompt),
  };
}

/** A gateway whose agent this is. */
export async function gatewayWith(answers: Agent): Promise<Awaited<ReturnType<typeof startGateway>>> {
  return await startGateway(await configOf(scratchFolder(), { answers }));
}

/** An agent that plays this script whenever it has no other. */
export function agentOf(script: FakeAgentOptions["script"]): ReturnType<typeof createFakeAgent> {
  return createFakeAgent(script === undefined ? {} : { script });
}
