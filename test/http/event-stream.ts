/** Reads a stream of live events as a client does. */
import assert from "node:assert/strict";
import { eventually } from "../turn/eventually.ts";
import type { AppUnderTest, CallInit } from "./app-setup.ts";

export interface SentEvent {
  readonly event: string;
  readonly id: number | null;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface OpenStream extends AsyncDisposable {
  /** Everything that has arrived. */
  readonly events: readonly SentEvent[];
  /** What a browser would send as `Last-Event-ID` when it comes back. */
  readonly lastId: () => number;
  /** How many signs of life have arrived. */
  readonly heartbeats: () => number;
  readonly isClosed: () => boolean;
  /** Waits until an event of this name has arrived, or `count` of them. */
  until(name: string, count?: number): Promise<readonly SentEvent[]>;
  /** The events of these names, in order. */
  named(...names: readonly string[]): readonly SentEvent[];
  leave(): Promise<void>;
}

/** Opens a stream of an app and reads it from then on. */
export async function openEvents(under: AppUnderTest, query = "", init: CallInit = {}): Promise<OpenStream> {
  const response = await under.fetch("GET", `/api/events${query}`, init);
  assert.equal(response.status, 200, await (response.status === 200 ? "" : response.text()));
  assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  assert.ok(response.body !== null);
  return readEvents(response.body);
}

export function readEvents(body: ReadableStream<Uint8Array>): OpenStream {
  const events: SentEvent[] = [];
  let lastId = -1;
  let heartbeats = 0;
  let isClosed = false;
  const reader = body.getReader();
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    let rest = "";
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      const blocks = (rest + decoder.decode(chunk.value, { stream: true })).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = eventIn(block);
        lastId = idIn(block) ?? lastId;
        if (event === null) heartbeats += 1;
        else events.push(event);
      }
    }
    assert.equal(rest, "");
    isClosed = true;
  };
  const reading = read();
  const named = (...names: readonly string[]): readonly SentEvent[] =>
    events.filter(({ event }) => names.includes(event));
  const leave = async (): Promise<void> => {
    await reader.cancel();
    await reading;
  };
  return {
    events,
    lastId: () => lastId,
    heartbeats: () => heartbeats,
    isClosed: () => isClosed,
    until: (name, count = 1) => eventually(() => (named(name).length >= count ? named(name) : null)),
    named,
    leave,
    [Symbol.asyncDispose]: leave,
  };
}

function eventIn(block: string): SentEvent | null {
  const event = /^event: (.+)$/m.exec(block)?.[1];
  const data = /^data: (.+)$/m.exec(block)?.[1];
  if (event === undefined || data === undefined) {
    assert.match(block, /^:(\nid: \d+)?$/);
    return null;
  }
  assert.match(block, /^event: [\w:]+\n(id: \d+\n)?data: .*$/, "one line each, in this order");
  return { event, id: idIn(block), data: JSON.parse(data) as SentEvent["data"] };
}

function idIn(block: string): number | null {
  const id = /^id: (\d+)$/m.exec(block)?.[1];
  return id === undefined ? null : Number(id);
}
