/**
 * An ACP agent that plays `acp.json` of its folder and leaves what it does in files beside it. It speaks JSON-RPC
 * without a library, so that both sides are not read by the same eyes.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { AgentAct, AgentEnding } from "../../src/testing/agent-subject.ts";

interface PermitAct {
  readonly permit: string;
  readonly options: readonly { readonly optionId: string; readonly name: string; readonly kind: string }[];
}

type AcpAct =
  | AgentAct
  /** Asks for permission to do this, and says what was answered. */
  | PermitAct
  /** Asks for several at once. */
  | { readonly permits: readonly PermitAct[] }
  /** Asks the client for something else, and says the code of the error. */
  | { readonly request: string }
  /** Sends an update as it stands. */
  | { readonly update: object }
  /** Writes a line as it stands. */
  | { readonly raw: string }
  /** Ends, in the middle. */
  | "exit";

export interface AcpScript {
  /** What is played for each prompt of a process; the last one again and again. */
  readonly prompts: readonly { readonly acts: readonly AcpAct[]; readonly ending: AgentEnding | { stop: string } }[];
  readonly can?: {
    readonly load?: boolean;
    readonly resume?: boolean;
    readonly close?: boolean;
    readonly image?: boolean;
  };
  /** It goes on when it is cancelled, and when it is asked to end. */
  readonly stubborn?: boolean;
  /** It ends as soon as it has answered a prompt. */
  readonly leaves?: boolean;
  /** It no longer knows sessions of another process, whatever it can. */
  readonly forgets?: boolean;
  /** What it answers in place of what it should, by method. */
  readonly answers?: Readonly<Record<string, object>>;
  /** Requests that it never answers, and those that it answers when it is released. */
  readonly silent?: readonly string[];
  readonly slow?: readonly string[];
  /** Written to standard output and to standard error before anything else. */
  readonly banner?: string;
  readonly stderr?: readonly string[];
}

const {
  prompts,
  can = {},
  answers = {},
  silent = [],
  slow = [],
  ...script
} = JSON.parse(readFileSync("acp.json", "utf8")) as AcpScript;
type Message = {
  id?: number;
  method?: string;
  params?: Record<string, unknown>;
  result?: unknown;
  error?: { code: number };
};

const FAULTS = { unavailable: -32_603, quota: 429, refused: -32_602, context: 413 };
const STOPS = { done: "end_turn", length: "max_tokens", filtered: "refusal" };
const cancelled = new Set<string>();
const waiting = new Map<number, (message: Message) => void>();
let played = 0;
let nextId = 1_000;

