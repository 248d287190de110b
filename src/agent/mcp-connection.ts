/**
 * One MCP server, connected when it is first needed and shared by all turns.
 *
 *     closed ──needed──▶ opening ──▶ open ──breaks──▶ closed
 *        any ──close──▶ ended
 *
 * There is one connection at most. Who waits for it may leave without ending it for the others.
 */
import type { LookupFunction } from "node:net";
import type * as McpSdk from "@modelcontextprotocol/client";
import type { CallToolResult, Client, Tool, Transport } from "@modelcontextprotocol/client";
import type { Clock } from "../lib/clock.ts";
import { untilAborted } from "../lib/until-aborted.ts";
import type { CommandLaunch } from "./command-process.ts";
import { isForgotten, isForgottenOrBad, mcpFault } from "./mcp-fault.ts";
import { createMcpFetch } from "./mcp-fetch.ts";
import { createStdioTransport } from "./mcp-stdio.ts";
import { createTimeLimit } from "./time-limit.ts";

export type McpServer =
  | {
      readonly command: CommandLaunch["command"];
      /** Absolute: where the program starts. */
      readonly cwd: string;
      /** All that the program finds in its environment. */
      readonly env: Readonly<Record<string, string>>;
    }
  | {
      readonly url: string;
      /** Sent as a bearer token. Default: none is sent. */
      readonly token?: string | undefined;
      /** Whether its address may be one of this machine or of a private network. Default: false. */
      readonly allowPrivate?: boolean | undefined;
    };

export interface McpConnectionOptions {
  /** What the configuration calls it. */
  readonly name: string;
  readonly server: McpServer;
  readonly clock: Clock;
  /** Told of what a program writes to standard error. */
  readonly onStderr: (line: string) => void;
  /** What the server is told of us. Default: `0`. */
  readonly version?: string | undefined;
  /** How a name becomes addresses. Default: the way of the system. */
  readonly lookup?: LookupFunction | undefined;
}

export interface McpConnection {
  readonly name: string;
  /**
   * The tools it has now.
   *
   * @throws AgentError when it cannot be asked; the signal's reason when that is aborted.
   */
  tools(signal: AbortSignal): Promise<readonly Tool[]>;
  /** Calls a tool once. Aborting the signal tells the server so. Throws what the SDK throws. */
  call(call: McpCall, signal: AbortSignal): Promise<CallToolResult>;
  /** Ends the connection and whatever program is behind it. Nothing is connected after it. */
  close(): Promise<void>;
}

export interface McpCall {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly meta: Readonly<Record<string, unknown>>;
}

type Sdk = Pick<typeof McpSdk, "StreamableHTTPClientTransport" | "deserializeMessage">;

/** How long a server may take until it is connected and has said what it can, in milliseconds. */
const OPEN_MS = 30_000;
/** How long a program may take to end by itself, and then to end when it is asked to. */
const GRACE_MS = 1_000;
/** The SDK has a time limit for every request. Ours are signals, so that a clock can be held still. */
const NEVER_MS = 2 ** 31 - 1;
/** A server may say when to ask for the rest of a response that broke off, but not have us ask without a pause. */
const MIN_RECONNECT_MS = 1_000;
/** The news that a list has changed as it is, without the list. */
const UNCACHED = { autoRefresh: false, debounceMs: 0 };

