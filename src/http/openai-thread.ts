/** The messages a client of OpenAI's API sends with every call, and what of them counts. */
import { z } from "zod";
import { OPENAI_CONTENT, checkSaid, readContent } from "./openai-content.ts";
import type { OpenAiContent, ReadContent } from "./openai-content.ts";
import { OpenAiError } from "./openai-error.ts";

export interface OpenAiMessage {
  readonly role: string;
  readonly content?: OpenAiContent | null | undefined;
  readonly name?: string | null | undefined;
}

export const OPENAI_MESSAGE: z.ZodType<OpenAiMessage> = z.object({
  role: z.string().describe("system, developer, user or assistant."),
  content: OPENAI_CONTENT.nullish(),
  name: z.string().nullish().describe("The name of who says it, for people to read."),
});

/** One message that somebody says now. */
export interface Said extends ReadContent {
  readonly name: string | undefined;
}

/** A call without a session: everything it brings. */
export interface Thread {
  readonly instructions: string | null;
  /** What was said before, by either side. */
  readonly history: readonly (ReadContent & { readonly role: "user" | "assistant" })[];
  readonly said: readonly Said[];
}

/** The most messages that one call may add to a session. */
const MAX_SAID = 100;

/**
 * What is new for a session that has its own history: the user's messages behind the assistant's last one.
 *
 * @throws OpenAiError when there is none, or one that cannot be accepted.
 */
export function newMessages(messages: readonly OpenAiMessage[], param: string): readonly Said[] {
  const start = messages.findLastIndex(({ role }) => role === "assistant") + 1;
  const said = messages.slice(start).flatMap((message, index): Said[] => {
    const at = `${param}.${start + index}`;
    if (roleOf(message, at) !== "user") return [];
    const content = readContent(message.content, `${at}.content`);
    checkSaid(content, `${at}.content`);
    return [{ ...content, name: message.name ?? undefined }];
  });
  if (said.length === 0) {
    throw new OpenAiError(
      "no_user_message",
      `${param}: Expected a message with the role user behind the assistant's last one; found none.`,
      { param },
    );
  }
  if (said.length > MAX_SAID) {
    throw new OpenAiError(
      "too_many_messages",
      `${param}: One call may add ${MAX_SAID} messages; found ${said.length}. Nothing was stored.`,
      { param },
    );
  }
  return said;
}

/**
 * All of it, for a call without a session.
 *
 * @throws OpenAiError as `newMessages` does.
 */
export function wholeThread(messages: readonly OpenAiMessage[], param: string): Thread {
  const said = newMessages(messages, param);
  const start = messages.findLastIndex(({ role }) => role === "assistant") + 1;
  const instructions: string[] = [];
  const history: Thread["history"][number][] = [];
  for (const [index, message] of messages.entries()) {
    const role = roleOf(message, `${param}.${index}`);
    const content = readContent(message.content, `${param}.${index}.content`);
    if (role === "instructions") instructions.push(content.text);
    else if (index < start) history.push({ role, ...content });
  }
  return { instructions: instructions.length === 0 ? null : instructions.join("\n\n"), history, said };
}

function roleOf({ role }: OpenAiMessage, param: string): "user" | "assistant" | "instructions" {
  switch (role) {
    case "user":
    case "assistant":
      return role;
    case "system":
    case "developer":
      return "instructions";
    default:
      throw new OpenAiError(
        "unsupported_role",
        `${param}.role: Expected system, developer, user or assistant. The agent runs its tools itself: their calls and results are not exchanged with clients.`,
        { param: `${param}.role` },
      );
  }
}
