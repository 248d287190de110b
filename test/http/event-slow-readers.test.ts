import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually, settle } from "../turn/eventually.ts";
import { openApp } from "./app-setup.ts";
import type { AppUnderTest, CallInit } from "./app-setup.ts";
import { begin, names, say, shownReplies, step, storedIds } from "./event-rig.ts";
import type { BegunTurn } from "./event-rig.ts";
import { openEvents, readEvents } from "./event-stream.ts";
import type { OpenStream } from "./event-stream.ts";

const BUFFER_BYTES = 256 * 1024;

/** Opens a stream and does not read it. */
async function stall(under: AppUnderTest, query = "", init: CallInit = {}): Promise<ReadableStream<Uint8Array>> {
  const { body, status } = await under.fetch("GET", `/api/events${query}`, init);
  assert.ok(status === 200 && body !== null);
  return body;
}

/** Says more than waits for a reader, a step at a time. */
async function flood(under: AppUnderTest, hear: (text: string) => void, bytes: number): Promise<string> {
  let said = "";
  for (let part = 0; said.length < bytes; part += 1) {
    const text = `${part} `.padEnd(20_000, "x");
    hear(text);
    said += text;
    await step(under);
  }
  return said;
}

describe("a reader that does not keep up", { timeout: 120_000 }, () => {
  test("is cut off with the id to resume from, and misses nothing stored when it does", async () => {
    await using under = await openApp();
    await say(under, "hello");
    const stalled = await stall(under);
    await using other = await openEvents(under);
    const turn = await begin(under);
    await step(under);
    const said = await flood(under, turn.hear, 2 * BUFFER_BYTES);

    await using late = readEvents(stalled);
    await eventually(late.isClosed);
    assert.deepEqual(names(late), ["cut"]);
    const resumeAt = late.events[0]?.data["id"];
    assert.equal(resumeAt, 1);
    await using resumed = await openEvents(under, `?after=${String(resumeAt)}`);
    await shows(resumed, turn, said);
    await shows(other, turn, said);
    assert.deepEqual(storedIds(resumed), [2]);
    assert.equal(other.named("cut").length, 0);
  });

  test("is told the last stored event it has taken", async () => {
    await using under = await openApp();
    const stalled = await stall(under);
    const reader = stalled.getReader();
    await say(under, "hello");
    await step(under);
    let taken = "";
    while (!taken.includes("session:start")) taken += Buffer.from((await reader.read()).value ?? []).toString();
    const turn = await begin(under);
    await step(under);
    await flood(under, turn.hear, 2 * BUFFER_BYTES);
    reader.releaseLock();
    assert.equal((await readAll(stalled)).slice(0, 100), `event: cut\ndata: {"id":1}\n\n`);
  });

  test("has at most its buffer and one step waiting", async () => {
    await using under = await openApp();
    await say(under, "hello");
    const turn = await begin(under);
    const [first, second] = [await stall(under), await stall(under)];
    await settle();
    await flood(under, turn.hear, BUFFER_BYTES);
    const taken = await readAll(first);
    assert.ok(taken.length > BUFFER_BYTES && taken.length < BUFFER_BYTES + 25_000, String(taken.length));
    await flood(under, turn.hear, BUFFER_BYTES);
    const left = await readAll(second);
    assert.ok(left.length < 100, String(left.length));
  });

  test("is disconnected when it does not even take the end, and gives its place back then", async () => {
    let disconnected = 0;
    const incoming = { socket: { destroy: () => (disconnected += 1) } } as unknown as NonNullable<
      NonNullable<CallInit["bindings"]>["incoming"]
    >;
    await using under = await openApp({ feed: { maxReaders: 1 } });
    await say(under, "hello");
    const turn = await begin(under);
    const stalled = await stall(under, "", { bindings: { incoming } });
    await settle();
    await flood(under, turn.hear, 2 * BUFFER_BYTES);
    const refused = await under.fetch("GET", "/api/events");
    assert.deepEqual([refused.status, disconnected], [429, 0]);
    under.clock.advance(10_000);
    assert.equal(disconnected, 1);
    await stalled.cancel();
    await using next = await openEvents(under);
    await next.until("open");
  });

  test("while it catches up is waited for, and costs a page", async () => {
    let reads = 0;
    await using under: AppUnderTest = await openApp({
      feed: {
        reader: {
          events: (query) => {
            if (query.after < 1_000) reads += 1;
            return under.store.reader.events(query);
          },
          eventRange: () => under.store.reader.eventRange(),
        },
      },
    });
    for (let chat = 0; chat < 1_000; chat += 1) await say(under, "hello", { chat: String(chat) });
    const body = await stall(under, "?after=0");
    await settle();
    assert.equal(reads, 1);
    await using late = readEvents(body);
    await eventually(() => late.lastId() === 1_000);
    assert.equal(storedIds(late).length, 1_000);
  });

  test("has no more waiting of what running turns have said before it came", async () => {
    await using under = await openApp();
    await say(under, "hello");
    const turn = await begin(under);
    await using other = await openEvents(under);
    const said = "long ".repeat(200_000);
    turn.hear(said);
    await step(under);
    const stalled = await stall(under);
    await settle();
    const taken = await readAll(stalled, 2);
    assert.ok(taken.length > 1_000 && taken.length < BUFFER_BYTES, String(taken.length));
    await shows(other, turn, said);
  });

  test("is told nothing more of a reply that has ended, or began again, before it was told all of it", async () => {
    await using under = await openApp();
    for (const chat of ["tea", "coffee"]) await say(under, "hello", { chat });
    const [ended, again] = [await begin(under), await begin(under)];
    await using _other = await openEvents(under);
    for (const { hear } of [ended, again]) hear("long ".repeat(200_000));
    await step(under);
    const body = await stall(under);
    await settle();
    again.again();
    again.hear("short");
    await ended.end("done");
    await step(under);
    again.hear("er");
    await step(under);
    await using late = readEvents(body);
    await shows(late, again, "shorter");
    assert.equal(shownReplies(late).has(ended.turnId), false);
    await settle();
    assert.ok(late.named("reply:text").every(({ data }) => String(data["text"]).length < 100_000));
    assert.equal(late.named("reply:start").length, 3);
  });

  test("gets what running turns have said so far, however much that is", async () => {
    await using under = await openApp();
    await say(under, "hello");
    const turn = await begin(under);
    const said = "long ".repeat(200_000);
    turn.hear(said);
    await using first = await openEvents(under);
    await step(under);
    const body = await stall(under);
    await settle();
    turn.hear("more");
    await step(under);
    await using late = readEvents(body);
    await shows(late, turn, `${said}more`);
    await shows(first, turn, `${said}more`);
  });
});

/** Waits until the client shows so much of the reply, and looks whether it is that. */
async function shows(stream: OpenStream, { turnId }: BegunTurn, said: string): Promise<void> {
  const shown = await eventually(() => {
    const text = shownReplies(stream).get(turnId) ?? "";
    return text.length >= said.length ? text : null;
  });
  assert.ok(shown === said, "the client shows what was said");
}

/** Takes what waits, in this many chunks at the most. */
async function readAll(body: ReadableStream<Uint8Array>, chunks = Infinity): Promise<string> {
  const reader = body.getReader();
  let read = "";
  for (let taken = 0; taken < chunks; taken += 1) {
    const part = await Promise.race([reader.read(), settle().then(() => null)]);
    if (part === null || part.done) break;
    read += Buffer.from(part.value).toString();
  }
  await reader.cancel();
  return read;
}
