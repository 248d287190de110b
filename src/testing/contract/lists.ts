import assert from "node:assert/strict";
import { messageOf, sourceOf } from "../sources.ts";
import type { Contract } from "./contract.ts";
import { answer, everyPage, say, stored, transcriptOf } from "./steps.ts";

/** What is listed, in pages: I18. */
export function lists(contract: Contract): void {
  contract.states("I18 lists: stored sessions only, the most recently active first", async ({ store, clock }) => {
    for (const user of ["ada", "bob", "cyd"]) {
      await say(store, "hello", { source: sourceOf({ user }) });
      clock.advance(1000);
    }
    await store.getOrCreate(sourceOf({ user: "dan" }));
    await say(store, "hello again", { source: sourceOf({ user: "ada" }) });
    const { items, nextCursor } = await store.reader.list();
    assert.deepEqual(
      items.map(({ source }) => source.user),
      ["ada", "cyd", "bob"],
    );
    assert.equal(nextCursor, null);
    assert.ok(items.every(({ persisted }) => persisted));
    for (const item of items) assert.deepEqual(item, await stored(store, item.id));
  });

  contract.states("I18 lists: by platform, and by whether the life goes on", async ({ store, clock }) => {
    for (const platform of ["mail", "pager"]) {
      for (const user of ["ada", "bob"]) {
        await say(store, "hello", { source: sourceOf({ platform, user }) });
        clock.advance(1000);
      }
      await store.reset({ source: sourceOf({ platform, user: "ada" }) });
    }
    const names = async (query: { platform?: string; live?: boolean }): Promise<string[]> =>
      (await store.reader.list(query)).items.map(({ source }) => `${source.platform} ${source.user}`).toSorted();
    assert.deepEqual(await names({}), ["mail ada", "mail bob", "pager ada", "pager bob"]);
    assert.deepEqual(await names({ platform: "mail" }), ["mail ada", "mail bob"]);
    assert.deepEqual(await names({ live: true }), ["mail bob", "pager bob"]);
    assert.deepEqual(await names({ live: false }), ["mail ada", "pager ada"]);
    assert.deepEqual(await names({ platform: "pager", live: false }), ["pager ada"]);
    assert.deepEqual(await names({ platform: "fax" }), []);
  });

  contract.states(
    "I18 lists: pages join without gap or double, also where times are equal",
    async ({ store, clock }) => {
      for (let n = 0; n < 23; n++) {
        await say(store, "hello", { source: sourceOf({ user: `user-${n}` }) });
        if (n % 7 === 0) clock.advance(1000);
      }
      for (const limit of [1, 5, 22, 23, 200]) {
        const sessions = await everyPage((cursor) => store.reader.list({ limit, ...cursor }));
        assert.equal(sessions.length, 23);
        assert.equal(new Set(sessions.map(({ id }) => id)).size, 23);
        const times = sessions.map(({ activeAt }) => activeAt ?? 0);
        assert.deepEqual(
          times,
          times.toSorted((a, b) => b - a),
        );
      }
      const live = await everyPage((cursor) =>
        store.reader.list({ limit: 4, live: true, platform: "test", ...cursor }),
      );
      assert.equal(live.length, 23);
    },
  );

  contract.states(
    "I18 lists: rows that move while pages are read double nothing and hide no other",
    async ({ store, clock }) => {
      const user = (n: number) => sourceOf({ user: `user-${n}` });
      for (let n = 0; n < 20; n++) {
        await say(store, "hello", { source: user(n) });
        clock.advance(1000);
      }
      const seen: string[] = [];
      let page = 0;
      await everyPage(async (cursor) => {
        const result = await store.reader.list({ limit: 4, ...cursor });
        seen.push(...result.items.map(({ source }) => source.user));
        // One that has been seen moves to the front, one that has not does, and a stranger joins.
        await say(store, "me again", { source: user(19 - page) });
        await say(store, "me too", { source: user(page) });
        await say(store, "hello", { source: sourceOf({ user: `stranger-${page}` }) });
        clock.advance(1000);
        page++;
        return result;
      });
      assert.equal(new Set(seen).size, seen.length, "no session may be listed twice");
      const moved = new Set(Array.from({ length: page }, (_, n) => `user-${n}`));
      const still = Array.from({ length: 20 }, (_, n) => `user-${n}`).filter((name) => !moved.has(name));
      for (const name of still) assert.ok(seen.includes(name), `${name} must be listed`);
    },
  );

  contract.states("I18 lists: fifty to a page unless asked otherwise", async ({ store }) => {
    for (let n = 0; n < 51; n++) await say(store, "hello", { source: sourceOf({ user: `user-${n}` }) });
    const { items, nextCursor } = await store.reader.list();
    assert.equal(items.length, 50);
    assert.notEqual(nextCursor, null);
  });

  contract.states("I18 lists: a cursor that no page gave is refused, not misread", async ({ store }) => {
    const { session } = await say(store, "hello");
    for (const cursor of ["nonsense", "' or 1=1", "AAAA", "-1", "e30"]) {
      await assert.rejects(store.reader.list({ cursor }), { code: "INVALID_INPUT" }, `list: ${cursor}`);
      await assert.rejects(
        store.reader.search({ text: "hello", cursor }),
        { code: "INVALID_INPUT" },
        `search: ${cursor}`,
      );
      const transcript = store.reader.transcript(session.id, { cursor });
      await assert.rejects(transcript, { code: "INVALID_INPUT" }, `transcript: ${cursor}`);
    }
  });

  contract.states("I18 transcript: pages join in both directions", async ({ store }) => {
    const { session } = await say(store, "message 1");
    for (let n = 2; n <= 10; n++) await say(store, `message ${n}`);
    await answer(store, "answer");
    const seqs = Array.from({ length: 11 }, (_, n) => n + 1);
    for (const limit of [1, 4, 11, 50]) {
      const forward = await transcriptOf(store, session.id, limit);
      assert.deepEqual(
        forward.map(({ seq }) => seq),
        seqs,
      );
      const backward = await everyPage((cursor) =>
        store.reader.transcript(session.id, { limit, newestFirst: true, ...cursor }),
      );
      assert.deepEqual(backward, forward.toReversed());
    }
  });

  contract.states("I18 transcript: from a sequence number on, in both directions", async ({ store }) => {
    const { session } = await say(store, "message 1");
    for (let n = 2; n <= 8; n++) await say(store, `message ${n}`);
    for (const limit of [1, 3, 50]) {
      for (const newestFirst of [false, true]) {
        const entries = await everyPage((cursor) =>
          store.reader.transcript(session.id, { afterSeq: 5, newestFirst, limit, ...cursor }),
        );
        const seqs = newestFirst ? [8, 7, 6] : [6, 7, 8];
        assert.deepEqual(
          entries.map(({ seq }) => seq),
          seqs,
        );
      }
    }
    assert.deepEqual((await store.reader.transcript(session.id, { afterSeq: 8 })).items, []);
    for (const afterSeq of [-1, 1.5, Number.NaN]) {
      await assert.rejects(store.reader.transcript(session.id, { afterSeq }), { code: "INVALID_INPUT" });
    }
  });

  contract.states("I18 transcript: a reader who pages on sees what is said meanwhile", async ({ store }) => {
    const { session } = await say(store, "one");
    await say(store, "two");
    const first = await store.reader.transcript(session.id, { limit: 1 });
    await store.accept(messageOf("three"));
    const rest = await store.reader.transcript(session.id, { limit: 5, cursor: first.nextCursor ?? "" });
    assert.deepEqual(
      [...first.items, ...rest.items].map(({ text }) => text),
      ["one", "two", "three"],
    );
    assert.equal(rest.nextCursor, null);
  });
}
