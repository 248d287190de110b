import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { openApp } from "./app-setup.ts";
import type { AppUnderTest } from "./app-setup.ts";
import type { SessionBody } from "./body.ts";
import { type BegunTurn, say, shownReplies, step, storedIds, tryBegin } from "./event-rig.ts";
import { openEvents } from "./event-stream.ts";
import type { OpenStream } from "./event-stream.ts";

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

async function lastEvent(under: AppUnderTest): Promise<number> {
  return (await under.store.reader.eventRange()).last;
}

/** A client that loses its connection now and then and comes back with the last id it has seen. */
class Client {
  readonly ids: number[] = [];
  #stream: OpenStream | null = null;
  #lastId: number;
  readonly #under: AppUnderTest;
  readonly #query: string;

  constructor(under: AppUnderTest, query: string, lastId: number) {
    this.#under = under;
    this.#query = query;
    this.#lastId = lastId;
  }

  get stream(): OpenStream | null {
    return this.#stream;
  }

  async connect(): Promise<void> {
    this.#stream ??= await openEvents(this.#under, this.#query, { headers: { "last-event-id": String(this.#lastId) } });
  }

  async lose(): Promise<void> {
    if (this.#stream === null) return;
    await this.#stream.leave();
    if (this.#stream.lastId() >= 0) this.#lastId = this.#stream.lastId();
    this.ids.push(...storedIds(this.#stream));
    this.#stream = null;
  }
}

type Step = {
  readonly do: "say" | "begin" | "hear" | "again" | "end" | "reset" | "step" | "lose" | "connect" | "tick";
  readonly pick: number;
};

const CHATS = ["tea", "coffee", "milk"];

async function play(under: AppUnderTest, client: Client, steps: readonly Step[]): Promise<Map<BegunTurn, string>> {
  const running = new Map<BegunTurn, string>();
  for (const { do: what, pick } of steps) {
    const chat = CHATS[pick % CHATS.length] ?? "";
    const turn = Array.from(running.keys())[pick % Math.max(1, running.size)];
    if (what === "say") await say(under, "hello", { chat });
    if (what === "begin") {
      const begun = await tryBegin(under);
      if (begun !== null) running.set(begun, "");
    }
    if (what === "hear" && turn !== undefined) {
      // More than is told at once, now and then.
      const text = `${pick} `.repeat(pick % 5 === 0 ? 20_000 : 1);
      turn.hear(text);
      running.set(turn, `${running.get(turn)}${text}`);
    }
    if (what === "again" && turn !== undefined) {
      turn.again();
      running.set(turn, "");
    }
    if (what === "end" && turn !== undefined) {
      await turn.end("done");
      running.delete(turn);
    }
    if (what === "reset") await under.call("POST", `/api/chats/${chat}/reset?from=ada`);
    if (what === "step") {
      under.events.wake();
      under.clock.advance(40);
    }
    if (what === "lose") await client.lose();
    if (what === "connect") await client.connect();
    if (what === "tick") await new Promise((resolve) => setImmediate(resolve));
  }
  return running;
}

const STEPS: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    do: fc.constantFrom(
      "say",
      "begin",
      "hear",
      "hear",
      "again",
      "end",
      "reset",
      "step",
      "step",
      "lose",
      "connect",
      "tick",
    ),
    pick: fc.nat(99),
  }),
  { minLength: 10, maxLength: 80 },
);

describe("wherever connections are lost", () => {
  test("every stored event arrives once and in order, and every running reply is whole", async () => {
    await fc.assert(
      fc.asyncProperty(STEPS, async (steps) => {
        await using under = await openApp();
        // Keeps the feed going, so that the client joins it ahead of it, behind it and beside it.
        await using steady = await openEvents(under);
        const client = new Client(under, "", 0);
        const running = await play(under, client, steps);
        await client.connect();
        await step(under);
        await step(under);
        const shown = shownReplies(client.stream ?? { events: [] });
        for (const [turn, text] of running) assert.ok(shown.get(turn.turnId) === text);
        await client.lose();
        for (const ids of [client.ids, storedIds(steady)]) assert.deepEqual(ids, range(1, await lastEvent(under)));
        assert.deepEqual(under.faults, []);
      }),
      { numRuns: 60 },
    );
  });

  test("the reader of a chat misses nothing of any of its lives, and hears of no other", async () => {
    await fc.assert(
      fc.asyncProperty(STEPS, async (steps) => {
        await using under = await openApp();
        await using _steady = await openEvents(under);
        const client = new Client(under, "?chat=tea&from=ada", 0);
        const running = await play(under, client, steps);
        await client.connect();
        await step(under);
        await step(under);
        const shown = shownReplies(client.stream ?? { events: [] });
        const { body: current } = await under.call<SessionBody>("GET", "/api/chats/tea/session?from=ada");
        for (const [{ turnId, sessionId }, text] of running) {
          if (sessionId === current.id) assert.ok(shown.get(turnId) === text);
        }
        await client.lose();
        const stored = await under.store.reader.events({ after: 0, limit: 1_000 });
        const ours = stored.filter(({ session }) => session?.source.chat === "tea");
        assert.deepEqual(
          client.ids,
          ours.map(({ event }) => event.id),
        );
      }),
      { numRuns: 60 },
    );
  });
});
