import type { Readable } from "node:stream";
import { ParlorError } from "../core/errors.ts";
import { MAX_TEXT_LENGTH } from "../core/message.ts";
import { questionText } from "../core/question.ts";
import { systemClock } from "../lib/clock.ts";
import { randomId } from "../lib/id.ts";
import type { ChatClient } from "./chat-client.ts";
import type { Cli } from "./cli.ts";
import { EXIT } from "./exit-code.ts";
import { plainText } from "./plain-text.ts";
import { sayInChat } from "./say-in-chat.ts";

/** Says one text and prints what is answered, and nothing else. SIGINT and SIGTERM stop the turn. */
export async function chatOnce(cli: Cli, client: Pick<ChatClient, "post">, text: string): Promise<void> {
  const waiting = new AbortController();
  const stop = (): void => {
    const command = { id: randomId("cli"), text: "/stop" };
    // Whether that helps or not, the reply says how it ended; a second signal ends the process.
    sayInChat(client, command, { clock: systemClock, signal: waiting.signal }).catch(() => {});
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    const said = await sayInChat(
      client,
      { id: randomId("cli"), text },
      {
        clock: systemClock,
        signal: waiting.signal,
        onEvent: (event) => {
          if (event.type !== "question") return;
          cli.warn(
            `The agent asks, and waits for an answer on the page or in the chat: ${plainText(questionText(event))}`,
          );
        },
        onBroken: (reason) => cli.warn(`The connection is lost: ${reason}. Trying again.`),
      },
    );
    if (said.outcome === "command") {
      cli.print({
        document: { session: null, seq: null, state: null, reply: said.reply },
        text: () => plainText(said.reply),
      });
      return;
    }
    const { session, seq, state, reply } = said;
    cli.print({
      document: { session, seq, state, reply },
      text: () => plainText(reply ?? `(${state})`),
      exitCode: state === "answered" ? EXIT.done : EXIT.failed,
    });
  } finally {
    waiting.abort();
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

/**
 * The message that a stream holds, without the line break at its end.
 *
 * @throws ParlorError `INVALID_INPUT` when there is none, or too much for one.
 */
export async function readMessage(input: Readable): Promise<string> {
  let text = "";
  input.setEncoding("utf8");
  for await (const piece of input as AsyncIterable<string>) {
    text += piece;
    if (text.length > MAX_TEXT_LENGTH + 2) break;
  }
  const message = text.replace(/\r?\n$/, "");
  if (message.trim() === "") {
    throw new ParlorError("INVALID_INPUT", "Expected a message on standard input; found nothing. Write one into it.");
  }
  if (message.length <= MAX_TEXT_LENGTH) return message;
  throw new ParlorError(
    "INVALID_INPUT",
    `Expected a message of at most ${MAX_TEXT_LENGTH} characters on standard input; found more. Send it in parts.`,
  );
}
