import type { Agent } from "../agent/agent.ts";
import type { AgentRoute } from "../core/agent-route.ts";
import type { BusyRules } from "../core/busy-policy.ts";
import type { ResetRules } from "../core/reset-policy.ts";
import type { Scope } from "../core/session-key.ts";
import type { Backoff } from "../lib/backoff.ts";
import type { LocalEndpoint } from "./local-endpoints.ts";
import type { DirectMessages, Hooks, LogLevel } from "./parlor-config.ts";
import type { Secret } from "./secret.ts";

/** The configuration after validation: nothing is missing and nothing has to be checked again. */
export interface Config {
  readonly server: {
    readonly host: string;
    /** 0: any free port. */
    readonly port: number;
    readonly bodyLimitBytes: number;
    readonly requestTimeoutMs: number;
    readonly drainMs: number;
    readonly allowedHosts: readonly string[];
  };
  /** Absolute. It may not exist yet. */
  readonly dataDirectory: string;
  readonly logLevel: LogLevel;
  /** The bearer token; null only on a loopback host. */
  readonly token: Secret | null;
  /** Who answers where no route says otherwise. */
  readonly agent: AgentConfig;
  /** The others, by name. */
  readonly agents: Readonly<Record<string, AgentConfig>>;
  /** Which agent answers whom; each names one of `agents`, or `default`. */
  readonly routes: readonly AgentRoute[];
  /** By name. */
  readonly mcp: Readonly<Record<string, McpServerConfig>>;
  readonly reset: ResetRules;
  readonly busy: BusyRules;
  readonly scope: Scope;
  readonly turn: {
    readonly concurrency: number;
    readonly maxAttempts: number;
    readonly leaseMs: number;
    readonly backoff: Backoff;
    readonly maxMessages: number;
    /** 0: any age. */
    readonly maxAgeMs: number;
  };
  /** Null: there is no token, and Parlor is not on Telegram. */
  readonly telegram: { readonly token: Secret; readonly apiBaseUrl: string; readonly streaming: boolean } | null;
  readonly access: {
    readonly dm: DirectMessages;
    /** People and chats as `platform:id`. */
    readonly allow: readonly string[];
    readonly personPerMinute: number;
    readonly chatPerMinute: number;
  };
  /** By name. */
  readonly webhooks: Readonly<Record<string, WebhookConfig>>;
  readonly hooks: Hooks;
  readonly receiptRetentionMs: number;
  readonly eventRetentionMs: number;
}

export type AgentConfig =
  /** `delayMs`: the pause after each word, in milliseconds. */
  | { readonly kind: "echo"; readonly delayMs: number }
  | {
      readonly kind: "model";
      readonly provider: "openai-compatible" | "anthropic";
      readonly model: string;
      /** Null: the provider's own address, which only anthropic has. */
      readonly baseUrl: string | null;
      readonly apiKey: Secret | null;
      readonly system: string | null;
      /** What the model takes at once, its answer included. */
      readonly contextTokens: number;
      /** Null: what the endpoint uses. */
      readonly maxOutputTokens: number | null;
      readonly idleTimeoutMs: number;
      /** Null: any time. */
      readonly totalTimeoutMs: number | null;
      /** Names of servers of `mcp`, each once. */
      readonly tools: readonly string[];
      readonly maxSteps: number;
      readonly toolTimeoutMs: number;
      readonly files: boolean;
      readonly allowPrivateFiles: boolean;
    }
  | {
      readonly kind: "command";
      /** The program and its parameters. */
      readonly command: readonly [string, ...string[]];
      /** Absolute. It may not exist. */
      readonly cwd: string;
      /** All that the program finds in its environment, by name. */
      readonly env: Readonly<Record<string, Secret>>;
      readonly idleTimeoutMs: number;
      /** Null: any time. */
      readonly totalTimeoutMs: number | null;
    }
  | {
      readonly kind: "acp";
      /** The program and its parameters. */
      readonly command: readonly [string, ...string[]];
      /** Absolute. It may not exist. */
      readonly cwd: string;
      /** All that the program finds in its environment, by name. */
      readonly env: Readonly<Record<string, Secret>>;
      /** What becomes of its requests for permission. */
      readonly permissions: "ask" | "deny";
      readonly idleTimeoutMs: number;
      /** Null: any time. */
      readonly totalTimeoutMs: number | null;
    }
  | {
      readonly kind: "http";
      readonly url: string;
      /** Base64, with or without `whsec_`, as Standard Webhooks writes it. */
      readonly secret: Secret;
      readonly allowPrivate: boolean;
      readonly idleTimeoutMs: number;
      readonly totalTimeoutMs: number;
    }
  /** Written in code, in the configuration file. */
  | { readonly kind: "code"; readonly agent: Agent };

/** An MCP server: a program, or an address. */
export type McpServerConfig =
  | {
      readonly command: readonly [string, ...string[]];
      /** Absolute. It may not exist. */
      readonly cwd: string;
      /** All that the program finds in its environment, by name. */
      readonly env: Readonly<Record<string, Secret>>;
    }
  | {
      readonly url: string;
      readonly allowPrivate: boolean;
      /** Sent as a bearer token; null: none is sent. */
      readonly token: Secret | null;
    };

export interface WebhookConfig {
  /** Base64, with or without `whsec_`, as Standard Webhooks writes it. */
  readonly secret: Secret;
  /** Null: replies are read from the transcript. */
  readonly replyUrl: string | null;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Where each value came from, by key: `default`, `.env`, `environment`, `file NAME_FILE`, `parlor.config.ts` or `command line`. */
  readonly origins: Readonly<Record<string, string>>;
  /** What works but is probably not meant, in sentences for the person who starts Parlor. */
  readonly notes: readonly string[];
  /** Where local models can be looked for: servers on this machine alone, and none when anything is said about the agent. */
  readonly localEndpoints: readonly LocalEndpoint[];
  /** Where Telegram's Bot API is, also while there is no token to use it with. */
  readonly telegramApiBaseUrl: string;
  /** The configuration file that was read; null when there is none. */
  readonly file: string | null;
}
