/**
 * The commands of random histories: each one changes the model, and holds the store against it. Those of turns
 * are in `turn-steps.ts`.
 */
import assert from "node:assert/strict";
import type { Source } from "../../core/source.ts";
import type { Store } from "../../store/store.ts";
import type { ManualClock } from "../manual-clock.ts";
import { messageOf, sourceOf } from "../sources.ts";
import {
  cancelAll,
  endLife,
  isDue,
  joinable,
  joinOrOpen,
  laneDueAt,
  liveOf,
  type Model,
  nextEpoch,
  waitingIn,
} from "./model.ts";
import { DAY } from "./steps.ts";

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

/** Someone says something, sent `agoMs` before it is accepted. */
export function accept(user: string, text: string, event: number | null, agoMs: number): Step {
  return {
    name: `accept(${user}, ${text}, ${event}, ${agoMs})`,
    async play(model, { store }) {
      const eventId = event === null ? null : `event-${event}`;
      const outcome = await store.accept(
        messageOf(text, { source: addressOf(user), eventId, sentAt: model.now - agoMs }),
      );
      const receipt = model.receipts.get(`${user} ${event}`);
      if (receipt !== undefined) {
        const { life, seq } = receipt;
        const duplicate = { outcome: "duplicate", sessionId: life.id, seq };
        const same = receipt.text === text ? duplicate : { outcome: "conflict" };
        assert.deepEqual(outcome, life.end === "erase" ? { outcome: "gone" } : same);
        return;
      }
      const joined = joinable(model, user);
      const waiting = joined === undefined ? 0 : waitingIn(joined).length;
      if (joined !== undefined && waiting >= model.policy.maxWaiting) {
        assert.deepEqual(outcome, { outcome: "full", sessionId: joined.id, waiting });
        return;
      }
      assert.ok(outcome.outcome === "accepted", `must be accepted; was ${outcome.outcome}`);
      const opened = joined === undefined;
      const life = joinOrOpen(model, user, outcome.session.id);
      life.lastSeq += 1;
      life.lastUserMessageAt = model.now;
      const message = { seq: life.lastSeq, text, sentAt: model.now - agoMs, acceptedAt: model.now };
      life.messages.push({ ...message, state: "waiting" });
      // What is due is not put off by a message that joins it.
      const isPlaced = life.dueAt !== null && life.dueAt <= model.now;
      if (life.turn === null && !isPlaced) life.dueAt = laneDueAt(model, life);
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
      const said = { seq: life.lastSeq, text: "in passing", sentAt: model.now, acceptedAt: model.now };
      life.messages.push({ ...said, state: "overheard" });
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
      const { answering, waiting } = cancelAll(life);
      const cancelled = answering + waiting;
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
      const { answering, waiting } = life === undefined ? { answering: 0, waiting: 0 } : cancelAll(life);
      const messages = answering + waiting;
      const outcome = await store.cancelTurn({ source: addressOf(user) });
      const cancelled = { outcome: "cancelled", turnId, messages, answering, waiting };
      assert.deepEqual(outcome, messages === 0 ? { outcome: "idle" } : cancelled);
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
      life.said.length = 0;
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
