import type { LifecycleEvent, LifecycleType } from "../core/lifecycle-event.ts";
import type { BusyPolicy } from "../core/busy-policy.ts";
import type { ResetPolicy } from "../core/reset-policy.ts";
import type { Scope } from "../core/session-key.ts";
import type { ChatType } from "../core/source.ts";
import type { AnyAgentConfig, McpServerSetting } from "./parlor-agent-config.ts";

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

export const DIRECT_MESSAGES = ["pairing", "closed", "open"] as const;

/** What a person who is not known meets in a direct message. */
export type DirectMessages = (typeof DIRECT_MESSAGES)[number];

/**
 * What `parlor.config.ts` may say. Everything is optional; a variable of the environment or of
 * `.env` wins over it. Secrets are never written here: they come from the environment or a file.
 */
export interface ParlorConfig {
  /** Where and how Parlor listens. */
  readonly server?: {
    /** The address to listen on (`HOST`). Anything but loopback needs `PARLOR_TOKEN`. Default: `127.0.0.1`. */
    readonly host?: string | undefined;
    /** The port to listen on (`PORT`); 0 takes any free one. Default: 8787. */
    readonly port?: number | undefined;
    /** The largest request body, in bytes. Default: 1048576 (1 MiB). */
    readonly bodyLimitBytes?: number | undefined;
    /** How long a request may take to arrive, in milliseconds. Default: 30000. */
    readonly requestTimeoutMs?: number | undefined;
    /** How long running turns may go on after SIGTERM, in milliseconds. Default: 10000. */
    readonly drainMs?: number | undefined;
    /**
     * Names under which clients reach Parlor, besides loopback and `host`; requests for others are refused.
     * Default: none on a loopback host, any name elsewhere (there the token guards).
     */
    readonly allowedHosts?: readonly string[] | undefined;
  };
  /**
   * Where everything is kept (`PARLOR_HOME`); a relative path starts at the working directory.
   * Default: `$XDG_DATA_HOME/parlor`, else `~/.local/share/parlor`.
   */
  readonly dataDirectory?: string | undefined;
  /** The least severe lines to log (`LOG_LEVEL`). Default: `info`. */
  readonly logLevel?: LogLevel | undefined;
  /** Who answers: `echo`, a model, a program, an endpoint, or an agent written in code. Default: `echo`. */
  readonly agent?: AnyAgentConfig | undefined;
  /**
   * More agents, by name; each is what `agent` can be. Secrets are `PARLOR_AGENT_<NAME>_API_KEY` and
   * `PARLOR_AGENT_<NAME>_SECRET`, else those of the default agent.
   */
  readonly agents?: { readonly [name: string]: AnyAgentConfig } | undefined;
  /**
   * Which of them answers whom; the most exact route wins: person, chat, platform and chat type, platform, chat
   * type, and of two that are equally exact the first. Everybody else is answered by `agent`.
   */
  readonly routes?: readonly RouteConfig[] | undefined;
  /** Servers of the Model Context Protocol, by name, whose tools an agent names with `tools`. */
  readonly mcp?: { readonly [name: string]: McpServerSetting } | undefined;
  /** When a session ends by itself. Default: `{ mode: "none" }`, never. */
  readonly reset?: ResetConfig | undefined;
  /** What happens to messages that arrive while a session is busy. */
  readonly busy?: BusyConfig | undefined;
  /** Who shares a conversation. Default: groups per person, threads shared. */
  readonly scope?: { readonly group?: Scope["group"] | undefined; readonly thread?: Scope["thread"] | undefined };
  /** How turns are run. */
  readonly turn?: {
    /** How many turns run at once, each in another session. Default: 16. */
    readonly concurrency?: number | undefined;
    /** After how many attempts a turn is given up. Default: 5. */
    readonly maxAttempts?: number | undefined;
    /** How long a turn stays with a node that no longer renews it, in milliseconds. Default: 30000. */
    readonly leaseMs?: number | undefined;
    /** How long to wait between attempts, in milliseconds; doubled each time. */
    readonly backoff?: {
      /** After the first failed attempt. Default: 1000. */
      readonly firstMs?: number | undefined;
      /** At most. Default: 60000. */
      readonly maxMs?: number | undefined;
    };
    /** The most messages that one turn answers. Default: 50. */
    readonly maxMessages?: number | undefined;
    /**
     * Whoever has sent a message longer ago than this is asked before it is answered, in milliseconds; 0: a message
     * of any age is answered. Default: 21600000 (six hours).
     */
    readonly maxAgeMs?: number | undefined;
  };
  /** Telegram, which a token turns on (`TELEGRAM_BOT_TOKEN`). */
  readonly telegram?: {
    /** Where the Bot API is (`TELEGRAM_API_BASE_URL`). Default: `https://api.telegram.org`. */
    readonly apiBaseUrl?: string | undefined;
    /** Whether replies are shown while they are written, by editing their first message. Default: true. */
    readonly streaming?: boolean | undefined;
  };
  /** Who may speak on a chat platform. The page, the command line and the HTTP interface are the operator's own. */
  readonly access?: {
    /**
     * What a person who is not known meets in a direct message (`PARLOR_DM`): a pairing code, silence, or an
     * open door. Default: `pairing`.
     */
    readonly dm?: DirectMessages | undefined;
    /**
     * People who may write direct messages, and groups in which everyone may speak, as `platform:id`
     * (`PARLOR_ALLOW`, separated by commas); an id stands for a person and a chat alike. Default: none
     * but those that `parlor access` allows.
     */
    readonly allow?: readonly string[] | undefined;
    /** The most messages of one person in a minute. Default: 20. */
    readonly personPerMinute?: number | undefined;
    /** The most messages in one chat in a minute. Default: 60. */
    readonly chatPerMinute?: number | undefined;
  };
  /** Inbound webhooks by name; the secret of each is `PARLOR_WEBHOOK_<NAME>_SECRET`. */
  readonly webhooks?: {
    readonly [name: string]: {
      /** Where replies are posted, signed with the same secret. Default: they are read from the transcript. */
      readonly replyUrl?: string | undefined;
    };
  };
  /** Functions that are told of lifecycle events, at least once and in order per session. */
  readonly hooks?: Hooks | undefined;
  /** How long a receipt is kept, in milliseconds; at least 24 hours. Default: 604800000 (7 days). */
  readonly receiptRetentionMs?: number | undefined;
  /** How long a lifecycle event is kept, in milliseconds. Default: 604800000 (7 days). */
  readonly eventRetentionMs?: number | undefined;
}