const send = (message: object): void => void writeSync(1, `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
const note = (file: string, line: string): void => appendFileSync(file, `${line}\n`);
const ask = (method: string, params: object): Promise<Message> => {
  const id = (nextId += 1);
  send({ id, method, params });
  return new Promise((resolve) => waiting.set(id, resolve));
};

mkdirSync("sessions", { recursive: true });
note("started", String(process.pid));
if (script.stubborn === true) process.on("SIGTERM", () => note("asked-to-end", ""));
if (script.banner !== undefined) writeSync(1, `${script.banner}\n`);
for (const line of script.stderr ?? []) writeSync(2, `${line}\n`);

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const message = JSON.parse(line) as Message;
    note("received", line);
    if (message.method === undefined) waiting.get(message.id ?? 0)?.(message);
    else if (message.method === "session/cancel") cancelled.add(String(message.params?.["sessionId"]));
    else void answer(message.id ?? 0, message.method, message.params ?? {});
  })
  .on("close", () => {
    if (script.stubborn !== true) process.exit(0);
  });

async function answer(id: number, method: string, params: Record<string, unknown>): Promise<void> {
  if (silent.includes(method)) return;
  if (slow.includes(method)) while (!existsSync("released")) await sleep(5);
  const sessionId = String(params["sessionId"]);
  const own = answers[method];
  if (own !== undefined) send({ id, ...own });
  else if (method === "initialize") send({ id, result: initialized() });
  else if (method === "session/new") {
    const made = `acp-${process.pid}-${(nextId += 1)}`;
    writeFileSync(`sessions/${made}`, "");
    send({ id, result: { sessionId: made } });
  } else if (method === "session/load" || method === "session/resume") {
    const isKnown = script.forgets !== true && existsSync(`sessions/${sessionId}`);
    if (isKnown && method === "session/load") say(sessionId, "REPLAYED");
    send({ id, ...(isKnown ? { result: {} } : { error: { code: -32_002, message: "wisteria-lane" } }) });
  } else if (method === "session/prompt") await prompt(id, sessionId);
  else send({ id, result: {} });
}

function initialized(): object {
  const { load = false, resume = false, close = false, image = false } = can;
  const sessionCapabilities = { ...(resume ? { resume: {} } : {}), ...(close ? { close: {} } : {}) };
  return {
    protocolVersion: 1,
    agentCapabilities: { loadSession: load, promptCapabilities: { image }, sessionCapabilities },
    authMethods: [{ id: "browser", name: "Log in with a browser" }],
  };
}

function say(sessionId: string, text: string): void {
  update(sessionId, { sessionUpdate: "agent_message_chunk", content: { type: "text", text } });
}

function update(sessionId: string, given: object): void {
  send({ method: "session/update", params: { sessionId, update: given } });
}

async function prompt(id: number, sessionId: string): Promise<void> {
  cancelled.delete(sessionId);
  const { acts, ending } = prompts[Math.min(played, prompts.length - 1)] ?? { acts: [], ending: { stop: "end_turn" } };
  played += 1;
  note("asked", String(process.pid));
  const isStopped = (): boolean => cancelled.has(sessionId) && script.stubborn !== true;
  for (const act of acts) {
    if (isStopped()) break;
    if (act === "hold") while (!existsSync("released") && !isStopped()) await sleep(5);
    else if (act === "mark") note("marks", "mark");
    else if (act === "exit") process.exit(7);
    else if ("say" in act) say(sessionId, act.say);
    else if ("raw" in act) writeSync(1, `${act.raw}\n`);
    else if ("update" in act) update(sessionId, act.update);
    else if ("request" in act) say(sessionId, String((await ask(act.request, { sessionId })).error?.code ?? "granted"));
    else if ("permit" in act) say(sessionId, `[${await permit(sessionId, act.permit, act.options)}]`);
    else if ("permits" in act) {
      const chosen = await Promise.all(
        act.permits.map(({ permit: title, options }) => permit(sessionId, title, options)),
      );
      say(sessionId, chosen.map((option) => `[${option}]`).join(""));
    } else if ("ask" in act) {
      const options = act.ask.choices.map(({ id: optionId, label: name }) => ({ optionId, name, kind: "allow_once" }));
      const chosen = await permit(sessionId, act.ask.text, options);
      if (!isStopped()) say(sessionId, chosen === "cancelled" ? "nobody" : chosen);
    } else if ("call" in act) call(sessionId, act.call);
    // What is written at once would be read at once.
    await new Promise(setImmediate);
  }
  note("ended", String(process.pid));
  if (isStopped()) send({ id, result: { stopReason: "cancelled" } });
  else if (ending === "break") process.exit(1);
  else if ("stop" in ending) send({ id, result: { stopReason: ending.stop } });
  else if ("fault" in ending) {
    const { retryAfterMs } = ending;
    const data = { said: "wisteria-lane", ...(retryAfterMs === null ? {} : { retryAfterMs }) };
    send({ id, error: { code: FAULTS[ending.fault], message: "You said wisteria-lane.", data } });
  } else {
    const usage = ending.usage === null ? {} : { usage: { totalTokens: 99, ...ending.usage } };
    send({ id, result: { stopReason: STOPS[ending.finish], ...usage } });
  }
  if (script.leaves === true) process.exit(0);
}

function call(sessionId: string, title: string): void {
  const toolCallId = `call-${(nextId += 1)}`;
  update(sessionId, { sessionUpdate: "tool_call", toolCallId, title, kind: "search", status: "pending" });
  update(sessionId, { sessionUpdate: "tool_call_update", toolCallId, status: "in_progress" });
  update(sessionId, { sessionUpdate: "tool_call_update", toolCallId, status: "completed" });
}

/** The id of the option that was chosen, or `cancelled`. */
async function permit(sessionId: string, title: string, options: PermitAct["options"]): Promise<string> {
  const toolCallId = `call-${(nextId += 1)}`;
  update(sessionId, { sessionUpdate: "tool_call", toolCallId, title, kind: "execute", status: "pending" });
  const { result } = await ask("session/request_permission", { sessionId, toolCall: { toolCallId }, options });
  const { outcome } = result as { outcome: { outcome: string; optionId?: string } };
  return outcome.optionId ?? outcome.outcome;
}
