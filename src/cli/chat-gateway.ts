import type { Config } from "../config/config.ts";
import type { ConfigOverrides } from "../config/layers.ts";
import { ParlorError } from "../core/errors.ts";
import type { Cli } from "./cli.ts";
import { probeGateway } from "./probe-gateway.ts";
import { reachableUrl } from "./reachable-url.ts";

/** The gateway that a chat talks to. Disposing of one of its own stops it. */
export interface ChatGateway extends AsyncDisposable {
  readonly url: string;
  readonly token: string | null;
  /** Whether it was started for this chat, and ends with it. */
  readonly isOwn: boolean;
}

/** How long what does not end by itself may keep the process alive after its own gateway has stopped, in milliseconds. */
const LEFTOVER_MS = 1_000;

/**
 * The gateway at the configured address, or one of its own where there is none.
 *
 * @throws ParlorError `GATEWAY_UNREACHABLE` when another program is there, or it does not answer.
 */
export async function openChatGateway(cli: Cli, overrides: ConfigOverrides): Promise<ChatGateway> {
  const { config } = await cli.loadStoreConfig(overrides);
  if (config.server.port === 0) return await startOwn(cli, overrides);
  const found = await runningGateway(config);
  if (found !== null) return found;
  try {
    return await startOwn(cli, overrides);
  } catch (error) {
    // Another chat may have started one in the meantime.
    const started = error instanceof ParlorError && error.code === "START_FAILED" ? await runningGateway(config) : null;
    if (started !== null) return started;
    throw error;
  }
}

/** Null where nothing listens. */
async function runningGateway({ server, token }: Config): Promise<ChatGateway | null> {
  const url = reachableUrl(server.host, server.port);
  const probe = await probeGateway(url);
  if (probe.outcome === "running") {
    return { url, token: presentable(token?.reveal() ?? null), isOwn: false, [Symbol.asyncDispose]: async () => {} };
  }
  if (probe.isFree === true) return null;
  throw new ParlorError(
    "GATEWAY_UNREACHABLE",
    `Expected a gateway, or nothing, at the configured address; found: ${probe.reason}. Set PORT or HOST, or pass --port.`,
  );
}

async function startOwn(cli: Cli, overrides: ConfigOverrides): Promise<ChatGateway> {
  const { config, notes } = await cli.loadConfig(overrides);
  // Loaded here, because a chat with a gateway that runs does not need it.
  const [{ createGateway }, { createLog }] = await Promise.all([
    import("../gateway/gateway.ts"),
    import("../telemetry/log.ts"),
  ]);
  const isQuiet = ["error", "fatal", "silent"].includes(config.logLevel);
  const log = createLog({ level: isQuiet ? config.logLevel : "warn", pretty: process.stderr.isTTY });
  for (const note of notes) log.warn(note);
  const gateway = createGateway(config, { log });
  const { url } = await gateway.start();
  cli.warn("No gateway was running, so this one answers until you leave.");
  const { hostname, port } = new URL(url);
  return {
    url: reachableUrl(hostname, Number(port)),
    token: config.token?.reveal() ?? null,
    isOwn: true,
    [Symbol.asyncDispose]: async () => {
      await gateway.stop();
      setTimeout(() => process.exit(), LEFTOVER_MS).unref();
    },
  };
}

/** @throws ParlorError for what cannot be sent in a header. */
function presentable(token: string | null): string | null {
  if (token === null || /^[\x21-\x7e]+$/.test(token)) return token;
  throw new ParlorError(
    "INVALID_CONFIG",
    "PARLOR_TOKEN must have visible ASCII characters without spaces; correct it.",
  );
}
