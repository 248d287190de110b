import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { settle } from "../turn/eventually.ts";
import { assertProblem, openApp } from "./app-setup.ts";
import type { MessagePage, SessionPage } from "./body.ts";
import { begin, say } from "./event-rig.ts";

interface GlancePage {
  readonly sessions: readonly {
    readonly id: string;
    readonly isBusy?: boolean;
    readonly lastEntry?: { readonly role: string; readonly text: string; readonly createdAt: number } | null;
  }[];
}

describe("GET /api/sessions?glance=true", () => {
  test("shows beside each session whether it is busy and what was said last", async () => {
    await using under = await openApp();
    const tea = await say(under, "hello");
    await under.answer(`Hello, Ada. ${"x".repeat(300)}`);
    under.clock.advance(1_000);
    const coffee = await say(under, "hello", { chat: "coffee" });
    const { body } = await under.call<GlancePage>("GET", "/api/sessions?glance=true");
    const [first, second] = body.sessions;
    assert.deepEqual([first?.id, first?.isBusy, first?.lastEntry?.text], [coffee, true, "hello"]);
    assert.deepEqual([second?.id, second?.isBusy, second?.lastEntry?.role], [tea, false, "assistant"]);
    assert.equal(second?.lastEntry?.text.length, 200);
    await begin(under);
    const claimed = await under.call<GlancePage>("GET", "/api/sessions?glance=true&limit=1");
    assert.equal(claimed.body.sessions[0]?.isBusy, true);
  });

  test("is asked for", async () => {
    await using under = await openApp();
    await say(under, "hello");
    for (const query of ["", "?glance=false"]) {
      const { body } = await under.call<SessionPage>("GET", `/api/sessions${query}`);
      assert.equal("isBusy" in (body.sessions[0] ?? {}), false);
    }
    assertProblem(await under.call("GET", "/api/sessions?glance=yes"), 400, "invalid-request");
  });
});

describe("GET /api/sessions/{id}/messages", () => {
  test("shows the newest first, and what came after a message", async () => {
    await using under = await openApp();
    const id = await say(under, "one");
    for (const text of ["two", "three", "four"]) await say(under, text);
    const texts = async (query: string): Promise<string[]> => {
      const { body } = await under.call<MessagePage>("GET", `/api/sessions/${id}/messages${query}`);
      return body.messages.map(({ text }) => text);
    };
    assert.deepEqual(await texts("?order=newest&limit=2"), ["four", "three"]);
    assert.deepEqual(await texts("?after=2"), ["three", "four"]);
    assert.deepEqual(await texts("?after=1&order=newest&limit=2"), ["four", "three"]);
    assert.deepEqual(await texts("?after=4"), []);
    const first = await under.call<MessagePage>("GET", `/api/sessions/${id}/messages?after=1&limit=2`);
    assert.deepEqual(await texts(`?after=1&cursor=${first.body.nextCursor}`), ["four"]);
    for (const query of ["?order=random", "?after=-1", "?after=last"]) {
      assertProblem(await under.call("GET", `/api/sessions/${id}/messages${query}`), 400, "invalid-request");
    }
  });
});

describe("GET /api/stats", () => {
  test("counts what is stored, beside what was received", async () => {
    const received = { signal: 4, duplicate: 3, rejected: 0, command: 1, failed: 0, accepted: 1 };
    await using under = await openApp({ ports: () => ({ counts: () => ({ received, emptySessionsAvoided: 2 }) }) });
    await say(under, "hello");
    await under.answer("Hello, Ada.");
    const { status, body } = await under.call("GET", "/api/stats");
    assert.deepEqual(
      [status, body],
      [200, { sessions: 1, liveSessions: 1, emptySessions: 0, entries: 2, emptySessionsAvoided: 2, received }],
    );
  });

  test("counts once for all who ask while it counts, and then all that was stored before they asked", async () => {
    let counted = 0;
    let goOn = (): void => {};
    const held = new Promise<void>((resolve) => (goOn = resolve));
    await using under = await openApp({
      ports: ({ reader }) => ({
        reader: {
          ...reader,
          stats: async () => {
            counted += 1;
            const found = await reader.stats();
            if (counted === 1) await held;
            return found;
          },
        },
      }),
    });
    const first = under.call<Record<string, unknown>>("GET", "/api/stats");
    await settle();
    await say(under, "hello");
    const others = Array.from({ length: 10 }, () => under.call<Record<string, unknown>>("GET", "/api/stats"));
    await settle();
    goOn();
    assert.equal((await first).body["sessions"], 0);
    for (const { body } of await Promise.all(others)) assert.equal(body["sessions"], 1);
    assert.equal(counted, 2);
  });
});