export function createMcpConnection(options: McpConnectionOptions): McpConnection {
  const { name, server, clock } = options;
  const isProgram = "command" in server;
  const ending = new AbortController();
  let opening: Promise<Client> | null = null;
  let listing: Promise<readonly Tool[]> | null = null;
  let endSession = (): Promise<void> => Promise.resolve();

  async function connect(onClose: () => void): Promise<Client> {
    const sdk = await import("@modelcontextprotocol/client");
    const client = new sdk.Client(
      { name: "parlor", version: options.version ?? "0" },
      {
        // Otherwise the SDK says on the console that a server has no tools.
        enforceStrictCapabilities: true,
        versionNegotiation: { mode: isProgram ? "legacy" : "auto" },
        ...(isProgram ? { listChanged: { tools: { ...UNCACHED, onChanged: () => void (listing = null) } } } : {}),
      },
    );
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK's client is no event target
    client.onclose = onClose;
    try {
      await inTime((signal) => client.connect(transportOf(sdk), { signal, timeout: NEVER_MS }));
    } catch (error) {
      await client.close();
      throw error;
    }
    return client;
  }
  function open(): Promise<Client> {
    if (ending.signal.aborted) return Promise.reject(ending.signal.reason as Error);
    if (opening !== null) return opening;
    const forget = (): void => {
      if (opening !== mine) return;
      opening = null;
      listing = null;
    };
    const mine = connect(forget);
    opening = mine;
    mine.catch(forget);
    return mine;
  }
  async function inTime<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    using limit = createTimeLimit(clock, OPEN_MS);
    limit.restart();
    const signal = AbortSignal.any([limit.signal, ending.signal]);
    try {
      return await untilAborted(work(signal), signal);
    } catch (error) {
      throw limit.signal.aborted ? Object.assign(new Error("No answer in time."), { code: "ETIMEDOUT" }) : error;
    }
  }
  function transportOf(sdk: Sdk): Transport {
    if ("url" in server) {
      const { url, token, allowPrivate = false } = server;
      const transport = new sdk.StreamableHTTPClientTransport(new URL(url), {
        fetch: createMcpFetch({ allowPrivate, lookup: options.lookup }),
        reconnectionScheduler: (reconnect, delayMs) =>
          clock.timer(Math.min(Math.max(delayMs, MIN_RECONNECT_MS), OPEN_MS), reconnect),
        requestInit: token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
      });
      endSession = () => transport.terminateSession();
      return transport;
    }
    const launch = { ...server, setting: `mcp.${name}`, graceMs: GRACE_MS, clock };
    return createStdioTransport({ launch, onStderr: options.onStderr, parse: sdk.deserializeMessage });
  }

  /** On a connection that stands, and once more on a new one when the server has forgotten that. */
  async function ask<T>(run: (client: Client) => Promise<T>, hasForgotten = isForgotten): Promise<T> {
    const before = opening;
    const client = await open();
    try {
      return await run(client);
    } catch (error) {
      if (before === null || !hasForgotten(error)) throw error;
      await client.close();
      return await run(await open());
    }
  }
  /** A program says when its tools change; over HTTP every turn asks, and so learns whether the server is there. */
  function list(): Promise<readonly Tool[]> {
    const mine = ask(
      (client) => inTime((signal) => client.listTools({}, { signal, timeout: NEVER_MS, cacheMode: "refresh" })),
      isForgottenOrBad,
    ).then(({ tools }) => tools);
    const forget = (): void => {
      if (listing === mine) listing = null;
    };
    mine.then(isProgram ? () => {} : forget, forget);
    return mine;
  }

  return {
    name,
    tools: async (signal) => {
      signal.throwIfAborted();
      try {
        return await untilAborted((listing ??= list()), signal);
      } catch (error) {
        signal.throwIfAborted();
        throw mcpFault(name, error);
      }
    },
    call: ({ tool, input, meta }, signal) =>
      ask((client) =>
        client.callTool({ name: tool, arguments: { ...input }, _meta: { ...meta } }, { signal, timeout: NEVER_MS }),
      ),
    close: async () => {
      ending.abort(Object.assign(new Error("The connection was ended."), { code: "CONNECTION_CLOSED" }));
      const client = (await opening?.catch(() => null)) ?? null;
      if (client === null) return;
      using limit = createTimeLimit(clock, GRACE_MS);
      limit.restart();
      // A server that hears no farewell ends the session by itself, some time.
      await untilAborted(endSession(), limit.signal).catch(() => {});
      await client.close();
    },
  };
}
