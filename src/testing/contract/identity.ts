import assert from "node:assert/strict";
import { SESSION_ID_PATTERN } from "../../core/session-id.ts";
import { messageOf, sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { say, stored, transcriptOf } from "./steps.ts";

/** Who is who: I1, I2, I4, I5. */
export function identity(contract: Contract): void {
  contract.states("I1 derived id: a draft has the id its row will have", async ({ store }) => {
    const draft = await store.getOrCreate(sourceOf());
    assert.match(draft.id, SESSION_ID_PATTERN);
    const { session } = await say(store, "hello");
    assert.equal(session.id, draft.id);
    assert.equal((await store.getOrCreate(sourceOf())).id, draft.id);
  });

  contract.states("I1 derived id: it reveals no part of the address", async ({ store }) => {
    const source = sourceOf({
      platform: "pl4tform",
      account: "acc0unt",
      chatType: "group",
      chat: "ch4tid",
      user: "us3rid",
    });
    const { id } = await store.getOrCreate(source);
    for (const part of [source.platform, source.account, source.chat, source.user]) {
      assert.ok(!id.includes(part), `the id must not contain "${part}"`);
    }
  });

  contract.states("I1 derived id: each life of a key has its own", async ({ store }) => {
    const first = await say(store, "hello");
    await store.reset({ source: sourceOf() });
    const second = await store.getOrCreate(sourceOf());
    assert.equal(second.epoch, first.session.epoch + 1);
    assert.notEqual(second.id, first.session.id);
    assert.equal((await say(store, "again")).session.id, second.id);
  });

  contract.states("I1 derived id: another installation gives another id", async ({ store }) => {
    const here = await store.getOrCreate(sourceOf());
    await contract.play(async ({ store: elsewhere }) => {
      const there = await elsewhere.getOrCreate(sourceOf());
      assert.equal(there.key, here.key);
      assert.notEqual(there.id, here.id);
    });
  });

  contract.states("I2 address first: a draft is found by its source, never by its id", async ({ store }) => {
    const { id } = await store.getOrCreate(sourceOf());
    const ref = { sessionId: id };
    assert.deepEqual(await store.reader.get(id), { outcome: "missing" });
    assert.equal((await store.reset(ref)).outcome, "missing");
    assert.equal((await store.update(ref, { title: "A title" })).outcome, "missing");
    assert.equal((await store.cancelTurn(ref)).outcome, "missing");
    assert.equal((await store.erase(id)).outcome, "missing");
    assert.equal(await store.reader.reply(id, 1), null);
    assert.equal((await store.getOrCreate(sourceOf())).title, null);
  });

  contract.states("I2 address first: every command works there before the first word", async ({ store }) => {
    const ref = { source: sourceOf() };
    const draft = await store.getOrCreate(ref.source);
    assert.equal(draft.persisted, false);
    assert.equal(draft.epoch, 1);
    assert.equal(draft.lastSeq, 0);
    assert.equal(draft.reset, null);
    assert.equal((await store.reset(ref)).outcome, "unchanged");
    assert.equal((await store.cancelTurn(ref)).outcome, "idle");
    assert.equal((await store.update(ref, { title: "Before the first word" })).outcome, "noted");
  });

  contract.states(
    "I2 address first: `persisted` tells of the store and is not part of what is serialised",
    async ({ store }) => {
      const draft = await store.getOrCreate(sourceOf());
      assert.equal(draft.persisted, false);
      assert.ok(!JSON.stringify(draft).includes("persisted"));
      const { session } = await say(store, "hello");
      assert.equal(session.persisted, true);
      assert.equal((await store.getOrCreate(sourceOf())).persisted, true);
      assert.equal((await stored(store, session.id)).persisted, true);
      assert.ok(!JSON.stringify(session).includes("persisted"));
    },
  );

  contract.states(
    "I4 one live session per key: every message of a source goes to it until it ends",
    async ({ store }) => {
      const ids = new Set<string>();
      for (const text of ["one", "two", "three"]) ids.add((await say(store, text)).session.id);
      assert.equal(ids.size, 1);
      const { items } = await store.reader.list({ live: true });
      assert.deepEqual(
        items.map(({ id }) => id),
        [...ids],
      );
    },
  );

  contract.states("I5 keys are injective: no two conversations are taken for one", async ({ store }) => {
    const sources = [
      sourceOf({ user: "a:b" }),
      sourceOf({ account: "default:a", user: "b" }),
      sourceOf({ account: "default", chat: "a:b", user: "b" }),
      sourceOf({ account: 'default","a', user: "b" }),
      sourceOf({ user: 'a","b' }),
      sourceOf({ user: "a/b" }),
      sourceOf({ user: "a%2Fb" }),
      sourceOf({ user: "A/B" }),
      sourceOf({ user: "å" }),
      sourceOf({ user: "a\u030a" }),
      sourceOf({ user: "'; drop table session; --" }),
      sourceOf({ chatType: "group", chat: "a", user: "b" }),
      sourceOf({ chatType: "channel", chat: "a", user: "b" }),
      sourceOf({ chat: "a", thread: "b", user: "b" }),
    ];
    const ids = new Set<string>();
    for (const source of sources) ids.add((await say(store, "hello", { source })).session.id);
    assert.equal(ids.size, sources.length);
    assert.equal((await store.reader.stats()).sessions, sources.length);
  });

  contract.states(
    "I5 keys are injective: a group is a person's own by default, a thread is shared",
    async ({ store }) => {
      const group = (user: string) => sourceOf({ chatType: "group", chat: "lobby", user });
      const thread = (user: string) => sourceOf({ chat: "lobby", thread: "42", user });
      const own = await say(store, "mine", { source: group("ada") });
      assert.notEqual((await store.getOrCreate(group("bob"))).id, own.session.id);
      const shared = await say(store, "ours", { source: thread("ada") });
      assert.equal((await say(store, "ours too", { source: thread("bob") })).session.id, shared.session.id);
      const senders = (await transcriptOf(store, shared.session.id)).map(({ sender }) => sender?.id);
      assert.deepEqual(senders, ["ada", "bob"]);
    },
  );

  if (!contract.durable) return;

  contract.states("I1 derived id: it is the same after the store has been opened again", async ({ store, reopen }) => {
    const draft = await store.getOrCreate(sourceOf());
    const again = await reopen();
    assert.equal((await again.getOrCreate(sourceOf())).id, draft.id);
    const accepted = await again.accept(messageOf("hello"));
    assert.ok(accepted.outcome === "accepted");
    assert.equal(accepted.session.id, draft.id);
  });

  contract.states(
    "I4 one live session per key: a row keeps its key when the scope changes",
    async ({ store, reopen }) => {
      const group = (user: string) => sourceOf({ chatType: "group", chat: "lobby", user });
      const { session } = await say(store, "mine", { source: group("ada") });
      const shared = await reopen({ scope: { group: "shared", thread: "shared" } });
      assert.equal((await stored(shared, session.id)).key, session.key);
      const ours = await say(shared, "ours", { source: group("bob") });
      assert.notEqual(ours.session.id, session.id);
      assert.equal((await say(shared, "ours too", { source: group("ada") })).session.id, ours.session.id);
    },
  );
}
