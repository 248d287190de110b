/** The commands of random histories: each one changes the model, and holds the store against it. */
import assert from "node:assert/strict";
import type { Source } from "../../core/source.ts";
import type { Lease } from "../../core/turn.ts";
import type { Store } from "../../store/store.ts";
import type { ManualClock } from "../manual-clock.ts";
import { messageOf, sourceOf } from "../sources.ts";
import {
  cancelAll,
  claimable,
  endLife,
  heldUnder,
  isDue,
  joinable,
  joinOrOpen,
  liveOf,
  type Model,
  type ModelLife,
  nextEpoch,
} from "./model.ts";
import { DAY, LEASE_MS, sentResultOf } from "./steps.ts";

export interface Real {
  readonly store: Store;
  readonly clock: ManualClock;
}

/** One step of a history: what it is called in a report, and how it is played. */
export interface Step {
  readonly name: string;
  readonly play: (model: Model, real: Real) => Promise<void>;
}

const addressOf = (user: string): Source => sourceOf({ user });

export function accept(user: string, text: string, event: number | null): Step {
  return {
    name: `accept(${user}, ${text}, ${event})`,
    async play(model, { store }) {
      const eventId = event === null ? null : `event-${event}`;
      const outcome = await store.accept(messageOf(text, { source: addressOf(user), eventId }));
      const receipt = model.receipts.get(`${user} ${event}`);
      if (receipt !== undefined) {
        const { life, seq } = receipt;
        const duplicate = { outcome: "duplicate", sessionId: life.id, seq };
        const same = receipt.text === text ? duplicate : { outcome: "conflict" };
        assert.deepEqual(outcome, life.end === "erase" ? { outcome: "gone" } : same);
        return;
      }
      assert.ok(outcome.outcome === "accepted", `must be accepted; was ${outcome.outcome}`);
      const opened = joinable(model, user) === undefined;
      const life = joinOrOpen(model, user, outcome.session.id);
      life.lastSeq += 1;
      life.lastUserMessageAt = model.now;
      life.messages.push({ seq: life.lastSeq, text, state: "waiting" });
      if (event !== null) model.receipts.set(`${user} ${event}`, { text, life, seq: life.lastSeq });
      const { session, seq } = outcome;
      const { id, epoch, lastSeq, title } = life;
      assert.deepEqual(
        [session.id, session.epoch, session.title, seq, outcome.opened],
        [id, epoch, title, lastSeq, opened],
      );
    },
  };
}

export function overhear(user: string): Step {
  return {
    name: `overhear(${user})`,
    async play(model, { store }) {
      const life = liveOf(model, user);
      // Whether a life that is due still listens is the store's own affair.
      if (life !== undefined && isDue(model, life)) return;
      const outcome = await store.overhear(messageOf("in passing", { source: addressOf(user) }));
      if (life === undefined) {
        assert.deepEqual(outcome, { outcome: "ignored" });
        return;
      }
      life.lastSeq += 1;
      life.messages.push({ seq: life.lastSeq, text: "in passing", state: "overheard" });
      assert.deepEqual(outcome, { outcome: "overheard", sessionId: life.id, seq: life.lastSeq });
    },
  };
}

export function reset(user: string): Step {
  return {
    name: `reset(${user})`,
    async play(model, { store }) {
      const life = liveOf(model, user);
      const outcome = await store.reset({ source: addressOf(user) });
      if (life === undefined) {
        assert.ok(outcome.outcome === "unchanged", `must be unchanged; was ${outcome.outcome}`);
        assert.deepEqual([outcome.session.persisted, outcome.session.epoch], [false, nextEpoch(model, user)]);
        return;
      }
      assert.ok(outcome.outcome === "reset", `must be reset; was ${outcome.outcome}`);
      const reason = isDue(model, life) ? "idle" : "command";
      const cancelled = cancelAll(life);
      endLife(life, reason);
      const { ended, draft } = outcome;
      assert.deepEqual([ended.id, ended.endReason, outcome.cancelled], [life.id, reason, cancelled]);
      assert.deepEqual([draft.epoch, draft.reset?.hadActivity], [life.epoch + 1, life.lastSeq > 0]);
    },
  };
}

