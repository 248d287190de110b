import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { openSqliteStore } from "../../../src/sqlite.ts";
import { claim, say } from "../../../src/testing/contract/steps.ts";
import { createManualClock } from "../../../src/testing/manual-clock.ts";
import { messageOf, sourceOf } from "../../../src/testing/sources.ts";
import { populate } from "./populate.ts";
import { openRaw, scratchFiles } from "./scratch.ts";

const newPath = scratchFiles();
const path = newPath();

/** The statements that were prepared while `run` ran. */
async function statementsOf(run: () => Promise<unknown>): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  const original = Object.getOwnPropertyDescriptor(DatabaseSync.prototype, "prepare") as PropertyDescriptor;
  Object.defineProperty(DatabaseSync.prototype, "prepare", {
    ...original,
    value(this: DatabaseSync, sql: string): StatementSync {
      seen.add(sql);
      return (original.value as (sql: string) => StatementSync).call(this, sql);
    },
  });
  try {
    await run();
    return seen;
  } finally {
    Object.defineProperty(DatabaseSync.prototype, "prepare", original);
  }
}

/** What may stand beside the one step that reads the rows: looks for one row each, and a list that was given. */
const INNER_STEP = /^CORRELATED SCALAR SUBQUERY|^SEARCH turn USING INDEX|^LIST SUBQUERY|^SCAN json_each|^CREATE BLOOM/;

