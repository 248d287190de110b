import assert from "node:assert/strict";
import { test } from "node:test";
import { DELIVERY_STATES, canDeliveryBecome } from "../../src/core/delivery.ts";
import { MESSAGE_STATES, canBecome } from "../../src/core/message.ts";
import { TURN_STATES, canTurnBecome } from "../../src/core/turn.ts";

interface Machine {
  readonly states: readonly string[];
  readonly can: (from: never, to: never) => boolean;
  /** The arrows of the diagram at the head of the source file. */
  readonly arrows: readonly string[];
  readonly terminal: readonly string[];
  readonly initial: readonly string[];
}

const MACHINES: Readonly<Record<string, Machine>> = {
  message: {
    states: MESSAGE_STATES,
    can: canBecome,
    arrows: [
      "waiting running",
      "waiting cancelled",
      "running waiting",
      "running answered",
      "running cancelled",
      "running dead",
      "waiting erased",
      "running erased",
      "answered erased",
      "cancelled erased",
      "dead running",
      "dead erased",
      "overheard erased",
    ],
    terminal: ["erased"],
    initial: ["waiting", "overheard"],
  },
  turn: {
    states: TURN_STATES,
    can: canTurnBecome,
    arrows: [
      "running done",
      "running retrying",
      "retrying running",
      "running running",
      "running dead",
      "running cancelled",
      "retrying cancelled",
      "running interrupted",
      "retrying interrupted",
    ],
    terminal: ["done", "dead", "cancelled", "interrupted"],
    initial: ["running", "retrying"],
  },
  delivery: {
    states: DELIVERY_STATES,
    can: canDeliveryBecome,
    arrows: [
      "open pending",
      "open dropped",
      "pending sending",
      "sending sent",
      "sending sending",
      "sending pending",
      "sending failed",
      "sending unknown",
      "failed pending",
      "unknown pending",
      "pending dropped",
      "failed dropped",
      "unknown dropped",
    ],
    terminal: ["sent", "dropped"],
    initial: ["open", "pending"],
  },
};

for (const [name, { states, can, arrows, terminal, initial }] of Object.entries(MACHINES)) {
  const next = (from: string): string[] => states.filter((to) => can(from as never, to as never));

  test(`a ${name} takes every way of its diagram and no other`, () => {
    const found = states.flatMap((from) => next(from).map((to) => `${from} ${to}`));
    assert.deepEqual(found.toSorted(), arrows.toSorted());
  });

  test(`a ${name} stays where its life ends: ${terminal.join(", ")}`, () => {
    assert.deepEqual(
      states.filter((state) => next(state).length === 0),
      terminal,
    );
  });

  test(`a ${name} can come into every state, and out of every state to an end`, () => {
    const reach = (from: readonly string[]): Set<string> => {
      const reached = new Set(from);
      for (const state of reached) for (const to of next(state)) reached.add(to);
      return reached;
    };
    assert.deepEqual([...reach(initial)].toSorted(), [...states].toSorted());
    for (const state of states)
      assert.ok(
        [...reach([state])].some((to) => terminal.includes(to)),
        state,
      );
  });
}

test("no way leads out of erased, from wherever it was reached (I17)", () => {
  for (const state of MESSAGE_STATES) {
    assert.equal(canBecome("erased", state), false);
    assert.equal(canBecome(state, "erased"), state !== "erased");
  }
});