export function pin(user: string): Step {
  return {
    name: `pin(${user})`,
    async play(model, { store }) {
      const session = await store.ensurePersisted(await store.getOrCreate(addressOf(user)));
      const life = joinOrOpen(model, user, session.id);
      assert.deepEqual([session.id, session.epoch, session.lastSeq], [life.id, life.epoch, life.lastSeq]);
    },
  };
}

export function entitle(user: string, title: string): Step {
  return {
    name: `entitle(${user}, ${title})`,
    async play(model, { store }) {
      const { outcome } = await store.update({ source: addressOf(user) }, { title });
      const life = joinable(model, user);
      assert.equal(outcome, life === undefined ? "noted" : "updated");
      if (life === undefined) model.notes.set(user, { title, until: model.now + DAY });
      else if (life.title !== title) {
        life.title = title;
        life.told.push("session:update");
      }
    },
  };
}

export function cancel(user: string): Step {
  return {
    name: `cancel(${user})`,
    async play(model, { store }) {
      const life = liveOf(model, user);
      const turnId = life?.turn?.lease.turnId ?? null;
      const messages = life === undefined ? 0 : cancelAll(life);
      const outcome = await store.cancelTurn({ source: addressOf(user) });
      assert.deepEqual(outcome, messages === 0 ? { outcome: "idle" } : { outcome: "cancelled", turnId, messages });
    },
  };
}

export function erase(pick: number): Step {
  return {
    name: `erase(${pick})`,
    async play(model, { store }) {
      const life = model.lives[pick % Math.max(1, model.lives.length)];
      if (life === undefined) return;
      const { outcome } = await store.erase(life.id);
      assert.equal(outcome, life.end === "erase" ? "gone" : "erased");
      cancelAll(life);
      endLife(life, "erase");
      life.messages.length = 0;
    },
  };
}

export function claim(maxMessages: number): Step {
  return {
    name: `claim(${maxMessages})`,
    async play(model, { store }) {
      const candidates = claimable(model);
      const turn = await store.claimTurn({ node: "node-a", leaseMs: LEASE_MS, maxMessages });
      assert.equal(turn === null, candidates.length === 0, `${candidates.length} sessions have something to claim`);
      if (turn === null) return;
      const life = candidates.find(({ id }) => id === turn.lease.sessionId);
      assert.ok(life !== undefined, "a session must be claimable to be claimed");
      takeUp(model, life, turn.lease, maxMessages);
      assert.deepEqual(
        turn.messages.map(({ seq, text }) => [seq, text]),
        life.turn?.messages.map(({ seq, text }) => [seq, text]),
      );
      assert.equal(turn.attempt, life.turn?.attempt);
    },
  };
}

function takeUp(model: Model, life: ModelLife, lease: Lease, maxMessages: number): void {
  const before = life.turn;
  const messages = before?.messages ?? life.messages.filter(({ state }) => state === "waiting").slice(0, maxMessages);
  if (before !== null) assert.ok(lease.fence > before.lease.fence && lease.turnId === before.lease.turnId);
  for (const message of messages) message.state = "running";
  const dueAt = model.now + LEASE_MS;
  life.turn = { lease, attempt: (before?.attempt ?? 0) + 1, state: "running", dueAt, messages };
  model.leases.push(lease);
  life.told.push("turn:start");
}

/** Ends an attempt with one of the leases that were ever given. */
export function finish(pick: number, how: "commit" | "retry" | "give up"): Step {
  return {
    name: `finish(${pick}, ${how})`,
    async play(model, { store }) {
      const lease = model.leases[pick % Math.max(1, model.leases.length)];
      if (lease === undefined) return;
      const life = heldUnder(model, lease);
      // Whether a lease that has run out and was not taken over still counts is the store's own affair.
      if (life?.turn !== null && life?.turn !== undefined && life.turn.dueAt <= model.now) return;
      const retryAt = model.now + LEASE_MS;
      const outcome =
        how === "commit"
          ? (await store.commitTurn(lease, sentResultOf("said"))).outcome
          : await store.failTurn(lease, {
              reason: "x",
              retryAt: how === "retry" ? retryAt : null,
              notice: "no",
              deliver: true,
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
        life.turn = { lease, attempt: 0, state: "retrying", dueAt: model.now, messages };
      }
    },
  };
}

export function wait(ms: number): Step {
  return {
    name: `wait(${ms})`,
    async play(model, { clock }) {
      clock.advance(ms);
      model.now = clock.now();
    },
  };
}
