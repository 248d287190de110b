import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { claim, sentResultOf } from "../../src/testing/contract/steps.ts";
import { assertProblem, openApp } from "./app-setup.ts";
import type { AppUnderTest } from "./app-setup.ts";
import type { HitPage, MessagePage, ResetBody, SessionBody, SessionPage } from "./body.ts";

async function say(under: AppUnderTest, text: string, from = "ada"): Promise<string> {
  const { status, body } = await under.call("POST", "/api/chats/tea/messages", { body: { from, text } });
  assert.equal(status, 202);
  return body.session;
}

const NOWHERE = `ses_${"0".repeat(26)}`;

describe("a conversation by its address (I2)", () => {
  test("is a draft before the first word, under the id it will have, and reading it stores nothing", async () => {
    await using under = await openApp();
    const { status, body } = await under.call<SessionBody>("GET", "/api/chats/tea/session?from=ada");
    assert.deepEqual([status, body.state, body.lastSeq, body.title], [200, "draft", 0, null]);
    assert.equal("persisted" in body || "key" in body, false);
    assert.equal((await under.store.reader.stats()).sessions, 0);
    assert.equal(under.avoided.size, 1);
    assert.equal(await say(under, "hello"), body.id);
    assert.equal((await under.call<SessionBody>("GET", "/api/chats/tea/session?from=ada")).body.state, "live");
  });

  test("takes a title before the first word", async () => {
    await using under = await openApp();
    const titled = await under.call<SessionBody>("PATCH", "/api/chats/tea/session?from=ada", {
      body: { title: "Tea" },
    });
    assert.deepEqual([titled.status, titled.body.state, titled.body.title], [200, "draft", "Tea"]);
    assert.equal((await under.store.reader.stats()).sessions, 0);
    const id = await say(under, "hello");
    assert.equal((await under.call<SessionBody>("GET", `/api/sessions/${id}`)).body.title, "Tea");
  });

  test("is not reset before the first word", async () => {
    await using under = await openApp();
    const { status, body } = await under.call<ResetBody>("POST", "/api/chats/tea/reset?from=ada");
    assert.deepEqual([status, body.reset, body.session.state, body.next], [200, false, "draft", null]);
    assert.equal((await under.store.reader.stats()).sessions, 0);
  });

  test("is reset after it", async () => {
    await using under = await openApp();
    const id = await say(under, "hello");
    const { body } = await under.call<ResetBody>("POST", "/api/chats/tea/reset?from=ada");
    assert.deepEqual([body.reset, body.session.id, body.session.state, body.cancelled], [true, id, "ended", 1]);
    assert.deepEqual([body.next?.state, body.next?.epoch], ["draft", 2]);
  });

  for (const query of ["", "?from=", "?from=ada&form=bob"]) {
    test(`needs to know whose it is: "${query}" is 400`, async () => {
      await using under = await openApp();
      assertProblem(await under.call("GET", `/api/chats/tea/session${query}`), 400, "invalid-request");
      assertProblem(await under.call("POST", `/api/chats/tea/reset${query}`), 400, "invalid-request");
    });
  }
});

