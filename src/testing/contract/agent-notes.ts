import assert from "node:assert/strict";
import type { Session } from "../../core/session.ts";
import type { Lease } from "../../core/turn.ts";
import type { Store } from "../../store/store.ts";
import type { Contract } from "./contract.ts";
import { answer, claim, LEASE_MS, resultOf, say, transcriptOf } from "./steps.ts";

const AGENT = "model";

/** What agents keep about a session: I33. */
export function agentNotes(contract: Contract): void {
  contract.states(
    "I33 summary: stands for what was said before its turn; the newest counts",
    async ({ store, clock }) => {
      const { session } = await say(store, "one");
      await answer(store, "first");
      assert.equal(await store.reader.summary(session.id), null);
      await say(store, "two");
      const { lease } = await claim(store);
      assert.equal(await store.addSummary(lease, { text: "they said one", throughSeq: 1 }), "added");
      assert.equal(await store.addSummary(lease, { text: "one, and first", throughSeq: 2 }), "added");
      const newest = { text: "one, and first", throughSeq: 2, turnId: lease.turnId, createdAt: clock.now() };
      assert.deepEqual(await store.reader.summary(session.id), newest);
      await store.commitTurn(lease, resultOf("second"));
      assert.deepEqual(await store.reader.summary(session.id), newest);
      await say(store, "three");
      const shorter = { text: "they said one", throughSeq: 1 };
      await store.addSummary((await claim(store)).lease, shorter);
      assert.deepEqual(
        { ...(await store.reader.summary(session.id)), ...shorter },
        await store.reader.summary(session.id),
      );
      assert.deepEqual(
        (await transcriptOf(store, session.id)).map(({ text }) => text),
        ["one", "first", "two", "second", "three"],
        "the transcript stays whole",
      );
    },
  );

  contract.states("I33 summary: never reaches into its own turn", async ({ store }) => {
    const { session, lease } = await secondTurn(store);
    for (const throughSeq of [0, 3, 1.5, -1, Number.NaN]) {
      await assert.rejects(store.addSummary(lease, { text: "x", throughSeq }), { code: "INVALID_INPUT" });
    }
    await assert.rejects(store.addSummary(lease, { text: " \n", throughSeq: 1 }), { code: "INVALID_INPUT" });
    assert.equal(await store.reader.summary(session.id), null);
  });

  contract.states("I33 note: each agent has one of a session, and the last one counts", async ({ store }) => {
    const { session } = await say(store, "one");
    const { lease } = await claim(store);
    assert.equal(await store.reader.agentNote(session.id, AGENT), null);
    assert.equal(await store.setAgentNote(lease, { agent: AGENT, text: "first" }), "set");
    assert.equal(await store.setAgentNote(lease, { agent: "other", text: "theirs" }), "set");
    assert.equal(await store.setAgentNote(lease, { agent: AGENT, text: "x".repeat(4_096) }), "set");
    assert.equal(await store.reader.agentNote(session.id, AGENT), "x".repeat(4_096));
    assert.equal(await store.reader.agentNote(session.id, "other"), "theirs");
    assert.equal(await store.setAgentNote(lease, { agent: AGENT, text: "" }), "set");
    assert.equal(await store.reader.agentNote(session.id, AGENT), null);
    assert.equal(await store.reader.agentNote(session.id, "other"), "theirs");
    await assert.rejects(store.setAgentNote(lease, { agent: AGENT, text: "x".repeat(4_097) }), {
      code: "INVALID_INPUT",
    });
  });

  contract.states("I33 summary and note: a stale holder keeps nothing", async ({ store, clock }) => {
    const { session, lease: stale } = await secondTurn(store, "node-a");
    clock.advance(LEASE_MS);
    const { lease } = await claim(store, "node-b");
    assert.equal(await store.addSummary(stale, { text: "stale", throughSeq: 1 }), "lost");
    assert.equal(await store.setAgentNote(stale, { agent: AGENT, text: "stale" }), "lost");
    await store.commitTurn(lease, resultOf("second"));
    assert.equal(await store.addSummary(lease, { text: "late", throughSeq: 1 }), "lost");
    assert.equal(await store.setAgentNote(lease, { agent: AGENT, text: "late" }), "lost");
    assert.equal(await store.reader.summary(session.id), null);
    assert.equal(await store.reader.agentNote(session.id, AGENT), null);
  });

  contract.states("I17 deletion: of a summary and a note nothing is left", async ({ store }) => {
    const { session, lease } = await secondTurn(store);
    await store.addSummary(lease, { text: "they said one", throughSeq: 1 });
    await store.setAgentNote(lease, { agent: AGENT, text: "about them" });
    await store.erase(session.id);
    assert.equal(await store.reader.summary(session.id), null);
    assert.equal(await store.reader.agentNote(session.id, AGENT), null);
    assert.equal(await store.addSummary(lease, { text: "they said one", throughSeq: 1 }), "lost");
    assert.equal(await store.setAgentNote(lease, { agent: AGENT, text: "about them" }), "lost");
  });

  contract.states("I33 summary and note: the next life begins without them", async ({ store }) => {
    const { session, lease } = await secondTurn(store);
    await store.addSummary(lease, { text: "they said one", throughSeq: 1 });
    await store.setAgentNote(lease, { agent: AGENT, text: "about them" });
    await store.reset({ sessionId: session.id });
    const next = await say(store, "three");
    assert.notEqual(next.session.id, session.id);
    assert.equal(await store.reader.summary(next.session.id), null);
    assert.equal(await store.reader.agentNote(next.session.id, AGENT), null);
    assert.notEqual(await store.reader.summary(session.id), null);
  });
}

/** A session with an answered message, and the turn of the next one. */
async function secondTurn(store: Store, node?: string): Promise<{ readonly session: Session; readonly lease: Lease }> {
  const { session } = await say(store, "one");
  await answer(store, "first");
  await say(store, "two");
  return { session, lease: (await claim(store, node)).lease };
}
