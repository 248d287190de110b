import type { Command } from "commander";
import type { Entry } from "../core/transcript.ts";
import { type ChatClient, createChatClient } from "./chat-client.ts";
import { openChatGateway } from "./chat-gateway.ts";
import { chatOnce, readMessage } from "./chat-once.ts";
import { type ChatPrompt, createChatPrompt } from "./chat-prompt.ts";
import type { Cli } from "./cli.ts";
import { createConversation } from "./conversation.ts";
import {
  type AddressOptions,
  type PlaceOptions,
  leafCommand,
  overridesOf,
  withAddressOptions,
  withPlaceOptions,
} from "./leaf-command.ts";
import { plainLine, plainText } from "./plain-text.ts";
import { formatTranscript } from "./transcript-text.ts";

interface ChatOptions extends PlaceOptions, AddressOptions {
  readonly from: string;
  readonly json?: true;
}

/** How much of what was said is read for the history of the prompt, and how much of it is shown, in entries. */
const READ_ENTRIES = 100;
const SHOWN_ENTRIES = 8;

export function chatCommand(cli: Cli): Command {
  const command = leafCommand("chat", {
    description:
      "Talks to the agent, in the same sessions as the page. In a pipe: says what comes in, prints the reply.",
    examples: [
      ["parlor chat", "a conversation"],
      ["parlor chat travel", "another one, which is kept apart"],
      ["parlor chat < question.txt", "one message and its reply"],
    ],
  })
    .argument("[chat]", "the chat's id", "main")
    .option("--from <id>", "the id of who speaks", "operator");
  return withPlaceOptions(withAddressOptions(command)).action(async (chat: string, options: ChatOptions) => {
    const isConversation = process.stdin.isTTY && process.stdout.isTTY && options.json !== true;
    const text = isConversation ? null : await readMessage(process.stdin);
    await using gateway = await openChatGateway(cli, overridesOf(options));
    const client = createChatClient({ ...gateway, chat, from: options.from });
    if (text === null) await talk(cli, client, { chat, from: options.from });
    else await chatOnce(cli, client, text);
  });
}

async function talk(
  cli: Cli,
  client: ChatClient,
  { chat, from }: { readonly chat: string; readonly from: string },
): Promise<void> {
  const session = await client.look();
  const entries = session.state === "draft" ? [] : await client.recent(session, READ_ENTRIES);
  const { screen, write } = cli;
  const name = session.title === null ? "" : `: ${session.title}`;
  write(
    `${screen.style("bold", plainLine(`Chat ${chat}${name}`))}${entries.length === 0 ? ", a new conversation" : ""}\n`,
  );
  write(
    "/help lists the commands, a line that ends in \\ goes on in the next, Ctrl-C stops a reply, /quit leaves.\n\n",
  );
  if (entries.length > 0) write(`${formatTranscript(screen, entries.slice(-SHOWN_ENTRIES))}\n\n`);

  const conversation = createConversation({ client, screen, write });
  using prompt: ChatPrompt = createChatPrompt({
    input: process.stdin,
    output: process.stdout,
    history: historyOf(entries, from),
    onInterrupt: conversation.interrupt,
    onClose: conversation.leave,
  });
  const leave = (): void => {
    conversation.leave();
    prompt[Symbol.dispose]();
  };
  const signals = ["SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.once(signal, leave);
  // Another program may send what the keyboard does not: in a conversation Ctrl-C is a key.
  process.on("SIGINT", conversation.interrupt);
  cli.unread.addEventListener("abort", leave, { once: true });
  try {
    await conversation.run(prompt);
  } finally {
    for (const signal of signals) process.off(signal, leave);
    process.off("SIGINT", conversation.interrupt);
  }
}

/** What a person has said, each text once in a row, the newest first; without what a terminal would obey. */
function historyOf(entries: readonly Entry[], from: string): readonly string[] {
  return entries
    .filter(({ role, sender, text }) => role === "user" && sender?.id === from && text.trim() !== "")
    .map(({ text }) => plainText(text))
    .filter((text, index, texts) => text !== texts[index - 1])
    .toReversed();
}
