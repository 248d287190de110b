import assert from "node:assert/strict";
import { groupByTurn } from "../../core/transcript.ts";
import { sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { SHOWN, ask } from "./question-steps.ts";
import {
  answer,
  busy,
  claim,
  claimNext,
  interrupt,
  LEASE_MS,
  resultOf,
  say,
  sentResultOf,
  textsOf,
  transcriptOf,
} from "./steps.ts";

const HERE = { source: sourceOf() };
const TAKE = { node: "node-a", leaseMs: LEASE_MS, limit: 10 };

/** What an interrupted turn had said, and what becomes of it: I13, I14, I17, I18, I23, I25, I26. */
export function interruptedReplies(contract: Contract): void {
  const hasty = contract.given(busy({ mode: "interrupt" }));

  hasty.states(
    "I13 interrupt: what was said stands behind what it was said to, and is handed to the next turn",
    async ({ store }) => {
      const { session } = await say(store, "one");
      const first = await claim(store);
      await say(store, "two");
      const outcome = await interrupt(store, first.lease, "to one, so far");
      assert.ok(outcome.outcome === "interrupted");
      const second = await claim(store);
      assert.deepEqual(second.interrupted, outcome.entries);
      assert.deepEqual(
        second.interrupted.map(({ text, role, follows, turnId }) => [text, role, follows, turnId]),
        [["to one, so far", "assistant", 1, first.lease.turnId]],
      );
      await say(store, "three");
      await interrupt(store, second.lease, "to two, so far");
      const third = await claim(store);
      assert.deepEqual(textsOf(third.interrupted), ["to one, so far", "to two, so far"]);
      await store.commitTurn(third.lease, resultOf("to all"));
      assert.deepEqual(textsOf(groupByTurn(await transcriptOf(store, session.id))), [
        "one",
        "to one, so far",
        "two",
        "to two, so far",
        "three",
        "to all",
      ]);
      await say(store, "four");
      assert.deepEqual((await claim(store)).interrupted, []);
    },
  );

  hasty.states(
    "I32 interrupt: what it has asked is not handed on, and stands where it was asked",
    async ({ store }) => {
      const { session } = await say(store, "one");
      const first = await claim(store);
      await ask(store, first.lease);
      await say(store, "two");
      await interrupt(store, first.lease, "the first");
      const second = await claim(store);
      assert.deepEqual(textsOf(second.messages), ["one", "two"]);
      assert.deepEqual(textsOf(second.interrupted), ["the first"]);
      assert.deepEqual(textsOf(groupByTurn(await transcriptOf(store, session.id))), ["one", SHOWN, "the first", "two"]);
    },
  );

  hasty.states("I23 interrupt: a reply holds what was said to its message on the way", async ({ store }) => {
    const { session } = await say(store, "one");
    const { lease } = await claim(store);
    const { seq } = await say(store, "two");
    await interrupt(store, lease, "to one, so far");
    assert.deepEqual((await store.reader.reply(session.id, 1))?.entries, []);
    const said = async (to: number) => textsOf((await store.reader.reply(session.id, to))?.entries ?? []);
    const both = await claim(store);
    assert.deepEqual(await said(1), [], "it is not whole before the turn is over");
    await store.commitTurn(both.lease, resultOf("to both"));
    assert.deepEqual(await said(1), ["to one, so far", "to both"]);
    assert.deepEqual(await said(seq), ["to both"]);
    await say(store, "three");
    const { lease: next } = await claim(store);
    await say(store, "four");
    await interrupt(store, next, "to three, so far");
    assert.deepEqual(await said(1), ["to one, so far", "to both"], "what is said to a later message is not its own");
  });

  hasty.states("I25 interrupt: what was said is delivered as a result is", async ({ store }) => {
    await say(store, "one");
    const { lease } = await claim(store);
    const opened = await store.openDelivery(lease);
    assert.ok(opened.outcome === "opened");
    await store.recordPost(lease, "remote-1");
    await say(store, "two");
    await store.interruptTurn(lease, { text: "to one, so far", pieces: ["to one,", "so far"] });
    const [taken] = await store.takeDeliveries(TAKE);
    assert.ok(taken !== undefined);
    assert.deepEqual([taken.id, taken.text, taken.remoteId], [opened.delivery.id, "to one,", "remote-1"]);
    await store.settleDelivery(taken, { state: "sent", remoteId: "remote-1" });
    const [rest] = await store.takeDeliveries(TAKE);
    assert.ok(rest !== undefined);
    assert.equal(rest.text, "so far");
    await store.settleDelivery(rest, { state: "sent", remoteId: "remote-2" });
    const another = await store.openDelivery((await claim(store)).lease);
    assert.ok(another.outcome === "opened" && another.delivery.id !== opened.delivery.id);
  });

  hasty.states(
    "I25 interrupt: where nothing was said, what was posted becomes the next turn's reply",
    async ({ store }) => {
      await say(store, "one");
      const first = await claim(store);
      const opened = await store.openDelivery(first.lease);
      assert.ok(opened.outcome === "opened");
      await store.recordPost(first.lease, "remote-1");
      await say(store, "two");
      await interrupt(store, first.lease, " \n ");
      assert.equal((await store.reader.stats()).deliveries.open, 1);
      const next = await claim(store);
      const again = await store.openDelivery(next.lease);
      assert.ok(again.outcome === "opened");
      assert.deepEqual([again.delivery.id, again.delivery.remoteId], [opened.delivery.id, "remote-1"]);
      await store.commitTurn(next.lease, sentResultOf("to both"));
      const [taken] = await store.takeDeliveries(TAKE);
      assert.deepEqual([taken?.id, taken?.text, taken?.turnId], [opened.delivery.id, "to both", next.lease.turnId]);
    },
  );

  hasty.states("I26 interrupt: what waits again can be cancelled, with what was posted", async ({ store }) => {
    const { session } = await say(store, "one");
    const { lease } = await claim(store);
    await store.openDelivery(lease);
    await say(store, "two");
    await interrupt(store, lease);
    assert.deepEqual(await store.cancelTurn(HERE), {
      outcome: "cancelled",
      turnId: null,
      messages: 2,
      answering: 0,
      waiting: 2,
    });
    assert.equal((await store.reader.stats()).deliveries.open, 0);
    assert.equal(await claimNext(store), null);
    await say(store, "three");
    assert.deepEqual(textsOf((await claim(store)).messages), ["three"]);
    assert.deepEqual(
      (await transcriptOf(store, session.id)).map(({ state }) => state),
      ["cancelled", "cancelled", "running"],
    );
  });

  hasty.states(
    "I17 interrupt: a session can be reset and erased after it, with all that was said",
    async ({ store }) => {
      for (const user of ["ada", "bob"]) {
        const by = { source: sourceOf({ user }) };
        await say(store, "one", by);
        const { lease } = await claim(store);
        await store.openDelivery(lease);
        await say(store, "two", by);
        await interrupt(store, lease, user === "ada" ? "so far" : "");
        if (user === "ada") assert.equal((await store.reset(by)).outcome, "reset");
        assert.equal((await store.erase(lease.sessionId)).outcome, "erased");
        assert.deepEqual(await interrupt(store, lease), { outcome: "lost" });
        assert.equal(await store.reader.turn(lease.turnId), null);
      }
      const { entries, deliveries, turns } = await store.reader.stats();
      assert.deepEqual([entries, deliveries.open, deliveries.pending, turns.interrupted], [0, 0, 0, 0]);
    },
  );

  hasty.states("I18 an interrupted turn is listed with its messages, which another one answers", async ({ store }) => {
    await say(store, "one");
    const { lease } = await claim(store);
    await say(store, "two");
    await interrupt(store, lease, "so far");
    const { turnId } = (await answer(store, "to both")).lease;
    const turn = await store.reader.turn(lease.turnId);
    assert.deepEqual(
      turn?.messages.map((message) => [message.text, message.state, message.turnId]),
      [["one", "answered", turnId]],
    );
    assert.deepEqual([turn?.state, textsOf(turn?.entries ?? [])], ["interrupted", ["so far"]]);
    assert.equal((await store.retryTurn(lease.turnId)).outcome, "unfit");
    const listed = await store.reader.turns({ state: "interrupted" });
    assert.deepEqual(
      listed.items.map(({ id }) => id),
      [lease.turnId],
    );
  });

  hasty.states("I14 interrupt: the first answer of a life is the first that is given", async ({ store }) => {
    await say(store, "one");
    const { lease } = await claim(store);
    await say(store, "two");
    await interrupt(store, lease, "so far");
    const next = await claim(store);
    assert.equal(next.first, true);
    await store.commitTurn(next.lease, resultOf("to both"));
    await say(store, "three");
    assert.equal((await claim(store)).first, false);
  });
}
