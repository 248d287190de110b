/** A store with something of everything in it: every state of messages, turns and deliveries, drafts, resets, erasures. */
import assert from "node:assert/strict";
import type { TakenDelivery, Store } from "../../../src/store/store.ts";
import type { Source } from "../../../src/core/source.ts";
import { answer, claim, interrupt, LEASE_MS, sentResultOf, say } from "../../../src/testing/contract/steps.ts";
import { messageOf, sourceOf } from "../../../src/testing/sources.ts";

const by = (user: string): { readonly source: Source } => ({
  source: sourceOf({ user, userName: `${user} the person` }),
});

export async function populate(store: Store, now: number): Promise<void> {
  await store.watchEvents();
  await answerPeople(store);
  await deliver(store, now);
  await askAndKeep(store, now);
  await interruptOne(store, now);
  await endLives(store);
  await leaveUnfinished(store, now);
  await decideAccess(store);
}

/** What agents ask, and what they keep; and a lease of something that only one process may do. */
async function askAndKeep(store: Store, now: number): Promise<void> {
  await say(store, "hello from asked", by("asked"));
  await answer(store, "hello asked");
  await say(store, "do it", by("asked"));
  const { lease } = await claim(store);
  await store.addSummary(lease, { text: "they said hello", throughSeq: 2 });
  await store.setAgentNote(lease, { agent: "agent", text: "knows them" });
  for (const choice of ["1", null]) {
    const choices = [
      { id: "yes", label: "Yes" },
      { id: "no", label: "No" },
    ];
    const question = { id: `qst_${choice}`, text: "really?", choices, pieces: ["really?"], expiresAt: now + LEASE_MS };
    await store.askQuestion(lease, question);
    if (choice !== null) await store.answerQuestion(by("asked"), { by: "asked", choice });
  }
  await store.acquireLease({ name: "only one", holder: "node-a", leaseMs: LEASE_MS });
}

/** A turn that a newer message has ended, and the one that has answered both. */
async function interruptOne(store: Store, now: number): Promise<void> {
  await say(store, "hello from interrupted", { ...by("interrupted"), sentAt: now - 1_000 });
  const { lease } = await claim(store);
  await say(store, "and another thing", by("interrupted"));
  await interrupt(store, lease, "hello interr");
  await answer(store, "hello to both");
}

async function decideAccess(store: Store): Promise<void> {
  const party = { platform: "test", account: "default", kind: "person" } as const;
  await store.decideAccess({ ...party, id: "friend" }, "allowed", "A friend");
  await store.decideAccess({ ...party, id: "pest" }, "blocked");
  await store.requestAccess({ ...party, id: "stranger" }, "A stranger");
}

async function answerPeople(store: Store): Promise<void> {
  for (const user of ["sent", "sent", "failed", "unknown", "dropped", "sending", "tried", "pending", "pending"]) {
    await say(store, `hello from ${user}`, by(user));
    const { lease } = await claim(store);
    const usage = { model: "m", inputTokens: 3, outputTokens: 2 };
    await store.commitTurn(lease, { ...sentResultOf(`hello ${user}`), usage });
  }
  await say(store, "hello from dead", by("dead"));
  await store.failTurn((await claim(store)).lease, { reason: "x", retryAt: null, notice: "sorry", pieces: [] });
  await retryByHand(store);
  await store.overhear(messageOf("in passing", by("dead")));
  await store.addDelivery({ destination: sourceOf({ user: "command" }), text: "a command's answer", key: null });
}

/** A turn that died twice, and was retried in between. */
async function retryByHand(store: Store): Promise<void> {
  const failure = { reason: "x", retryAt: null, notice: "sorry", pieces: [] };
  await say(store, "hello again", by("retried"));
  const { lease } = await claim(store);
  await store.failTurn(lease, failure);
  await store.retryTurn(lease.turnId);
  await store.failTurn((await claim(store)).lease, failure);
}

async function deliver(store: Store, now: number): Promise<void> {
  const request = { node: "node-a", leaseMs: LEASE_MS, limit: 1 };
  for (;;) {
    const [taken] = await store.takeDeliveries(request);
    assert.ok(taken !== undefined);
    const { user } = taken.destination;
    // The first of two to one destination: the other waits behind it.
    if (user === "pending") break;
    if (user !== "sending") await settle(store, taken, now);
  }
  const [command] = await store.takeDeliveries(request);
  assert.ok(command !== undefined);
  await store.settleDelivery(command, { state: "sent", remoteId: null });
}

async function settle(store: Store, taken: TakenDelivery, now: number): Promise<void> {
  switch (taken.destination.user) {
    case "failed":
      await store.settleDelivery(taken, { state: "failed", error: "refused" });
      return;
    case "dropped":
      await store.settleDelivery(taken, { state: "failed", error: "refused" });
      await store.dropDelivery(taken.id);
      return;
    case "unknown":
      await store.settleDelivery(taken, { state: "unknown", error: "nobody can tell" });
      return;
    case "tried":
      await store.settleDelivery(taken, { state: "pending", dueAt: now + LEASE_MS, error: "later" });
      return;
    default:
      await store.settleDelivery(taken, { state: "sent", remoteId: "remote" });
  }
}

async function endLives(store: Store): Promise<void> {
  for (const text of ["the first life", "the second life"]) {
    await say(store, text, by("reset"));
    await answer(store, "yes");
    await store.reset(by("reset"), { ...by("reset"), eventId: `reset ${text}` });
  }
  await say(store, "the third life", by("reset"));
  await answer(store, "yes");

  await say(store, "cancelled while it ran", by("cancelled"));
  await claim(store);
  await say(store, "and while it waited", by("cancelled"));
  await store.cancelTurn(by("cancelled"));

  await say(store, "to be forgotten", by("erased"));
  const { lease } = await claim(store);
  await store.erase(lease.sessionId);
  await say(store, "after it was forgotten", by("erased"));
  await answer(store, "hello");

  await store.getOrCreate(sourceOf({ user: "draft" }));
  await store.update(by("noted"), { title: "a title before the first word" });
  await store.ensurePersisted(await store.getOrCreate(sourceOf({ user: "pinned" })));
  const [taken] = await store.takeEvents({ leaseMs: LEASE_MS, limit: 1 });
  assert.ok(taken !== undefined);
  await store.settleEvent(taken.event.id, "done");
}

async function leaveUnfinished(store: Store, now: number): Promise<void> {
  await say(store, "to be tried again", by("retrying"));
  await store.failTurn((await claim(store)).lease, {
    reason: "x",
    retryAt: now + LEASE_MS,
    notice: "",
    pieces: [],
  });
  await say(store, "runs", by("running"));
  const { lease } = await claim(store);
  await store.openDelivery(lease);
  await store.recordPost(lease, "remote");
  await say(store, "waits behind what runs", by("running"));
  await say(store, "waits", by("waiting"));
}
