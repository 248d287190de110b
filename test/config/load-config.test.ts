import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadConfig } from "../../src/config/load-config.ts";
import { createFolder, load, refusal } from "./loading.ts";

const TOKEN = "0123456789abcdef";

test("nothing given is a working configuration on loopback", async (t) => {
  const { config, origins, notes, file } = await load(t);
  assert.deepEqual(config, {
    server: {
      host: "127.0.0.1",
      port: 8787,
      bodyLimitBytes: 1_048_576,
      requestTimeoutMs: 30_000,
      drainMs: 10_000,
      allowedHosts: [],
    },
    dataDirectory: "/home/ada/.local/share/parlor",
    logLevel: "info",
    token: null,
    agent: { kind: "echo", delayMs: 0 },
    agents: {},
    routes: [],
    mcp: {},
    reset: { default: { mode: "none" }, rules: [] },
    busy: { default: { mode: "collect", debounceMs: 0, maxWaiting: 100 }, rules: [] },
    scope: { group: "person", thread: "shared" },
    turn: {
      concurrency: 16,
      maxAttempts: 5,
      leaseMs: 30_000,
      backoff: { firstMs: 1000, maxMs: 60_000 },
      maxMessages: 50,
      maxAgeMs: 21_600_000,
    },
    telegram: null,
    access: { dm: "pairing", allow: [], personPerMinute: 20, chatPerMinute: 60 },
    webhooks: {},
    hooks: {},
    receiptRetentionMs: 604_800_000,
    eventRetentionMs: 604_800_000,
  });
  assert.deepEqual(new Set(Object.values(origins)), new Set(["default"]));
  assert.deepEqual(notes, []);
  assert.equal(file, null);
});

test("the command line wins over the environment, that over .env, that over the file, that over the default", async (t) => {
  const layers = [
    {
      origin: "parlor.config.ts",
      port: 1,
      given: { files: { "parlor.config.ts": "export default { server: { port: 1 } };" } },
    },
    { origin: ".env", port: 2, given: { files: { ".env": "PORT=2\n" } } },
    { origin: "environment", port: 3, given: { env: { PORT: "3" } } },
    { origin: "command line", port: 4, given: { overrides: { port: "4" } } },
  ] as const;
  let files = {};
  let others = {};
  for (const { origin, port, given } of layers) {
    if ("files" in given) files = { ...files, ...given.files };
    else others = { ...others, ...given };
    const loaded = await load(t, { ...others, files });
    assert.equal(loaded.config.server.port, port);
    assert.equal(loaded.origins["server.port"], origin);
    assert.equal(loaded.origins["server.host"], "default", "only the value that was given has its origin");
  }
});

test("every option of the command line reaches its setting", async (t) => {
  const { config, origins } = await load(t, {
    overrides: { host: "localhost", port: 0, dataDirectory: "/data", logLevel: "debug" },
  });
  assert.deepEqual(
    [config.server.host, config.server.port, config.dataDirectory, config.logLevel],
    ["localhost", 0, "/data", "debug"],
  );
  for (const key of ["server.host", "server.port", "dataDirectory", "logLevel"]) {
    assert.equal(origins[key], "command line");
  }
});

test("an empty variable counts as unset", async (t) => {
  const { config, origins } = await load(t, { env: { PORT: "" }, files: { ".env": "PORT=9\n" } });
  assert.equal(config.server.port, 9);
  assert.equal(origins["server.port"], ".env");
});

test("the data directory follows XDG, and a relative one starts at the working directory", async (t) => {
  const cwd = createFolder(t);
  const directory = async (env: Record<string, string>): Promise<string> =>
    (await loadConfig({ env: { HOME: "/home/ada", ...env }, cwd })).config.dataDirectory;
  assert.equal(await directory({ XDG_DATA_HOME: "/xdg" }), "/xdg/parlor");
  assert.equal(await directory({ XDG_DATA_HOME: "relative" }), "/home/ada/.local/share/parlor");
  assert.equal(await directory({ XDG_DATA_HOME: "/xdg", PARLOR_HOME: "data" }), join(cwd, "data"));
  assert.equal(await directory({ PARLOR_HOME: "~/talk" }), "/home/ada/talk");
});

test("every problem is listed, each with where it comes from, what was expected and what was found", async (t) => {
  const message = await refusal(t, {
    env: { PORT: "80a", PARLOR_MODEL: "m" },
    files: { ".env": "LOG_LEVEL=loud\n", "parlor.config.ts": "export default { turn: { concurrency: 0 } };" },
    overrides: { host: "0.0.0.0" },
  });
  const [first, ...problems] = message.split("\n");
  assert.equal(first, "The configuration has 5 problems:");
  assert.deepEqual(problems.toSorted(), [
    '- --host (command line) is "0.0.0.0", which others can reach, so PARLOR_TOKEN must be set too (16 characters or more); set it, or listen on 127.0.0.1.',
    '- LOG_LEVEL (.env) must be one of fatal, error, warn, info, debug, trace, silent; found "loud".',
    "- PARLOR_MODEL (environment) needs to know where the model is: set OPENAI_BASE_URL (any OpenAI-compatible endpoint), OPENAI_API_KEY or ANTHROPIC_API_KEY.",
    '- PORT (environment) must be a whole number from 0 to 65535; found "80a".',
    "- turn.concurrency (parlor.config.ts) must be a whole number from 1 to 1000; found 0.",
  ]);
});

test("a host that others can reach is refused in one line without a token, and accepted with one", async (t) => {
  const message = await refusal(t, { env: { HOST: "0.0.0.0" } });
  assert.match(message, /^HOST \(environment\) is "0\.0\.0\.0", which others can reach, so PARLOR_TOKEN must be set/);
  assert.ok(!message.includes("\n"));
  const { config } = await load(t, { env: { HOST: "0.0.0.0", PARLOR_TOKEN: TOKEN } });
  assert.equal(config.token?.reveal(), TOKEN);
});

test("PostgreSQL is refused without showing the password in its URL", async (t) => {
  const message = await refusal(t, { env: { DATABASE_URL: "postgres://ada:sesame@db/parlor" } });
  assert.match(
    message,
    /PostgreSQL is not part of this version; unset DATABASE_URL to use SQLite in the data directory\./,
  );
  assert.doesNotMatch(message, /sesame/);
  assert.match(await refusal(t, { env: { DATABASE_URL: "sqlite:x.db" } }), /must be unset to use SQLite/);
});

test("a variable that was probably misspelt is noted, and one of a cluster is not", async (t) => {
  const { notes } = await load(t, { env: { PARLOR_TOKN: "x", PARLOR_SERVICE_HOST: "10.0.0.1" } });
  assert.deepEqual(notes, ["PARLOR_TOKN is not a variable of Parlor; did you mean PARLOR_TOKEN?"]);
  const message = await refusal(t, { env: { PARLOR_TOKN: TOKEN, HOST: "::" } });
  assert.match(message, /\nNote: PARLOR_TOKN is not a variable of Parlor; did you mean PARLOR_TOKEN\?$/);
});

test("an .env that is not a file is refused", async (t) => {
  const cwd = createFolder(t);
  mkdirSync(join(cwd, ".env"));
  await assert.rejects(loadConfig({ env: {}, cwd }), {
    code: "INVALID_CONFIG",
    message: /\.env must be a file that can be read/,
  });
});