describe("what is done for every message costs the same at any size", () => {
  let db: DatabaseSync;

  before(async () => {
    await using _made = await openSqliteStore({ path });
    db = openRaw(path);
  });

  after(() => db.close());

  function planOf(sql: string): string[] {
    const values = Array.from({ length: sql.split("?").length - 1 }, () => 1);
    return db
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...values)
      .map(({ detail }) => String(detail));
  }

  /** Reads of one row, by its number or an index; a scan stops at its limit only where it follows the index. */
  function assertBounded(sql: string): void {
    const plan = planOf(sql);
    for (const step of plan) {
      // sqlite_sequence has a row for each table that counts by itself, named_lease for each thing only one may do.
      const isScan = /^SCAN (?!CONSTANT ROW|found|tries|sqlite_sequence|named_lease)/.test(step);
      const follows = /VIRTUAL TABLE INDEX/.test(step) || /ORDER BY (number|id)( DESC)? LIMIT/.test(sql);
      assert.ok(!isScan || follows, `${sql}\n${plan.join("\n")}`);
      const isBoundedSort = /FROM delivery WHERE due_at <= |UNION/.test(sql);
      assert.ok(!/TEMP B-TREE/.test(step) || isBoundedSort, `${sql}\n${plan.join("\n")}`);
    }
  }

  const VERBS: Readonly<Record<string, () => Promise<unknown>>> = {
    "of everything that a gateway does with its store": async () => {
      const clock = createManualClock(Date.UTC(2026, 2, 2));
      await using store = await openSqliteStore({ path: newPath(), clock });
      await populate(store, clock.now());
      await store.leaseholders();
      await store.releaseNode("node-a");
      await store.sweep();
    },
    "of a message that opens a session, of one that joins it, and of their redelivery": async () => {
      await using store = await openSqliteStore({ path: newPath() });
      const message = messageOf("hello");
      await store.accept(message);
      await store.accept(message);
      await store.accept(messageOf("again"));
      await store.overhear(messageOf("in passing"));
      await store.getOrCreate(sourceOf({ user: "nobody" }));
    },
    "of asking who may speak, and of noting a stranger": async () => {
      await using store = await openSqliteStore({ path: newPath() });
      await store.reader.standing(sourceOf());
      await store.requestAccess({ platform: "test", account: "default", kind: "person", id: "eve" }, "Eve");
      await store.requestAccess({ platform: "test", account: "default", kind: "person", id: "eve" }, "Eve");
    },
    "of a claim, a renewal and a result": async () => {
      await using store = await openSqliteStore({ path: newPath() });
      await say(store, "hello");
      const { lease } = await claim(store);
      await store.renewLease(lease, 1_000);
      await store.openDelivery(lease);
      await store.recordPost(lease, "remote");
      await store.commitTurn(lease, { entries: [{ role: "assistant", text: "hi", pieces: ["hi"] }] });
      await store.reader.reply(lease.sessionId, 1);
    },
    "of a message that ends a run, and of one that is refused": async () => {
      const policy = { mode: "interrupt", debounceMs: 1, maxWaiting: 2 } as const;
      const clock = createManualClock(Date.UTC(2026, 2, 2));
      await using store = await openSqliteStore({ path: newPath(), clock, busy: { default: policy } });
      await say(store, "hello");
      clock.advance(1);
      const { lease } = await claim(store);
      await say(store, "again");
      await store.renewLease(lease, 1_000);
      await store.interruptTurn(lease, { text: "hi", pieces: ["hi"] });
      assert.equal((await store.accept(messageOf("and again"))).outcome, "full");
      clock.advance(1);
      const next = await claim(store);
      await say(store, "and again");
      await store.releaseNode("node-a");
      clock.advance(1);
      await claim(store);
      await store.reader.turn(next.lease.turnId);
      await store.cancelTurn({ sessionId: lease.sessionId });
      await store.retryTurn({ source: sourceOf() });
    },
    "of what is done by hand": async () => {
      await using store = await openSqliteStore({ path: newPath() });
      await say(store, "hello");
      const { lease } = await claim(store);
      await store.failTurn(lease, { reason: "x", retryAt: null, notice: "sorry", pieces: ["sorry"] });
      await store.retryTurn(lease.turnId);
      await store.cancelTurn({ turnId: lease.turnId });
      const [taken] = await store.takeDeliveries({ node: "node-a", leaseMs: 1_000, limit: 1 });
      await store.settleDelivery(taken ?? assert.fail(), { state: "failed", error: "refused" });
      await store.retryDelivery(taken?.id ?? "");
      await store.dropDelivery(taken?.id ?? "");
      await store.reader.turns();
      await store.reader.turns({ sessionId: lease.sessionId });
      await store.reader.turn(lease.turnId);
      await store.reader.deliveries();
      await store.reader.deliveries({ state: "failed" });
      await store.reader.deliveries({ sessionId: lease.sessionId, state: "failed" });
    },
    "of what a turn asks and keeps": async () => {
      await using store = await openSqliteStore({ path: newPath() });
      const { session } = await say(store, "hello");
      await store.commitTurn((await claim(store)).lease, { entries: [] });
      const command = { source: sourceOf(), eventId: "answer" };
      await store.answerQuestion({ source: sourceOf() }, { by: "ada", choice: "1" }, command);
      await say(store, "hello again");
      const { lease } = await claim(store);
      const choices = ["yes", "no"].map((id) => ({ id, label: id }));
      await store.askQuestion(lease, { id: "qst", text: "really?", choices, pieces: [], expiresAt: 1e15 });
      const open = await store.reader.openQuestion(session.id);
      await store.answerQuestion({ source: sourceOf() }, { by: "ada", choice: "1" }, command);
      await store.answerQuestion({ questionId: open?.id ?? "" }, { by: null, choice: "1" });
      await store.expireQuestion(open?.id ?? "");
      await store.addSummary(lease, { text: "they said hello", throughSeq: 1 });
      await store.setAgentNote(lease, { agent: "agent", text: "knows them" });
      await store.reader.summary(session.id);
      await store.reader.agentNote(session.id, "agent");
      await store.commitTurn(lease, { entries: [] });
      await store.erase(session.id);
    },
    "of the reads that answer at once": async () => {
      await using store = await openSqliteStore({ path: newPath() });
      const { session } = await say(store, "hello");
      await store.reader.get(session.id);
      await store.reader.list();
      await store.reader.list({ platform: "test", live: true });
      await store.reader.transcript(session.id);
      await store.reader.transcript(session.id, { newestFirst: true });
      await store.reader.reply(session.id, 1);
      await store.reader.glance([session.id]);
      await store.reader.events({ after: 0 });
      await store.reader.eventRange();
      await store.reader.nextDue();
    },
  };

  for (const [name, run] of Object.entries(VERBS)) {
    it(`because no statement goes through a whole table: ${name}`, async () => {
      const statements = [...(await statementsOf(run))].filter(
        (sql) => !/^(PRAGMA|CREATE|EXPLAIN)/i.test(sql) && !/sqlite_schema|message_fts_idx/.test(sql),
      );
      assert.ok(statements.length > 5, `${statements.length} statements`);
      for (const sql of statements) assertBounded(sql);
    });
  }

  const INDEXED: readonly (readonly [what: string, sql: RegExp, index: string])[] = [
    ["the live session of a key", /FROM session WHERE key = \? AND ended_at IS NULL/, "session_live"],
    ["what is due", /FROM session WHERE due_at <= \?/, "session_due"],
    ["a page of the list", /FROM session WHERE platform = \? AND \(ended_at IS NULL\) = \?/, "session_list"],
    [
      "a page of a transcript",
      /FROM message AS m WHERE session_id = \? AND seq > \? ORDER BY seq LIMIT/,
      "sqlite_autoindex_message_1",
    ],
    [
      "its newest page",
      /FROM message AS m WHERE session_id = \? AND seq > \? AND seq < \? ORDER BY seq DESC LIMIT/,
      "sqlite_autoindex_message_1",
    ],
    [
      "what was said to messages on the way",
      /FROM message AS m\s+WHERE session_id = \? AND follows BETWEEN/,
      "message_follows",
    ],
    ["what was begun to be sent", /UPDATE delivery SET turn_id = \? WHERE session_id = \?/, "delivery_open"],
    ["a receipt", /FROM receipt WHERE hash = \?/, "sqlite_autoindex_receipt_1"],
    ["a page of the turns", /FROM turn AS t WHERE state = \?/, "turn_list"],
    ["those of a session", /FROM turn AS t\s+WHERE session_id = \?/, "turn_session"],
    ["whether a turn was retried", /SELECT id FROM turn WHERE retry_of = \?/, "turn_retry"],
    ["a page of the failed deliveries", /FROM delivery WHERE state IN .* AND state = \?/, "delivery_list"],
    ["when someone asked", /SELECT asked_at FROM access_request/, "sqlite_autoindex_access_request_1"],
    ["the open question of a session", /FROM question WHERE session_id = \? AND state = 'open'/, "question_open"],
    ["the open question of a turn", /UPDATE question SET .* WHERE turn_id = \? AND state = 'open'/, "question_turn"],
    ["the newest summary", /FROM summary WHERE session_id = \? ORDER BY number DESC/, "summary_session"],
    ["what a turn has spent", /FROM usage WHERE turn_id = \?/, "usage_turn"],
    ["the deliveries that are due", /FROM delivery WHERE due_at <= \?/, "delivery_due"],
    ["whether another reply is on its way there", /SELECT 1 FROM delivery WHERE lane = \?/, "delivery_lane"],
  ];

  it("because what is left to do, and which turn was interrupted last, stand in indexes of nothing else", async () => {
    const policy = { mode: "interrupt", debounceMs: 60_000, maxWaiting: 9 } as const;
    await using store = await openSqliteStore({ path: newPath(), busy: { default: policy } });
    await say(store, "hello");
    const statements = await statementsOf(async () => {
      await say(store, "hello again");
      await store.reader.backlog();
    });
    const steps = (pattern: RegExp): string[] => [...statements].filter((sql) => pattern.test(sql)).flatMap(planOf);
    const [backlog, interrupted] = [steps(/count\(\*\) AS n|AS waiting/), steps(/state = 'interrupted'/)];
    assert.ok(
      backlog.length > 8 && interrupted.some((step) => step.includes(" turn_interrupted ")),
      interrupted.join(),
    );
    const own = /message_waiting|session_due|turn_(list|dead|retry)|lifecycle_event_waiting|delivery_list/;
    for (const step of backlog) assert.match(step, /^SCA(LAR SUBQUERY|N CONSTANT ROW)/.test(step) ? /./ : own);
  });

  it("because each looks where its index says", async () => {
    const statements: string[] = [];
    for (const run of Object.values(VERBS)) statements.push(...(await statementsOf(run)));
    for (const [what, pattern, index] of INDEXED) {
      const sql = statements.find((statement) => pattern.test(statement));
      assert.ok(sql !== undefined, `nothing asks for ${what}`);
      const [outer = "", ...inner] = planOf(sql);
      assert.ok(outer.includes(`INDEX ${index} `), `${what}: ${outer}`);
      for (const step of inner) assert.match(step, INNER_STEP, what);
    }
  });
});
