/** Runs the trace through a whole gateway and counts what is in its store afterwards. */
import type { Source } from "../src/core/source.ts";
import type { Gateway } from "../src/gateway/gateway.ts";
import { openReader } from "../src/gateway/open-store.ts";
import type { Config } from "../src/config/config.ts";
import type { StoreReader } from "../src/store/reader.ts";
import type { Step, Trace } from "./trace.ts";

export interface Outcome {
  readonly rows: number;
  readonly emptyRows: number;
  /** Distinct messages that were said, and how many of them are stored once and in order. */
  readonly messages: number;
  readonly inOrder: number;
  readonly answered: number;
  /** What the gateway itself counted. */
  readonly emptySessionsAvoided: string;
}

/** How many steps are under way at once. */
const AT_ONCE = 256;

export async function replay(
  gateway: Gateway,
  config: Config,
  trace: Trace,
  onProgress: (done: number) => void,
): Promise<Outcome> {
  for (let done = 0; done < trace.steps.length; done += AT_ONCE) {
    onProgress(done);
    await Promise.all(trace.steps.slice(done, done + AT_ONCE).map((step) => perform(gateway, step)));
  }
  onProgress(trace.steps.length);
  using reader = openReader(config);
  await untilAnswered(reader);
  const stats = await reader.stats();
  return {
    rows: stats.sessions,
    emptyRows: stats.emptySessions,
    messages: [...trace.said.values()].flat().length,
    inOrder: await countInOrder(gateway, reader, trace.said),
    answered: stats.messages.answered,
    emptySessionsAvoided: await avoided(gateway),
  };
}

async function perform(gateway: Gateway, step: Step): Promise<void> {
  if (step.kind === "event") await gateway.receive(step.event);
  else await lookUp(gateway, step.source);
}

async function lookUp(gateway: Gateway, source: Source): Promise<string> {
  const url = `http://localhost/api/chats/${encodeURIComponent(source.chat)}/session?from=${encodeURIComponent(source.user)}`;
  const response = await gateway.fetch(new Request(url));
  const { id } = (await response.json()) as { readonly id: string };
  return id;
}

async function untilAnswered(reader: StoreReader): Promise<void> {
  while ((await reader.nextDue()).turn !== null) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function countInOrder(gateway: Gateway, reader: StoreReader, said: Trace["said"]): Promise<number> {
  let count = 0;
  for (const [source, words] of said) {
    const { items } = await reader.transcript(await lookUp(gateway, source));
    const stored = items.filter(({ role }) => role === "user").map(({ text }) => text);
    if (stored.length === words.length) count += stored.filter((text, index) => text === words[index]).length;
  }
  return count;
}

async function avoided(gateway: Gateway): Promise<string> {
  const metrics = await (await gateway.fetch(new Request("http://localhost/metrics"))).text();
  return /^parlor_empty_sessions_avoided_total.*$/m.exec(metrics)?.[0] ?? "not counted";
}