describe("a session by its id", () => {
  test("is found when it is stored", async () => {
    await using under = await openApp();
    const id = await say(under, "hello");
    const { status, body } = await under.call<SessionBody>("GET", `/api/sessions/${id}`);
    assert.deepEqual([status, body.id, body.state, body.epoch, body.lastSeq], [200, id, "live", 1, 1]);
    assert.deepEqual([body.source.platform, body.source.chat, body.source.user], ["api", "tea", "ada"]);
  });

  const calls = [
    ["GET", "", undefined],
    ["PATCH", "", { title: "Tea" }],
    ["DELETE", "", undefined],
    ["GET", "/messages", undefined],
    ["POST", "/reset", undefined],
  ] as const;

  for (const [method, suffix, body] of calls) {
    test(`${method} /api/sessions/{id}${suffix} tells never stored from erased (I3)`, async () => {
      await using under = await openApp();
      assertProblem(await under.call(method, `/api/sessions/${NOWHERE}${suffix}`, { body }), 404, "not-found");
      assertProblem(await under.call(method, `/api/sessions/nonsense${suffix}`, { body }), 404, "not-found");
      const id = await say(under, "hello");
      await under.call("DELETE", `/api/sessions/${id}`);
      assertProblem(await under.call(method, `/api/sessions/${id}${suffix}`, { body }), 410, "gone");
      assert.equal((await under.store.reader.stats()).sessions, 0);
    });

    test(`${method} /api/sessions/{id}${suffix} does not reach a draft`, async () => {
      await using under = await openApp();
      const draft = await under.call<SessionBody>("GET", "/api/chats/tea/session?from=ada");
      assertProblem(await under.call(method, `/api/sessions/${draft.body.id}${suffix}`, { body }), 404, "not-found");
    });
  }

  test("takes a title and loses it", async () => {
    await using under = await openApp();
    const id = await say(under, "hello");
    assert.equal(
      (await under.call<SessionBody>("PATCH", `/api/sessions/${id}`, { body: { title: "Tea" } })).body.title,
      "Tea",
    );
    assert.equal(
      (await under.call<SessionBody>("PATCH", `/api/sessions/${id}`, { body: { title: null } })).body.title,
      null,
    );
  });

  for (const body of [{}, { title: 1 }, { title: "x".repeat(201) }, { title: "Tea", memoryFlushed: true }]) {
    test(`does not take ${JSON.stringify(body).slice(0, 40)}`, async () => {
      await using under = await openApp();
      const id = await say(under, "hello");
      assertProblem(await under.call("PATCH", `/api/sessions/${id}`, { body }), 400, "invalid-request");
    });
  }

  test("is reset once", async () => {
    await using under = await openApp();
    const id = await say(under, "hello");
    const first = await under.call<ResetBody>("POST", `/api/sessions/${id}/reset`);
    assert.deepEqual([first.body.reset, first.body.session.endReason], [true, "command"]);
    const second = await under.call<ResetBody>("POST", `/api/sessions/${id}/reset`);
    assert.deepEqual([second.status, second.body.reset], [200, false]);
  });

  test("is erased with a receipt", async () => {
    await using under = await openApp();
    const id = await say(under, "hello");
    const { status, body } = await under.call("DELETE", `/api/sessions/${id}`);
    assert.deepEqual([status, body], [200, { session: id, messages: 1, scrubbed: true }]);
  });

  test("shows what was said, in pages", async () => {
    await using under = await openApp();
    const id = await say(under, "hello");
    await under.answer("Hello, Ada.");
    await say(under, "bye");
    const first = await under.call<MessagePage>("GET", `/api/sessions/${id}/messages?limit=2`);
    assert.deepEqual(
      first.body.messages.map(({ seq, role, text, state }) => [seq, role, text, state]),
      [
        [1, "user", "hello", "answered"],
        [2, "assistant", "Hello, Ada.", "said"],
      ],
    );
    assert.equal(typeof first.body.messages[0]?.createdAt, "number");
    const rest = await under.call<MessagePage>(
      "GET",
      `/api/sessions/${id}/messages?limit=2&cursor=${first.body.nextCursor}`,
    );
    assert.deepEqual(
      [rest.body.messages.length, rest.body.messages[0]?.state, rest.body.nextCursor],
      [1, "waiting", null],
    );
  });
});

