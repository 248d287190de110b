import assert from "node:assert/strict";
import { sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import {
  claim,
  claimNext,
  drainEvents,
  LEASE_MS,
  MINUTE,
  resultOf,
  say,
  stored,
  transcriptOf,
  typesOf,
} from "./steps.ts";

const TAKE = { node: "node-a", leaseMs: LEASE_MS, limit: 10 };

/** How a turn ends: I23, I24, I26. */
export function results(contract: Contract): void {
  contract.states(
    "I23 a result is atomic: entries, usage, states, deliveries and events at once",
    async ({ store, clock }) => {
      await store.watchEvents();
      const source = sourceOf({ chat: "lobby", thread: "42" });
      const { session } = await say(store, "one", { source });
      await say(store, "two", { source });
      const { lease } = await claim(store);
      clock.advance(MINUTE);
      const outcome = await store.commitTurn(lease, {
        entries: [
          { role: "assistant", text: "first", pieces: ["first"] },
          { role: "notice", text: "cut short", pieces: ["cut short"] },
        ],
        usage: { model: "m", inputTokens: 11, outputTokens: 7 },
      });
      assert.ok(outcome.outcome === "committed");
      assert.deepEqual(
        outcome.entries.map(({ seq, role, text, state, turnId, sender }) => ({
          seq,
          role,
          text,
          state,
          turnId,
          sender,
        })),
        [
          { seq: 3, role: "assistant", text: "first", state: "said", turnId: lease.turnId, sender: null },
          { seq: 4, role: "notice", text: "cut short", state: "said", turnId: lease.turnId, sender: null },
        ],
      );
      const entries = await transcriptOf(store, session.id);
      assert.deepEqual(
        entries.map(({ state }) => state),
        ["answered", "answered", "said", "said"],
      );
      assert.deepEqual(entries.slice(2), outcome.entries);
      const now = await stored(store, session.id);
      assert.deepEqual(now.usage, { inputTokens: 11, outputTokens: 7 });
      assert.deepEqual([now.lastSeq, now.activeAt, now.lastUserMessageAt], [4, clock.now(), clock.now() - MINUTE]);
      assert.deepEqual(typesOf(await drainEvents(store), session.id), ["session:start", "turn:start", "turn:end"]);

      const [first] = await store.takeDeliveries(TAKE);
      assert.ok(first !== undefined);
      const { platform, account, chatType, chat, thread } = first.destination;
      assert.deepEqual(
        { platform, account, chatType, chat, thread },
        { platform: "test", account: "default", chatType: "thread", chat: "lobby", thread: "42" },
      );
      assert.deepEqual([first.text, first.seq, first.turnId, first.sessionId], ["first", 3, lease.turnId, session.id]);
      await store.settleDelivery(first, { state: "sent", remoteId: "r1" });
      const [second] = await store.takeDeliveries(TAKE);
      assert.deepEqual([second?.text, second?.seq], ["cut short", 4]);
    },
  );

  contract.states("I23 a result: what is returned is what is stored, whatever was said", async ({ store }) => {
    const { session } = await say(store, "hello");
    const outcome = await store.commitTurn((await claim(store)).lease, resultOf("half \ud83d, nothing \0, whole 🙂"));
    assert.ok(outcome.outcome === "committed");
    const [, said] = await transcriptOf(store, session.id);
    assert.equal(said?.text, "half \ufffd, nothing \ufffd, whole 🙂");
    assert.deepEqual(outcome.entries, [said]);
  });

  contract.states("I23 a result: nothing is delivered that is not to be", async ({ store }) => {
    await say(store, "hello");
    const { lease } = await claim(store);
    await store.commitTurn(lease, resultOf("hi"));
    assert.deepEqual(await store.takeDeliveries(TAKE), []);
  });

  contract.states("I23 a result: an agent may have nothing to say", async ({ store }) => {
    const { session } = await say(store, "hello");
    const { lease } = await claim(store);
    const outcome = await store.commitTurn(lease, { entries: [] });
    assert.deepEqual(outcome, { outcome: "committed", entries: [] });
    assert.deepEqual(await store.reader.reply(session.id, 1), {
      state: "answered",
      entries: [],
      usage: null,
      endReason: null,
    });
  });

  contract.states("I23 usage: it adds up over the turns of a session", async ({ store }) => {
    const usage = { model: "m", inputTokens: 10, outputTokens: 1 };
    const { session } = await say(store, "hello");
    for (const text of ["one", "two"]) {
      await say(store, text);
      const { lease } = await claim(store);
      await store.commitTurn(lease, { ...resultOf("hi"), usage });
    }
    assert.deepEqual((await stored(store, session.id)).usage, { inputTokens: 20, outputTokens: 2 });
    const { inputTokens, outputTokens } = await store.reader.stats();
    assert.deepEqual([inputTokens, outputTokens], [20, 2]);
  });

  contract.states("I23 usage: a reply says what its own turn has spent", async ({ store }) => {
    const { session } = await say(store, "one");
    await store.commitTurn((await claim(store)).lease, {
      ...resultOf("hi"),
      usage: { model: "m", inputTokens: 10, outputTokens: 1 },
    });
    await say(store, "two");
    await store.commitTurn((await claim(store)).lease, {
      ...resultOf("hi"),
      usage: { model: "m", inputTokens: 20, outputTokens: 2 },
    });
    await say(store, "three");
    const { lease } = await claim(store);
    const usageOf = async (seq: number) => (await store.reader.reply(session.id, seq))?.usage;
    assert.deepEqual(await usageOf(1), { inputTokens: 10, outputTokens: 1 });
    assert.deepEqual(await usageOf(3), { inputTokens: 20, outputTokens: 2 });
    assert.equal(await usageOf(5), null);
    await store.commitTurn(lease, resultOf("an agent that does not count"));
    assert.equal(await usageOf(5), null);
  });

  contract.states(
    "I24 failure: a turn that is given up is dead, visible, and the person is told",
    async ({ store }) => {
      await store.watchEvents();
      const { session } = await say(store, "one");
      await say(store, "two");
      const { lease } = await claim(store);
      const failure = {
        reason: "the model is gone",
        retryAt: null,
        notice: "Sorry, I cannot.",
        pieces: ["Sorry, I cannot."],
      };
      assert.equal(await store.failTurn(lease, failure), "dead");
      const entries = await transcriptOf(store, session.id);
      assert.deepEqual(
        entries.map(({ role, text, state, reason }) => [role, text, state, reason]),
        [
          ["user", "one", "dead", "the model is gone"],
          ["user", "two", "dead", "the model is gone"],
          ["notice", "Sorry, I cannot.", "said", null],
        ],
      );
      const reply = await store.reader.reply(session.id, 2);
      assert.deepEqual(reply, { state: "dead", entries: entries.slice(2), usage: null, endReason: null });
      const [delivery] = await store.takeDeliveries(TAKE);
      assert.equal(delivery?.text, "Sorry, I cannot.");
      const end = (await drainEvents(store)).at(-1);
      assert.ok(end?.type === "turn:end");
      assert.deepEqual([end.turnId, end.outcome], [lease.turnId, "dead"]);
      assert.equal(await claimNext(store), null);
      assert.equal((await store.reader.stats()).turns.dead, 1);
      assert.equal((await say(store, "three")).session.id, session.id);
      assert.equal((await claim(store)).messages.length, 1);
    },
  );

  contract.states("I24 failure: between attempts nobody is told and nothing is lost", async ({ store, clock }) => {
    const { session } = await say(store, "hello");
    const first = await claim(store);
    const retryAt = clock.now() + MINUTE;
    await store.failTurn(first.lease, { reason: "busy", retryAt, notice: "unsaid", pieces: ["unsaid"] });
    assert.deepEqual(await store.reader.reply(session.id, 1), {
      state: "running",
      entries: [],
      usage: null,
      endReason: null,
    });
    assert.equal((await store.reader.stats()).turns.retrying, 1);
    assert.deepEqual(await store.takeDeliveries(TAKE), []);
    assert.deepEqual(await store.commitTurn(first.lease, resultOf("late")), { outcome: "lost" });
    assert.equal((await store.reader.nextDue()).turn, retryAt);
    assert.equal((await transcriptOf(store, session.id)).length, 1);
  });

  contract.states("I26 accounting: a reply is the answer to its own message", async ({ store }) => {
    const { session } = await say(store, "one");
    assert.deepEqual(await store.reader.reply(session.id, 1), {
      state: "waiting",
      entries: [],
      usage: null,
      endReason: null,
    });
    const first = await claim(store);
    await say(store, "two");
    await store.commitTurn(first.lease, resultOf("to one"));
    const [one, two] = [await store.reader.reply(session.id, 1), await store.reader.reply(session.id, 2)];
    assert.equal(one?.state, "answered");
    assert.deepEqual(
      one.entries.map(({ text, seq }) => [text, seq]),
      [["to one", 3]],
    );
    assert.deepEqual(two, { state: "waiting", entries: [], usage: null, endReason: null });
    assert.equal(await store.reader.reply(session.id, 99), null);
  });
}
