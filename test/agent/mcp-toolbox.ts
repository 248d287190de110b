/** An MCP server with a tool for each thing that a tool may do. */
import { McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";

/** What the server has seen: a call with its `_meta`, a call that was cancelled, a side effect. */
export type ToolboxEvent = { readonly tool: string; readonly meta?: unknown } | "cancelled" | "effect";

export interface ToolboxOptions {
  readonly record: (event: ToolboxEvent) => void;
  /** When the tool `hold` goes on to its side effect. */
  readonly released: Promise<unknown>;
  readonly exit?: () => void;
}

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

export function createToolbox({ record, released, exit }: ToolboxOptions): McpServer {
  const server = new McpServer(
    { name: "toolbox", version: "1.0.0" },
    { capabilities: { tools: { listChanged: true } } },
  );
  const text = (words: string) => ({ content: [{ type: "text" as const, text: words }] });
  const none = z.object({});

  server.registerTool(
    "search",
    { description: "Finds a word.", inputSchema: z.object({ word: z.string().optional() }) },
    ({ word = "nothing" }, context) => {
      record({ tool: "search", meta: context.mcpReq._meta });
      return text(`Found ${word}.`);
    },
  );
  server.registerTool("fail", { inputSchema: none }, () => ({ ...text("No such city: wisteria."), isError: true }));
  server.registerTool("long", { inputSchema: none }, () => text("x".repeat(60_000)));
  server.registerTool("picture", { inputSchema: none }, () => ({
    content: [
      { type: "text", text: "A dot:" },
      { type: "image", data: PIXEL, mimeType: "image/png" },
    ],
  }));
  server.registerTool("hold", { inputSchema: none }, async (_, { mcpReq }) => {
    record({ tool: "hold" });
    const cancelled = new Promise<void>((resolve) => mcpReq.signal.addEventListener("abort", () => resolve()));
    await Promise.race([released, cancelled]);
    record(mcpReq.signal.aborted ? "cancelled" : "effect");
    return text("Done.");
  });
  server.registerTool("grow", { inputSchema: none }, () => {
    server.registerTool("another", { inputSchema: none }, () => text("Another."));
    return text("Grown.");
  });
  server.registerTool("exit", { inputSchema: none }, () => {
    record({ tool: "exit" });
    exit?.();
    return new Promise<never>(() => {});
  });
  return server;
}
