import assert from "node:assert/strict";
import { test } from "node:test";
import { displayWidth } from "../../src/cli/display-width.ts";
import { claim, say } from "../../src/testing/contract/steps.ts";
import { type Dead, die, inStore } from "./dead-turns.ts";
import { createPlace, parlor, parlorJson, startParlor } from "./parlor.ts";

interface Listed {
  readonly turns: readonly { readonly id: string; readonly state: string; readonly retriedBy: string | null }[];
  readonly nextCursor: string | null;
}

interface Failed {
  readonly error: { readonly code: string; readonly message: string };
}

test("turns list shows what died and why, in 80 columns, page by page", async (t) => {
  const place = createPlace(t);
  const [first, second] = await inStore(place, async (store) => {
    const dead = [await die(store, "one"), await die(store, "two", "bob")] as const;
    await say(store, "three");
    await claim(store);
    return dead;
  });
  const { code, stdout } = await parlor(place, ["turns", "list", "--state", "dead", "--limit", "1"]);
  assert.equal(code, 0);
  assert.match(stdout, /^ID +STATE +TRIES +BEGUN +WHY$/m);
  assert.match(stdout, /^trn_\S+ +dead +1 +\d{4}-\d\d-\d\d \d\d:\d\d +The model/m);
  for (const line of stdout.split("\n").slice(0, 2)) assert.ok(displayWidth(line) <= 80, line);
  const more = /^More: parlor (.+)$/m.exec(stdout)?.[1]?.split(" ") ?? [];
  const rest = await parlorJson<Listed>(place, more);
  assert.equal(rest.nextCursor, null);
  assert.equal(rest.turns.length, 1);
  const all = await parlorJson<Listed>(place, ["turns", "list"]);
  assert.deepEqual(new Set(all.turns.map(({ state }) => state)), new Set(["dead", "running"]));
  const ofBob = await parlorJson<Listed>(place, ["turns", "list", "--session", second.session]);
  assert.deepEqual(
    ofBob.turns.map(({ id }) => id),
    [second.turn],
  );
  assert.notEqual(first.turn, second.turn);
  assert.equal((await parlor(place, ["turns", "list", "--state", "asleep"])).code, 64);
});

test("turns show has messages, attempts and reason, and nothing that a terminal obeys", async (t) => {
  const place = createPlace(t);
  const dead = await inStore(place, (store) => die(store, "hello \u001b[31mthere"));
  const { stdout } = await parlor(place, ["turns", "show", dead.turn]);
  assert.ok(!stdout.includes("\u001b"), JSON.stringify(stdout));
  assert.match(stdout, new RegExp(`^Session +${dead.session}$`, "m"));
  assert.match(stdout, /^State +dead$/m);
  assert.match(stdout, /^Tries +1$/m);
  assert.match(stdout, /^Why +The model said \\x1b\[31mno\.$/m);
  assert.match(stdout, /^ {2}hello \\x1b\[31mthere$/m);
  const document = await parlorJson<object>(place, ["turns", "show", dead.turn]);
  assert.partialDeepStrictEqual(document, {
    turn: { id: dead.turn, session: dead.session, state: "dead", attempt: 1 },
    messages: [{ seq: 1, state: "dead" }],
    entries: [{ seq: 2, role: "notice", text: "sorry" }],
    usage: null,
    deliveries: [],
  });
  const missing = await parlorJson<Failed>(place, ["turns", "show", "trn_none"]);
  assert.equal(missing.error.code, "NOT_FOUND");
});

test("turns retry beside a gateway has a dead turn answered, once", async (t) => {
  const place = createPlace(t);
  const dead = await inStore(place, (store) => die(store, "hello"));
  const gateway = await startParlor(t, place);
  await gateway.says(/listening|http:/i);
  const { stdout, code } = await parlor(place, ["turns", "retry", dead.turn]);
  assert.equal(code, 0);
  const by = /^(trn_\S+) answers 1 message of (trn_\S+) next\.$/m.exec(stdout);
  assert.equal(by?.[2], dead.turn);
  for (;;) {
    const shown = await parlorJson<{ turn: { state: string }; entries: { text: string }[] }>(place, [
      "turns",
      "show",
      by?.[1] ?? "",
    ]);
    if (shown.turn.state !== "done") continue;
    assert.match(shown.entries[0]?.text ?? "", /hello/);
    break;
  }
  const again = await parlorJson<object>(place, ["turns", "retry", dead.turn]);
  assert.deepEqual(again, { retried: false, turn: dead.turn, by: by?.[1], messages: 0 });
  const { turns } = await parlorJson<Listed>(place, ["turns", "list", "--state", "dead"]);
  assert.deepEqual(
    turns.map(({ id, retriedBy }) => [id, retriedBy]),
    [[dead.turn, by?.[1]]],
  );
});

test("turns retry is refused with what to do instead", async (t) => {
  const place = createPlace(t);
  const refused = async (id: string): Promise<Failed["error"]> =>
    (await parlorJson<Failed>(place, ["turns", "retry", id])).error;
  const { dead, running } = await inStore(place, async (store) => {
    const died: Dead = await die(store, "one");
    await say(store, "two");
    return { dead: died, running: (await claim(store)).lease.turnId };
  });
  assert.match((await refused(running)).message, /Only a turn that is dead can be retried; trn_\S+ is running\./);
  assert.match((await refused(dead.turn)).message, new RegExp(`${running}, is not over yet`));
  await inStore(place, (store) => store.reset({ sessionId: dead.session }));
  assert.equal((await refused(dead.turn)).code, "GONE");
  await inStore(place, (store) => store.erase(dead.session));
  assert.equal((await refused(dead.turn)).code, "NOT_FOUND");
});

test("turns cancel stops that turn and no later one", async (t) => {
  const place = createPlace(t);
  const turn = await inStore(place, async (store) => {
    await say(store, "one");
    const { lease } = await claim(store);
    await say(store, "two");
    return lease.turnId;
  });
  const { stdout } = await parlor(place, ["turns", "cancel", turn]);
  assert.equal(stdout, `${turn} is cancelled; 2 messages will not be answered.\n`);
  const next = await inStore(place, async (store) => {
    await say(store, "three");
    return (await claim(store)).lease.turnId;
  });
  const again = await parlor(place, ["turns", "cancel", turn]);
  assert.deepEqual(again, { code: 0, stdout: `${turn} was over already: it is cancelled.\n`, stderr: "" });
  const { turns } = await parlorJson<Listed>(place, ["turns", "list", "--state", "running"]);
  assert.deepEqual(
    turns.map(({ id }) => id),
    [next],
  );
  assert.equal((await parlorJson<Failed>(place, ["turns", "cancel", "trn_none"])).error.code, "NOT_FOUND");
});
