import { z } from "zod";
import { cleanName } from "../core/source.ts";
import { fault } from "./acp-fault.ts";
import type { AgentPart } from "./agent.ts";

/** Reads what an ACP agent reports of one turn. */
export interface AcpUpdateReader {
  /**
   * The parts that an update is; none when it shows only that the agent is alive.
   *
   * @throws AgentError when it is an update of the protocol with something else in it: words would be lost.
   */
  read(update: unknown): readonly AgentPart[];
  /** What a call of a tool is said to do, as a whole; null when that was not told. */
  toolTitle(toolCallId: string): string | null;
}

type ToolState = (AgentPart & { type: "tool" })["state"];

interface ToolCall {
  readonly index: number;
  readonly name: string;
  readonly title: string | null;
  readonly isOver: boolean;
}

/** More than a turn has; no more are told apart, so that nothing grows without end. */
const MAX_CALLS = 10_000;

const TEXT = z.object({ type: z.literal("text"), text: z.string() });
const LINK = z.object({ type: z.literal("resource_link"), name: z.string(), uri: z.string() });
const RESOURCE = z.object({
  type: z.literal("resource"),
  resource: z.object({ uri: z.string(), text: z.string().optional() }),
});
const SHOWN_ELSEWHERE = z.object({ type: z.enum(["image", "audio"]) });

const CHUNK = z.object({
  sessionUpdate: z.literal("agent_message_chunk"),
  content: z.discriminatedUnion("type", [TEXT, LINK, RESOURCE, SHOWN_ELSEWHERE]),
  messageId: z.string().nullish().catch(null),
});
const TOOL = z.object({
  sessionUpdate: z.enum(["tool_call", "tool_call_update"]),
  toolCallId: z.string(),
  name: z.string().nullish().catch(null),
  title: z.string().nullish().catch(null),
  kind: z.string().nullish().catch(null),
  status: z.string().nullish().catch(null),
});
const UPDATE = z.discriminatedUnion("sessionUpdate", [
  CHUNK,
  TOOL,
  z.object({ sessionUpdate: z.literal("agent_thought_chunk") }),
]);
const ANY_UPDATE = z.object({ sessionUpdate: z.string() });
const READ: ReadonlySet<string> = new Set([
  "agent_message_chunk",
  "tool_call",
  "tool_call_update",
  "agent_thought_chunk",
]);

/** @param name - What the agent is called in errors. */
export function createAcpUpdateReader(name: string): AcpUpdateReader {
  const calls = new Map<string, ToolCall>();
  let messageId: string | null = null;
  let hasCalled = false;
  /** The end of what was said last. */
  let said = "";

  function text(chunk: z.infer<typeof CHUNK>): readonly AgentPart[] {
    const words = wordsOf(chunk.content);
    if (words === "") return [];
    const isOther = (chunk.messageId ?? null) !== null && messageId !== null && chunk.messageId !== messageId;
    // What was said before and after a call of a tool are two messages, which the agent does not part.
    const isApart = (isOther || hasCalled) && said !== "" && !/\s$/.test(said) && !/^\s/.test(words);
    messageId = chunk.messageId ?? messageId;
    hasCalled = false;
    said = words.slice(-1);
    return [{ type: "text", text: isApart ? `\n\n${words}` : words }];
  }

  function tool({ toolCallId, name: called, title, kind, status }: z.infer<typeof TOOL>): readonly AgentPart[] {
    const known = calls.get(toolCallId);
    if (known === undefined && calls.size >= MAX_CALLS) return [];
    hasCalled = true;
    const index = known?.index ?? calls.size;
    const toolName = known?.name ?? cleanName(called ?? title ?? kind ?? "") ?? "tool";
    const end: ToolState | null = status === "completed" ? "finished" : status === "failed" ? "failed" : null;
    const isOver = known?.isOver === true || end !== null;
    calls.set(toolCallId, { index, name: toolName, title: title ?? known?.title ?? null, isOver });
    const partOf = (state: ToolState): AgentPart => ({ type: "tool", index, name: toolName, state });
    return [
      ...(known === undefined ? [partOf("started")] : []),
      ...(end !== null && known?.isOver !== true ? [partOf(end)] : []),
    ];
  }

  return {
    read: (update) => {
      const kind = ANY_UPDATE.safeParse(update);
      if (!kind.success || !READ.has(kind.data.sessionUpdate)) return [];
      const read = UPDATE.safeParse(update);
      if (!read.success) {
        throw fault(
          `The agent "${name}" sent an update (${kind.data.sessionUpdate}) that is not of the protocol.`,
          false,
        );
      }
      switch (read.data.sessionUpdate) {
        case "agent_message_chunk":
          return text(read.data);
        case "agent_thought_chunk":
          return [{ type: "reasoning" }];
        case "tool_call":
        case "tool_call_update":
          return tool(read.data);
      }
    },
    toolTitle: (toolCallId) => calls.get(toolCallId)?.title ?? null,
  };
}

function wordsOf(content: z.infer<typeof CHUNK>["content"]): string {
  switch (content.type) {
    case "text":
      return content.text;
    case "resource_link":
      return `[${content.name}](${content.uri})`;
    case "resource":
      return content.resource.text ?? content.resource.uri;
    case "image":
    case "audio":
      return content.type === "image"
        ? "(a picture that cannot be shown here)"
        : "(a sound that cannot be played here)";
  }
}
