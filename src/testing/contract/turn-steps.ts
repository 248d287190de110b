/** The commands of random histories that act on turns. */
import assert from "node:assert/strict";
import type { Lease } from "../../core/turn.ts";
import type { Step } from "./history-steps.ts";
import {
  claimable,
  groupOf,
  heldUnder,
  interruptIn,
  isInterruptible,
  laneDueAt,
  type Model,
  type ModelLife,
  waitingIn,
} from "./model.ts";
import { LEASE_MS, sentResultOf } from "./steps.ts";

export function claim(limits: { readonly maxMessages: number; readonly maxAgeMs: number }): Step {
  return {
    name: `claim(${limits.maxMessages}, ${limits.maxAgeMs})`,
    async play(model, { store }) {
      const candidates = claimable(model);
      const turn = await store.claimTurn({ node: "node-a", leaseMs: LEASE_MS, ...limits });
      assert.equal(turn === null, candidates.length === 0, `${candidates.length} sessions have something to claim`);
      if (turn === null) return;
      const life = candidates.find(({ id }) => id === turn.lease.sessionId);
      assert.ok(life !== undefined, "a session must be claimable to be claimed");
      takeUp(model, life, turn.lease, limits);
      assert.deepEqual(
        turn.messages.map(({ seq, text }) => [seq, text]),
        life.turn?.messages.map(({ seq, text }) => [seq, text]),
      );
      assert.equal(turn.attempt, life.turn?.attempt);
      const [first, last] = [turn.messages[0]?.seq ?? 0, turn.messages.at(-1)?.seq ?? 0];
      assert.deepEqual(
        turn.interrupted.map(({ seq, follows }) => ({ seq, follows })),
        life.said.filter(({ follows }) => follows >= first && follows <= last),
      );
    },
  };
}

function takeUp(
  model: Model,
  life: ModelLife,
  lease: Lease,
  limits: { readonly maxMessages: number; readonly maxAgeMs: number },
): void {
  const held = life.turn;
  if (held !== null) {
    assert.ok(lease.fence > held.lease.fence);
    const grown = groupOf(model, [...held.messages, ...waitingIn(life)], limits);
    const grows = model.policy.mode === "interrupt" && held.knownSeq < Infinity;
    if (grows && grown.length > held.messages.length) interruptIn(model, life);
  }
  const before = life.turn;
  assert.ok(held === null || (lease.turnId === held.lease.turnId) === (before !== null));
  const messages = before?.messages ?? groupOf(model, waitingIn(life), limits);
  for (const message of messages) message.state = "running";
  life.turn = {
    lease,
    attempt: (before?.attempt ?? 0) + 1,
    state: "running",
    dueAt: model.now + LEASE_MS,
    messages,
    knownSeq: before?.knownSeq ?? life.lastSeq,
  };
  model.leases.push(lease);
  life.told.push("turn:start");
}

/** One of the leases that were ever given, and the life it holds; null when it has run out and nobody took over. */
function pickLease(model: Model, pick: number): { readonly lease: Lease; readonly life: ModelLife | undefined } | null {
  const lease = model.leases[pick % Math.max(1, model.leases.length)];
  if (lease === undefined) return null;
  const life = heldUnder(model, lease);
  // Whether such a lease still counts is the store's own affair.
  return life?.turn !== null && life?.turn !== undefined && life.turn.dueAt <= model.now ? null : { lease, life };
}

/** Asks for more time with one of the leases that were ever given. */
export function renew(pick: number): Step {
  return {
    name: `renew(${pick})`,
    async play(model, { store }) {
      const picked = pickLease(model, pick);
      if (picked === null) return;
      const { lease, life } = picked;
      const outcome = await store.renewLease(lease, LEASE_MS);
      if (life === undefined || life.turn === null) {
        assert.equal(outcome, "lost");
        return;
      }
      life.turn.dueAt = model.now + LEASE_MS;
      const isInterrupted = model.policy.mode === "interrupt" && isInterruptible(life);
      assert.equal(outcome, isInterrupted ? "interrupt" : "renewed");
    },
  };
}

