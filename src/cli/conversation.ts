/**
 * A conversation at a terminal: what is typed is said, and the reply is shown as it comes.
 *
 *     asking ──a message──▶ replying ──the reply is stored, or cannot be had──▶ asking
 *        └──/quit, or the prompt closes──▶ over
 *
 * While the agent asks something, what is typed answers it. Ctrl-C while replying stops the turn; a second one no longer waits for that.
 */
import { ParlorError } from "../core/errors.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import { randomId } from "../lib/id.ts";
import { untilAborted } from "../lib/until-aborted.ts";
import type { Screen } from "./answer.ts";
import type { ChatClient } from "./chat-client.ts";
import type { ChatEvent } from "./chat-event.ts";
import type { ChatPrompt } from "./chat-prompt.ts";
import { type AskedInChat, answerAtPrompt } from "./chat-question.ts";
import { plainLine, plainText } from "./plain-text.ts";
import { type Said, sayInChat } from "./say-in-chat.ts";
import { createPlainStream, createShownReply } from "./shown-reply.ts";

export interface ConversationOptions {
  readonly client: Pick<ChatClient, "post" | "choose">;
  readonly screen: Screen;
  /** Where the replies go. */
  readonly write: (text: string) => void;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

export interface Conversation {
  /** Goes on until the person leaves. */
  run(prompt: ChatPrompt): Promise<void>;
  /** Ctrl-C in a reply. */
  interrupt(): void;
  /** Waits for no reply any more. */
  leave(): void;
}

export function createConversation({ client, screen, write, clock = systemClock }: ConversationOptions): Conversation {
  const left = new AbortController();
  let onInterrupt = (): void => {};

  const note = (text: string): void => write(`${screen.style("dim", `(${plainLine(text)})`)}\n`);

  const say = async (prompt: ChatPrompt, text: string): Promise<void> => {
    const given = new AbortController();
    const signal = AbortSignal.any([left.signal, given.signal]);
    const lines = createReplyLines(screen, write);
    const accepted = Promise.withResolvers<void>();
    const stops: Promise<void>[] = [];
    const stop = async (): Promise<void> => {
      try {
        // Before it is accepted there is nothing to stop.
        await untilAborted(accepted.promise, signal);
        await sayInChat(client, { id: randomId("cli"), text: "/stop" }, { clock, signal });
      } catch (error) {
        if (!signal.aborted) lines.note(`The reply could not be stopped: ${messageOf(error)}`);
      }
    };
    let session = "";
    const asks: Promise<void>[] = [];
    let isOver = new AbortController();
    const ask = (question: AskedInChat): void => {
      lines.close();
      isOver = new AbortController();
      const done = answerAtPrompt({
        prompt,
        question,
        signal: AbortSignal.any([signal, isOver.signal]),
        write,
        note: lines.note,
        choose: (choice) => client.choose({ session, questionId: question.id, choice }),
        command: async (typed) => {
          const outcome = await sayInChat(client, { id: randomId("cli"), text: typed }, { clock, signal });
          return outcome.outcome === "command" ? outcome.reply : "";
        },
      }).then(
        (how) => (how === "left" ? left.abort() : undefined),
        (error: unknown) => {
          if (!signal.aborted) lines.note(`The answer could not be given: ${messageOf(error)}`);
        },
      );
      asks.push(done);
    };
    onInterrupt = () => {
      if (stops.length === 0) stops.push(stop());
      else given.abort();
    };
    try {
      const message = { id: randomId("cli"), text };
      const onBroken = (reason: string): void => lines.broken(reason);
      const onEvent = (event: ChatEvent): void => {
        if (event.type === "accepted") {
          session = event.session;
          accepted.resolve();
        }
        if (event.type !== "tool" && event.type !== "text") isOver.abort();
        if (event.type === "question") ask(event);
        lines.feed(event);
      };
      const said = await sayInChat(client, message, { clock, signal, onEvent, onBroken });
      lines.end(said);
    } catch (error) {
      lines.close();
      if (left.signal.aborted) return;
      note(given.signal.aborted ? "Not waiting for it any more; the turn may go on." : messageOf(error));
    } finally {
      onInterrupt = () => {};
      accepted.resolve();
      isOver.abort();
      await Promise.all([...stops, ...asks]);
    }
  };

  return {
    run: async (prompt) => {
      for (;;) {
        const text = await prompt.ask();
        if (text === null || left.signal.aborted || text.trim() === "/quit") return;
        if (text.trim() !== "") await say(prompt, text);
      }
    },
    interrupt: () => onInterrupt(),
    leave: () => left.abort(),
  };
}

interface ReplyLines {
  feed(event: ChatEvent): void;
  broken(reason: string): void;
  end(said: Said): void;
  note(text: string): void;
  /** Ends the line that is being written. */
  close(): void;
}

/** Shows one reply. */
function createReplyLines(screen: Screen, write: (text: string) => void): ReplyLines {
  const reply = createShownReply();
  let plain = createPlainStream();
  let isMidLine = false;
  let isBroken = false;

  const put = (text: string): void => {
    if (text === "") return;
    write(text);
    isMidLine = !text.endsWith("\n");
  };
  const close = (): void => {
    put(plain.end());
    if (isMidLine) put("\n");
  };
  const note = (text: string): void => {
    close();
    put(`${screen.style("dim", `(${plainLine(text)})`)}\n`);
  };
  const show = ({ kind, text }: ReturnType<typeof reply.text>): void => {
    if (kind === "replace") {
      note("That attempt failed; this is the next one.");
      plain = createPlainStream();
    }
    put(plain.write(text));
  };

  return {
    note,
    close,
    feed: (event) => {
      isBroken = false;
      switch (event.type) {
        case "start":
          return reply.start(event.turn, event.attempt);
        case "text":
          return show(reply.text(event.text));
        case "tool":
          return event.state === "started" ? note(`tool ${event.name}`) : undefined;
        case "interrupted":
          reply.interrupted();
          note("A newer message interrupted it; both are answered together.");
          plain = createPlainStream();
          return;
        case "accepted":
        case "question":
        case "answer":
        case "end":
        case "command":
      }
    },
    broken: (reason) => {
      if (!isBroken) note(`The connection is lost: ${reason}. Trying again.`);
      isBroken = true;
    },
    end: (said) => {
      if (said.outcome === "command") put(plainText(said.reply));
      else if (said.reply !== null) show(reply.end(said.reply));
      close();
      if (said.outcome === "settled" && said.state !== "answered") note(OUTCOMES[said.state] ?? said.state);
    },
  };
}

/** What is said of a message that was not answered. */
const OUTCOMES: Readonly<Record<string, string>> = {
  cancelled: "Stopped.",
  dead: "The turn failed; parlor sessions show says why.",
  erased: "The conversation was erased.",
  overheard: "It was not said to the agent.",
};

function messageOf(error: unknown): string {
  if (error instanceof ParlorError) return error.message;
  throw error;
}
