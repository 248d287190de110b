/** Who may know whom. A room is a folder of `src/`; it sees itself and the rooms of its row, nothing else. */

const NOUNS = ["lib", "core"];
const STORE = [...NOUNS, "store"];
const PARTS = ["hook", "telemetry", "access", "agent", "platform", "config"];
const PIPELINE = ["inbox", "turn", "outbox", "command"];

export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  core: ["lib"],
  store: NOUNS,
  "store/sqlite": STORE,

  hook: STORE,
  telemetry: STORE,
  access: STORE,
  agent: STORE,
  platform: STORE,
  // The agent port alone: an agent written in code can stand in the configuration.
  config: [...STORE, "agent"],

  inbox: [...STORE, ...PARTS],
  turn: [...STORE, ...PARTS],
  outbox: [...STORE, ...PARTS],
  command: [...STORE, ...PARTS],

  http: [...STORE, ...PARTS, ...PIPELINE],
  gateway: [...STORE, ...PARTS, ...PIPELINE, "http", "store/sqlite"],
  cli: [...STORE, ...PARTS, ...PIPELINE, "http", "gateway"],

  testing: [...STORE, "agent", "platform"],
};

/** The files directly in `src/`: what the outside world imports or runs. No room imports one. */
export const ENTRY_POINTS: Readonly<Record<string, readonly string[]>> = {
  "index.ts": [...STORE, ...PARTS, ...PIPELINE, "http", "gateway", "store/sqlite"],
  "sqlite.ts": [...STORE, "store/sqlite"],
  "testing.ts": [...STORE, "testing"],
  "bin.ts": ["cli"],
};

/** Which rooms use which package. What is not listed is not imported; other modules of Node are free. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  "node:sqlite": ["store/sqlite"],
  "@agentclientprotocol/sdk": ["agent"],
  "@ai-sdk/anthropic": ["agent"],
  "@ai-sdk/openai-compatible": ["agent"],
  "@hono/node-server": ["http"],
  "@modelcontextprotocol/client": ["agent"],
  "@opentelemetry/api": ["telemetry"],
  ai: ["agent"],
  "@chat-adapter/telegram": ["platform"],
  chat: ["platform"],
  commander: ["cli"],
  croner: ["core"],
  "eventsource-parser": ["agent", "cli"],
  "fast-check": ["testing"],
  hono: ["http"],
  pino: ["telemetry"],
  "prom-client": ["telemetry"],
  standardwebhooks: ["lib"],
  zod: ["agent", "config", "http", "platform"],
};

/** What the page is made of; it knows no room, and no room knows it. */
export const PAGE_PACKAGES: readonly string[] = ["@preact/signals", "dompurify", "marked", "preact"];

/** Who reads `process.env`. */
export const READS_ENVIRONMENT: readonly string[] = ["config", "bin.ts"];

/** Words that say nothing about what a file holds. */
export const EMPTY_WORDS: readonly string[] = [
  "common",
  "helper",
  "helpers",
  "manager",
  "misc",
  "service",
  "types",
  "util",
  "utils",
];

export const MAX_LINES = 300;
