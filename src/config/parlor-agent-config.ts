/** What `parlor.config.ts` may say of agents, and of what they use. */
import type { Agent } from "../agent/agent.ts";

/** Who may stand at `agent` and in `agents`. */
export type AnyAgentConfig =
  | "echo"
  | EchoAgentConfig
  | ModelAgentConfig
  | CommandAgentConfig
  | AcpAgentConfig
  | HttpAgentConfig
  | Agent;

/** An agent that repeats what was said. */
export interface EchoAgentConfig {
  readonly kind: "echo";
  /** The pause after each word, in milliseconds (`PARLOR_ECHO_DELAY_MS`). Default: 0. */
  readonly delayMs?: number | undefined;
}

/** A model that answers. Its key comes from `OPENAI_API_KEY` or `ANTHROPIC_API_KEY`. */
export interface ModelAgentConfig {
  readonly kind: "model";
  readonly provider: "openai-compatible" | "anthropic";
  /** The name of the model (`PARLOR_MODEL`), required in one of the two places. */
  readonly model?: string | undefined;
  /**
   * Where the model is served (`OPENAI_BASE_URL` for openai-compatible). Default: the provider's own
   * address; for openai-compatible that needs `OPENAI_API_KEY`.
   */
  readonly baseUrl?: string | undefined;
  /** The system prompt (`PARLOR_SYSTEM_PROMPT`). Default: none. */
  readonly system?: string | undefined;
  /** How many tokens the model takes at once, its answer included. Before it is full, what was said is summarised. Default: 100000. */
  readonly contextTokens?: number | undefined;
  /** The most tokens of one answer. Default: what the endpoint uses. */
  readonly maxOutputTokens?: number | undefined;
  /** How long the model may be silent, in milliseconds; any token starts it anew. Default: 60000. */
  readonly idleTimeoutMs?: number | undefined;
  /** How long one answer may take, in milliseconds, summaries and tools included. Default: any time. */
  readonly totalTimeoutMs?: number | undefined;
  /** Names of servers of `mcp`, whose tools the model may call. Default: none. */
  readonly tools?: readonly string[] | undefined;
  /** How often the model may be asked in one turn, once more after each time it calls tools. Default: 20. */
  readonly maxSteps?: number | undefined;
  /** How long one call of a tool may take, in milliseconds. Default: 60000. */
  readonly toolTimeoutMs?: number | undefined;
  /** Whether the model is shown the images and files that people attach; otherwise they are named. Default: true. */
  readonly files?: boolean | undefined;
  /** Whether a file may be on this machine or in a private network. Default: false. */
  readonly allowPrivateFiles?: boolean | undefined;
}

/** An MCP server: a program that is started, or an address, whose token is `PARLOR_MCP_<NAME>_TOKEN`. */
export type McpServerSetting =
  | {
      /** The program and its parameters. No shell is between. */
      readonly command: readonly [string, ...string[]];
      /** Where it starts; a relative path starts at the working directory. Default: the working directory. */
      readonly cwd?: string | undefined;
      /** Names of variables that are passed on besides `PATH`, `HOME` and `LANG`. Default: none. */
      readonly env?: readonly string[] | undefined;
    }
  | {
      /** Where it serves MCP over streamable HTTP. */
      readonly url: string;
      /** Whether that may be on this machine or in a private network. Default: false. */
      readonly allowPrivate?: boolean | undefined;
    };

/** A program that answers, started for each turn. */
export interface CommandAgentConfig {
  readonly kind: "command";
  /** The program and its parameters, such as `["python3", "agent.py"]`. No shell is between. */
  readonly command: readonly [string, ...string[]];
  /** Where the program starts; a relative path starts at the working directory. Default: the working directory. */
  readonly cwd?: string | undefined;
  /** Names of variables, of the environment or of `.env`, that are passed on besides `PATH`, `HOME` and `LANG`. Default: none. */
  readonly env?: readonly string[] | undefined;
  /** How long the program may be silent, in milliseconds; any line it writes starts it anew. Default: 60000. */
  readonly idleTimeoutMs?: number | undefined;
  /** How long one turn may take, in milliseconds. Default: any time. */
  readonly totalTimeoutMs?: number | undefined;
}

/** A program that speaks the Agent Client Protocol. One process of it answers all sessions. */
export interface AcpAgentConfig {
  readonly kind: "acp";
  /** The program and its parameters, such as `["gemini", "--acp"]`. No shell is between. */
  readonly command: readonly [string, ...string[]];
  /** Where it starts and works; a relative path starts at the working directory. Default: the working directory. */
  readonly cwd?: string | undefined;
  /** Names of variables, of the environment or of `.env`, that are passed on besides `PATH`, `HOME` and `LANG`. Default: none. */
  readonly env?: readonly string[] | undefined;
  /** Whether its requests for permission become questions to the person, or are all refused. Default: `ask`. */
  readonly permissions?: "ask" | "deny" | undefined;
  /** How long it may be silent, in milliseconds; any update starts it anew. Default: 300000. */
  readonly idleTimeoutMs?: number | undefined;
  /** How long one turn may take, without the time in which a person is asked, in milliseconds. Default: any time. */
  readonly totalTimeoutMs?: number | undefined;
}

/** An endpoint that gets every turn by POST and answers. What it is sent is signed with `PARLOR_AGENT_SECRET`. */
export interface HttpAgentConfig {
  readonly kind: "http";
  readonly url: string;
  /** Whether the endpoint may be on this machine or in a private network. Default: false. */
  readonly allowPrivate?: boolean | undefined;
  /** How long the endpoint may be silent, in milliseconds; any event starts it anew. Default: 60000. */
  readonly idleTimeoutMs?: number | undefined;
  /** How long one answer may take, in milliseconds. Default: 600000. */
  readonly totalTimeoutMs?: number | undefined;
}
