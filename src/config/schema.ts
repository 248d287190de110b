/**
 * The settings of the configuration file, with their limits and defaults. Each message is what was
 * expected, as the end of a sentence: `<key> must be <message>; found <value>.`
 */
import { z } from "zod";
import { DEFAULT_BUSY, type BusyPolicy } from "../core/busy-policy.ts";
import { LIFECYCLE_TYPES, type LifecycleType } from "../core/lifecycle-event.ts";
import { CHAT_TYPES, type ChatType } from "../core/source.ts";
import { isAllowEntry } from "./allow-entry.ts";
import type { Config } from "./config.ts";
import { DIRECT_MESSAGES, LOG_LEVELS, type Hooks, type ResetConfig } from "./parlor-config.ts";
import { filled, httpUrl, oneOf, plainName, strict, text, timerMs, wholeNumber } from "./schema-parts.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What the file and the variables give, before agent, reset policy and webhooks are worked out. */
export type Settings = Pick<
  Config,
  "server" | "logLevel" | "scope" | "turn" | "access" | "receiptRetentionMs" | "eventRetentionMs"
> & {
  readonly dataDirectory?: string | undefined;
  readonly agent?: unknown;
  readonly agents: Readonly<Record<string, unknown>>;
  readonly routes: readonly RouteSettings[];
  readonly mcp: Readonly<Record<string, unknown>>;
  readonly reset: ResetConfig;
  readonly busy: BusySettings;
  readonly telegram: { readonly apiBaseUrl: string; readonly streaming: boolean };
  readonly webhooks: Readonly<Record<string, { readonly replyUrl?: string | undefined }>>;
  readonly hooks: Hooks;
};

export interface RouteSettings {
  readonly platform?: string | undefined;
  readonly chatType?: ChatType | undefined;
  readonly chat?: string | undefined;
  readonly user?: string | undefined;
  readonly agent: string;
}

export type BusySettings = BusyPolicy & {
  readonly rules: readonly ({ readonly [Key in keyof BusyPolicy]?: BusyPolicy[Key] | undefined } & {
    readonly platform?: string | undefined;
    readonly chatType?: ChatType | undefined;
  })[];
};

const allowEntry = text(
  "platform:id, such as telegram:4242 for a person or telegram:-1001 for a group (numbers on Telegram, not names)",
  isAllowEntry,
);

const hostName = text("a host name such as parlor.example.org, without a port", (value) =>
  /^(?:\[[0-9a-f:.]+\]|[a-z0-9_.-]+)$/i.test(value),
);

const resetPolicy = <Shape extends z.core.$ZodLooseShape>(more: Shape) => {
  const idleMs = wholeNumber(0);
  const at = filled('a cron expression such as "0 4 * * *"');
  const timeZone = filled('a time zone such as "Europe/Berlin"');
  return z.discriminatedUnion(
    "mode",
    [
      strict({ mode: z.literal("none"), ...more }),
      strict({ mode: z.literal("idle"), idleMs, ...more }),
      strict({ mode: z.literal("daily"), at, timeZone, ...more }),
      strict({ mode: z.literal("both"), idleMs, at, timeZone, ...more }),
    ],
    { error: (issue) => (issue.code === "invalid_union" ? "one of none, idle, daily, both" : "an object with a mode") },
  );
};

const resetRule = resetPolicy({
  platform: filled("the name of a platform").optional(),
  chatType: oneOf(CHAT_TYPES).optional(),
});

const busy = {
  mode: oneOf(["queue", "collect", "interrupt"]),
  debounceMs: wholeNumber(0, 600_000),
  maxWaiting: wholeNumber(1, 10_000),
};

const busyRule = strict({
  platform: filled("the name of a platform").optional(),
  chatType: oneOf(CHAT_TYPES).optional(),
  mode: busy.mode.optional(),
  debounceMs: busy.debounceMs.optional(),
  maxWaiting: busy.maxWaiting.optional(),
});

const route = strict({
  platform: filled("the name of a platform").optional(),
  chatType: oneOf(CHAT_TYPES).optional(),
  chat: filled("the id of a chat").optional(),
  user: filled("the id of a person").optional(),
  agent: filled('the name of an agent of agents, or "default"'),
});

const handler = z.custom<(event: unknown) => void>((value) => typeof value === "function", { error: "a function" });

const handlers = Object.fromEntries(LIFECYCLE_TYPES.map((type) => [type, handler.optional()])) as Record<
  LifecycleType,
  z.ZodOptional<typeof handler>
>;

export const settingsSchema: z.ZodType<Settings> = strict({
  server: strict({
    host: text("an address or host name", (value) => /^[^\s/]+$/.test(value)).default("127.0.0.1"),
    port: wholeNumber(0, 65_535).default(8787),
    bodyLimitBytes: wholeNumber(1024).default(1_048_576),
    requestTimeoutMs: timerMs(1).default(30_000),
    drainMs: timerMs(0).default(10_000),
    allowedHosts: z.array(hostName, { error: "a list of host names" }).default([]),
  }).prefault({}),
  dataDirectory: filled("the path of a directory").optional(),
  logLevel: oneOf(LOG_LEVELS).default("info"),
  agent: z.unknown().optional(),
  agents: z.record(plainName, z.unknown(), { error: "an object of agents by name" }).default({}),
  routes: z.array(route, { error: "a list of routes" }).default([]),
  mcp: z.record(plainName, z.unknown(), { error: "an object of MCP servers by name" }).default({}),
  reset: resetPolicy({ rules: z.array(resetRule, { error: "a list of policies" }).optional() }).default({
    mode: "none",
  }),
  busy: strict({
    mode: busy.mode.default(DEFAULT_BUSY.mode),
    debounceMs: busy.debounceMs.default(DEFAULT_BUSY.debounceMs),
    maxWaiting: busy.maxWaiting.default(DEFAULT_BUSY.maxWaiting),
    rules: z.array(busyRule, { error: "a list of policies" }).default([]),
  }).prefault({}),
  scope: strict({
    group: oneOf(["person", "shared"]).default("person"),
    thread: oneOf(["shared", "person"]).default("shared"),
  }).prefault({}),
  turn: strict({
    concurrency: wholeNumber(1, 1000).default(16),
    maxAttempts: wholeNumber(1, 100).default(5),
    leaseMs: timerMs(1000).default(30_000),
    backoff: strict({ firstMs: wholeNumber(0).default(1000), maxMs: wholeNumber(0).default(60_000) }).prefault({}),
    maxMessages: wholeNumber(1, 1000).default(50),
    maxAgeMs: wholeNumber(0).default(6 * HOUR_MS),
  }).prefault({}),
  telegram: strict(
    {
      apiBaseUrl: httpUrl.overwrite((url) => url.replace(/\/+$/, "")).default("https://api.telegram.org"),
      streaming: z.boolean({ error: "true or false" }).default(true),
    },
    "TELEGRAM_BOT_TOKEN",
  ).prefault({}),
  access: strict({
    dm: oneOf(DIRECT_MESSAGES).default("pairing"),
    allow: z.array(allowEntry, { error: "a list of platform:id" }).default([]),
    personPerMinute: wholeNumber(1, 10_000).default(20),
    chatPerMinute: wholeNumber(1, 10_000).default(60),
  }).prefault({}),
  webhooks: z
    .record(plainName, strict({ replyUrl: httpUrl.optional() }), { error: "an object of webhooks by name" })
    .default({}),
  hooks: strict(handlers).prefault({}),
  receiptRetentionMs: wholeNumber(DAY_MS).default(7 * DAY_MS),
  eventRetentionMs: wholeNumber(1).default(7 * DAY_MS),
});