/** A rule of `routes`. What it leaves out matches everything. */
export interface RouteConfig {
  readonly platform?: string | undefined;
  readonly chatType?: ChatType | undefined;
  /** The id of a chat of `platform`, which has to be given then. */
  readonly chat?: string | undefined;
  /** The id of a person of `platform`, which has to be given then. */
  readonly user?: string | undefined;
  /** A name of `agents`, or `default` for the one of `agent`. */
  readonly agent: string;
}

/** The policy of every chat, and exceptions; the most exact match wins: platform and chat type, platform, chat type. */
export type ResetConfig = ResetPolicy & {
  readonly rules?:
    | readonly (ResetPolicy & {
        readonly platform?: string | undefined;
        readonly chatType?: ChatType | undefined;
      })[]
    | undefined;
};

/** The policy of every chat, and exceptions, of which each says only what is different; the most exact match wins. */
export type BusyConfig = BusySaid & {
  readonly rules?:
    | readonly (BusySaid & {
        readonly platform?: string | undefined;
        readonly chatType?: ChatType | undefined;
      })[]
    | undefined;
};

interface BusySaid {
  /**
   * `queue`: each message is a turn of its own. `collect`: what waits becomes one turn. `interrupt`: as
   * `collect`, and a newer message ends the answer that is being made; they are answered together.
   * Default: `collect`.
   */
  readonly mode?: BusyPolicy["mode"] | undefined;
  /**
   * How long nobody may have written before a turn begins, in milliseconds, at the latest ten times that after the
   * oldest message; up to 600000, and 0 with `queue`. Default: 0.
   */
  readonly debounceMs?: number | undefined;
  /** How many messages may wait in one session, up to 10000; one more is refused, visibly. Default: 100. */
  readonly maxWaiting?: number | undefined;
}

/** What is called at each kind of lifecycle event. What it throws is retried with back-off. */
export type Hooks = {
  readonly [Type in LifecycleType]?:
    | ((event: Extract<LifecycleEvent, { readonly type: Type }>) => void | Promise<void>)
    | undefined;
};

/** Gives a configuration its types and returns it as it is. */
export function defineConfig(config: ParlorConfig): ParlorConfig {
  return config;
}