/** Interrupts with one of the leases that were ever given. */
export function interrupt(pick: number, text: string): Step {
  return {
    name: `interrupt(${pick}, "${text}")`,
    async play(model, { store }) {
      const picked = pickLease(model, pick);
      if (picked === null) return;
      const { lease, life } = picked;
      const outcome = await store.interruptTurn(lease, { text, pieces: text === "" ? [] : [text] });
      if (life === undefined || life.turn === null) assert.deepEqual(outcome, { outcome: "lost" });
      else if (!isInterruptible(life)) assert.deepEqual(outcome, { outcome: "alone" });
      else {
        const follows = life.turn.messages.at(-1)?.seq ?? 0;
        if (text !== "") life.said.push({ seq: (life.lastSeq += 1), follows });
        assert.ok(outcome.outcome === "interrupted", `must be interrupted; was ${outcome.outcome}`);
        assert.deepEqual(
          outcome.entries.map((entry) => [entry.text, entry.follows]),
          text === "" ? [] : [[text, follows]],
        );
        interruptIn(model, life);
      }
    },
  };
}

/** Ends an attempt with one of the leases that were ever given. */
export function finish(pick: number, how: "commit" | "retry" | "give up"): Step {
  return {
    name: `finish(${pick}, ${how})`,
    async play(model, { store }) {
      const picked = pickLease(model, pick);
      if (picked === null) return;
      const { lease, life } = picked;
      const retryAt = model.now + LEASE_MS;
      const outcome =
        how === "commit"
          ? (await store.commitTurn(lease, sentResultOf("said"))).outcome
          : await store.failTurn(lease, {
              reason: "x",
              retryAt: how === "retry" ? retryAt : null,
              notice: "no",
              pieces: ["no"],
            });
      const expected = { commit: "committed", retry: "retrying", "give up": "dead" }[how];
      assert.equal(outcome, life === undefined ? "lost" : expected);
      if (life === undefined || life.turn === null) return;
      if (how === "retry") {
        life.turn.state = "retrying";
        life.turn.dueAt = retryAt;
        return;
      }
      const { messages } = life.turn;
      for (const message of messages) message.state = how === "commit" ? "answered" : "dead";
      if (how === "give up") model.dead.push({ turnId: lease.turnId, life, messages, retriedBy: null });
      life.lastSeq += 1;
      life.turn = null;
      life.told.push("turn:end");
      life.dueAt = laneDueAt(model, life);
    },
  };
}

/** Retries by hand one of the turns that were given up. */
export function retryDead(pick: number): Step {
  return {
    name: `retryDead(${pick})`,
    async play(model, { store }) {
      const dead = model.dead[pick % Math.max(1, model.dead.length)];
      if (dead === undefined) return;
      const { life, messages, retriedBy } = dead;
      const outcome = await store.retryTurn(dead.turnId);
      if (life.end === "erase") assert.deepEqual(outcome, { outcome: "missing" });
      else if (retriedBy !== null) assert.deepEqual(outcome, { outcome: "duplicate", turnId: retriedBy });
      else if (life.end !== null) assert.deepEqual(outcome, { outcome: "ended", sessionId: life.id });
      else if (life.turn !== null) assert.deepEqual(outcome, { outcome: "busy", turnId: life.turn.lease.turnId });
      else {
        assert.ok(outcome.outcome === "retried", `must be retried; was ${outcome.outcome}`);
        assert.equal(outcome.messages, messages.length);
        dead.retriedBy = outcome.turnId;
        for (const message of messages) message.state = "running";
        // Nobody holds it yet: any claim has a higher fence.
        const lease = { turnId: outcome.turnId, sessionId: life.id, fence: 0 };
        life.turn = { lease, attempt: 0, state: "retrying", dueAt: model.now, messages, knownSeq: Infinity };
      }
    },
  };
}
