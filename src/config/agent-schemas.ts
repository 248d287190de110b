/** The settings of agents and of what they use, with their limits and defaults; see schema.ts. */
import { z } from "zod";
import { filled, httpUrl, oneOf, strict, text, timerMs, wholeNumber } from "./schema-parts.ts";

export interface EchoAgentSettings {
  readonly kind: "echo";
  readonly delayMs: number;
}

export interface ModelAgentSettings {
  readonly kind: "model";
  readonly provider: "openai-compatible" | "anthropic";
  readonly model: string;
  readonly baseUrl?: string | undefined;
  readonly system?: string | undefined;
  readonly contextTokens: number;
  readonly maxOutputTokens?: number | undefined;
  readonly idleTimeoutMs: number;
  readonly totalTimeoutMs?: number | undefined;
  readonly tools: readonly string[];
  readonly maxSteps: number;
  readonly toolTimeoutMs: number;
  readonly files: boolean;
  readonly allowPrivateFiles: boolean;
}

export interface McpServerSettings {
  readonly command?: readonly [string, ...string[]] | undefined;
  readonly cwd?: string | undefined;
  readonly env?: readonly string[] | undefined;
  readonly url?: string | undefined;
  readonly allowPrivate?: boolean | undefined;
}

export interface CommandAgentSettings {
  readonly kind: "command";
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: readonly string[];
  readonly idleTimeoutMs: number;
  readonly totalTimeoutMs?: number | undefined;
}

export interface AcpAgentSettings extends Omit<CommandAgentSettings, "kind"> {
  readonly kind: "acp";
  readonly permissions: "ask" | "deny";
}

export interface HttpAgentSettings {
  readonly kind: "http";
  readonly url: string;
  readonly allowPrivate: boolean;
  readonly idleTimeoutMs: number;
  readonly totalTimeoutMs: number;
}

export const echoAgentSchema: z.ZodType<EchoAgentSettings> = strict({
  kind: oneOf(["echo"]),
  delayMs: timerMs(0).default(0),
});

export const modelAgentSchema: z.ZodType<ModelAgentSettings> = strict({
  kind: z.enum(["model"], { error: "one of echo, model, command, acp, http" }),
  provider: oneOf(["openai-compatible", "anthropic"]),
  model: filled("the name of a model (PARLOR_MODEL sets that of agent)"),
  baseUrl: httpUrl.optional(),
  system: filled("a prompt").optional(),
  contextTokens: wholeNumber(1000).default(100_000),
  maxOutputTokens: wholeNumber(1).optional(),
  idleTimeoutMs: timerMs(1).default(60_000),
  totalTimeoutMs: timerMs(1).optional(),
  tools: z.array(filled("the name of a server of mcp"), { error: "a list of names of servers of mcp" }).default([]),
  maxSteps: wholeNumber(1, 1000).default(20),
  toolTimeoutMs: timerMs(1).default(60_000),
  files: z.boolean({ error: "true or false" }).default(true),
  allowPrivateFiles: z.boolean({ error: "true or false" }).default(false),
});

const parameter = text("text without a NUL character", (value) => !value.includes("\0"));

const directory = filled("the path of a directory");

const variableNames = z.array(
  text("the name of a variable", (name) => /^[A-Za-z_]\w*$/.test(name)),
  { error: "a list of names of variables" },
);

const program = {
  command: z.tuple([text("the name or path of a program", (value) => /^[^\0]*\S[^\0]*$/.test(value))], parameter, {
    error: 'a list of a program and its parameters, such as ["python3", "agent.py"]',
  }),
  cwd: directory.default("."),
  env: variableNames.default([]),
  totalTimeoutMs: timerMs(1).optional(),
};

export const commandAgentSchema: z.ZodType<CommandAgentSettings> = strict({
  kind: oneOf(["command"]),
  ...program,
  idleTimeoutMs: timerMs(1).default(60_000),
});

export const acpAgentSchema: z.ZodType<AcpAgentSettings> = strict({
  kind: oneOf(["acp"]),
  ...program,
  permissions: oneOf(["ask", "deny"]).default("ask"),
  // A tool may run for minutes in which nothing is reported.
  idleTimeoutMs: timerMs(1).default(300_000),
});

export const mcpServerSchema: z.ZodType<McpServerSettings> = strict(
  {
    command: program.command.optional(),
    cwd: directory.optional(),
    env: variableNames.optional(),
    url: httpUrl.optional(),
    allowPrivate: z.boolean({ error: "true or false" }).optional(),
  },
  "PARLOR_MCP_<NAME>_TOKEN",
);

export const httpAgentSchema: z.ZodType<HttpAgentSettings> = strict(
  {
    kind: oneOf(["http"]),
    url: httpUrl,
    allowPrivate: z.boolean({ error: "true or false" }).default(false),
    idleTimeoutMs: timerMs(1).default(60_000),
    totalTimeoutMs: timerMs(1).default(600_000),
  },
  "PARLOR_AGENT_SECRET",
  "PARLOR_AGENT_SECRET",
);