describe("what was said, with what was sent of it", () => {
  test("leads from each entry to the platform's messages", async () => {
    await using under = await openApp();
    const id = await say(under, "hello");
    const turn = await claim(under.store);
    await under.store.commitTurn(turn.lease, sentResultOf("Hello, Ada."));
    const [taken] = await under.store.takeDeliveries({ node: "node-a", leaseMs: 1_000, limit: 1 });
    assert.ok(taken !== undefined);
    await under.store.settleDelivery(taken, { state: "sent", remoteId: "remote-1" });
    const path = `/api/sessions/${id}/messages`;
    const { status, body } = await under.call<MessagePage>("GET", `${path}?deliveries=true`);
    assert.deepEqual(
      [status, ...body.messages.map(({ deliveries }) => deliveries)],
      [200, [], [{ id: taken.id, piece: 1, state: "sent", attempt: 1, remoteId: "remote-1", error: null }]],
    );
    const plain = await under.call<MessagePage>("GET", `${path}?deliveries=false`);
    assert.ok(plain.body.messages.every((message) => !("deliveries" in message)));
    assertProblem(await under.call("GET", `${path}?deliveries=yes`), 400, "invalid-request");
  });
});

describe("the list of sessions", () => {
  test("has the stored ones only, the most recently active first, in pages", async () => {
    await using under = await openApp();
    await under.call("GET", "/api/chats/tea/session?from=zoe");
    const ids: string[] = [];
    for (const from of ["ada", "bob", "cyd"]) {
      ids.unshift(await say(under, "hello", from));
      under.clock.advance(1_000);
    }
    const first = await under.call<SessionPage>("GET", "/api/sessions?limit=2");
    const rest = await under.call<SessionPage>("GET", `/api/sessions?limit=2&cursor=${first.body.nextCursor}`);
    assert.deepEqual(
      [...first.body.sessions, ...rest.body.sessions].map(({ id }) => id),
      ids,
    );
    assert.equal(rest.body.nextCursor, null);
  });

  test("can be of one platform, of live and of ended ones", async () => {
    await using under = await openApp();
    const ended = await say(under, "hello");
    await under.call("POST", `/api/sessions/${ended}/reset`);
    const live = await say(under, "hello again");
    for (const [query, expected] of [
      ["live=true", [live]],
      ["live=false", [ended]],
      ["platform=api&live=true", [live]],
      ["platform=slack", []],
    ] as const) {
      const { body } = await under.call<SessionPage>("GET", `/api/sessions?${query}`);
      assert.deepEqual(
        body.sessions.map(({ id }) => id),
        expected,
        query,
      );
    }
  });

  for (const query of [
    "limit=0",
    "limit=201",
    "limit=-1",
    "limit=1.5",
    "limit=ten",
    "live=yes",
    "cursor=",
    "plattform=x",
    "cursor=nonsense",
  ]) {
    test(`?${query} is 400`, async () => {
      await using under = await openApp();
      assertProblem(await under.call("GET", `/api/sessions?${query}`), 400, "invalid-request");
    });
  }
});

describe("search", () => {
  test("finds what was said, newest first, in pages", async () => {
    await using under = await openApp();
    const ada = await say(under, "green tea please");
    const bob = await say(under, "black tea", "bob");
    const first = await under.call<HitPage>("GET", "/api/search?q=TEA&limit=1");
    assert.equal(first.status, 200);
    assert.deepEqual([first.body.hits[0]?.session, first.body.hits[0]?.seq], [bob, 1]);
    const { snippet = "", highlights = [] } = first.body.hits[0] ?? {};
    assert.deepEqual(
      highlights.map(({ start, end }) => snippet.slice(start, end)),
      ["tea"],
    );
    const rest = await under.call<HitPage>("GET", `/api/search?q=TEA&limit=1&cursor=${first.body.nextCursor}`);
    assert.deepEqual([rest.body.hits[0]?.session, rest.body.nextCursor], [ada, null]);
  });

  for (const query of ["", "?q=", "?q=%21%21", "?q=tea&limit=1000"]) {
    test(`"${query}" is 400`, async () => {
      await using under = await openApp();
      assertProblem(await under.call("GET", `/api/search${query}`), 400, "invalid-request");
    });
  }
});
