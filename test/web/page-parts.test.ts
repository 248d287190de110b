import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ListedSession } from "../../web/src/api/views.ts";
import { withFirstPage, withSession, withSessions, withoutSession } from "../../web/src/list/merge-sessions.ts";
import { headingOf, placeOf } from "../../web/src/list/session-words.ts";
import { feedEvent } from "../../web/src/live/feed-event.ts";
import { createReloader } from "../../web/src/live/reloader.ts";
import { MAIN_CHAT, formatTarget, isSameTarget, parseTarget, targetOf } from "../../web/src/route/target.ts";
import type { Target } from "../../web/src/route/target.ts";
import { markedParts } from "../../web/src/text/marked-parts.ts";
import { relativeTime } from "../../web/src/text/relative-time.ts";

const source = {
  platform: "api",
  account: "default",
  chatType: "group",
  chat: "main",
  thread: null,
  user: "operator",
  chatName: null,
  userName: null,
};
const listed = (id: string, activeAt: number, fields: Partial<ListedSession> = {}): ListedSession => ({
  id,
  state: "live",
  epoch: 1,
  source,
  title: null,
  startedAt: 1,
  activeAt,
  endedAt: null,
  endReason: null,
  reset: null,
  lastSeq: 1,
  isBusy: false,
  lastEntry: null,
  ...fields,
});
const ids = (list: readonly ListedSession[]): readonly string[] => list.map(({ id }) => id);

describe("the address", () => {
  test("is read as it was written", () => {
    const targets: readonly Target[] = [
      MAIN_CHAT,
      { kind: "chat", chat: "a b&c=d#", from: "ada", seq: 7 },
      { kind: "session", id: "ses_1", seq: null },
    ];
    for (const target of targets) assert.deepEqual(parseTarget(formatTarget(target)), target);
  });

  test("of nothing is the main chat, and nonsense is no place in it", () => {
    assert.deepEqual(parseTarget(""), MAIN_CHAT);
    for (const seq of ["-1", "1.5", "x", "0", ""]) assert.deepEqual(parseTarget(`#seq=${seq}`), MAIN_CHAT);
  });

  test("of a conversation that goes on is its chat, of an ended life its id", () => {
    assert.ok(isSameTarget(targetOf({ id: "ses_1", state: "live", source }), MAIN_CHAT));
    assert.deepEqual(targetOf({ id: "ses_1", state: "ended", source }), { kind: "session", id: "ses_1", seq: null });
    const elsewhere = { ...source, platform: "telegram" };
    assert.equal(targetOf({ id: "ses_1", state: "live", source: elsewhere }).kind, "session");
  });
});

describe("the list", () => {
  test("holds every session once, the most recently active first", () => {
    const list = withSessions([listed("a", 3), listed("b", 2)], [listed("b", 5), listed("c", 4)]);
    assert.deepEqual(ids(list), ["b", "c", "a"]);
    assert.deepEqual(ids(withSession(list, { ...listed("a", 9) })), ["a", "b", "c"]);
    assert.deepEqual(ids(withoutSession(list, "c")), ["b", "a"]);
  });

  test("loses what the first page should hold and does not", () => {
    const list = [listed("erased", 9), listed("b", 5), listed("older", 1)];
    assert.deepEqual(ids(withFirstPage(list, [listed("b", 5), listed("c", 4)], false)), ["b", "c", "older"]);
    assert.deepEqual(ids(withFirstPage(list, [listed("b", 5)], true)), ["b"]);
  });

  test("takes what an event says, and keeps what only the list knows", () => {
    const last = { role: "user", text: "words", createdAt: 1 } as const;
    const { isBusy: _, lastEntry: __, ...session } = listed("a", 9, { title: "New" });
    const [updated] = withSession([listed("a", 1, { lastEntry: last })], session);
    assert.deepEqual([updated?.title, updated?.lastEntry], ["New", last]);
  });

  test("calls a session by its title, its last words, or its place", () => {
    const lastEntry = { role: "assistant", text: "# **Hello**\n\nthere", createdAt: 1 } as const;
    assert.equal(headingOf(listed("a", 1, { title: "Title", lastEntry })), "Title");
    assert.equal(headingOf(listed("a", 1, { lastEntry })), "Hello there");
    assert.equal(headingOf(listed("a", 1)), "Main chat");
    const place = { ...source, platform: "telegram", chatType: "dm", chat: "4242", user: "4242", userName: "Ada" };
    assert.equal(placeOf({ source: place }), "Telegram · Ada");
  });
});

test("a snippet is cut where its highlights are, and loses nothing to wrong ones", () => {
  const cut = (highlights: readonly { start: number; end: number }[]): string =>
    markedParts("one two three", highlights)
      .map(({ text, isMarked }) => (isMarked ? `[${text}]` : text))
      .join("");
  assert.equal(
    cut([
      { start: 0, end: 3 },
      { start: 8, end: 13 },
    ]),
    "[one] two [three]",
  );
  assert.equal(
    cut([
      { start: 4, end: 7 },
      { start: 5, end: 6 },
      { start: 9, end: 99 },
    ]),
    "one [two] three",
  );
  assert.equal(cut([]), "one two three");
});

test("an age is told in one unit", () => {
  const now = Date.UTC(2026, 5, 15, 12);
  const ages: readonly (readonly [ageMs: number, text: string])[] = [
    [-5_000, "now"],
    [59_000, "now"],
    [60_000, "1 min"],
    [3_600_000, "1 h"],
    [86_400_000 * 6, "6 d"],
    [86_400_000 * 20, "26 May"],
    [86_400_000 * 400, "11 May 2025"],
  ];
  for (const [ageMs, text] of ages) assert.equal(relativeTime(now - ageMs, now, "en-GB"), text);
});

test("the name of a tool is not the name of its event", () => {
  const event = feedEvent("reply:tool", '{"sessionId":"s","turnId":"t","index":0,"name":"look_up","state":"started"}');
  assert.deepEqual([event.name, "tool" in event && event.tool], ["reply:tool", "look_up"]);
});

test("what changes while it is loaded is loaded once more, and not more often", async () => {
  const loads: PromiseWithResolvers<void>[] = [];
  const faults: unknown[] = [];
  const reloader = createReloader({
    load: () => {
      const load = Promise.withResolvers<void>();
      loads.push(load);
      return load.promise;
    },
    onFault: (error) => faults.push(error) === 0,
  });
  const first = reloader.again();
  const [second, third] = [reloader.again(), reloader.again()];
  assert.equal(loads.length, 1);
  loads[0]?.reject(new Error("offline"));
  await first;
  await Promise.resolve();
  assert.deepEqual([loads.length, faults.length], [2, 1]);
  loads[1]?.resolve();
  await Promise.all([second, third]);
  assert.equal(loads.length, 2);
});

test("a load that failed is tried again after a pause that grows, once at a time", async () => {
  const scheduled: { run: () => void; delayMs: number }[] = [];
  let isDown = true;
  let loads = 0;
  const reloader = createReloader({
    load: () => {
      loads += 1;
      return isDown ? Promise.reject(new Error("down")) : Promise.resolve();
    },
    onFault: () => true,
    schedule: (run, delayMs) => void scheduled.push({ run, delayMs }),
  });
  await reloader.again();
  await reloader.again();
  assert.deepEqual([loads, scheduled.length], [2, 1]);
  scheduled[0]?.run();
  await reloader.again();
  isDown = false;
  scheduled[1]?.run();
  await reloader.again();
  assert.deepEqual(
    scheduled.map(({ delayMs }) => delayMs),
    [1_000, 2_000],
  );
});
