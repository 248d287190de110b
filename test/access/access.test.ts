import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { AccessOutcome } from "../../src/access/access.ts";
import { MAX_REQUESTS } from "../../src/store/access-store.ts";
import { messageOf, sourceOf } from "../../src/testing/sources.ts";
import { type AccessUnderTest, openAccess } from "./access-setup.ts";

const ALLOWED = { outcome: "allowed" };
const ADA = { platform: "test", account: "default", kind: "person", id: "ada" } as const;
const LOBBY = { ...ADA, kind: "chat", id: "lobby" } as const;
const inLobby = { source: sourceOf({ chatType: "group", chat: "lobby", chatName: "The lobby" }) };

function rejected(reason: string, reply: string | null = null): object {
  return { outcome: "rejected", reason, reply };
}

function replyOf(outcome: AccessOutcome): string | null {
  return outcome.outcome === "rejected" ? outcome.reply : null;
}

/** The code of the line that a stranger is told. */
async function codeFor(under: AccessUnderTest): Promise<string> {
  const reply = replyOf(await under.say());
  return /parlor access approve test (\S+)$/.exec(reply ?? "")?.[1] ?? assert.fail(String(reply));
}

describe("a stranger in a direct message", () => {
  test("is told once how to be let in, in one line, and is known from then on to whoever looks", async () => {
    await using under = await openAccess();
    const source = sourceOf({ userName: "Ada\u202e" });
    const reply = replyOf(await under.say({ source }));
    assert.match(reply ?? "", /^[^\n]* not kept\. [^\n]*: parlor access approve test ada-[0-9A-Z]{8}$/);
    assert.deepEqual(await under.say({ source }), rejected("unknown-person"));
    const { requests } = await under.store.reader.accessList();
    assert.deepEqual(requests, [{ ...ADA, name: "Ada\u202e", askedAt: under.clock.now() }]);
  });

  test("is let in by the code, and heard from the next message on", async () => {
    await using under = await openAccess();
    const code = await codeFor(under);
    await under.store.approveAccess({ platform: "test", accounts: ["default"], code });
    assert.deepEqual(await under.say(), ALLOWED);
  });

  test("is told again after an hour, and at once when an allowance was taken back", async () => {
    await using under = await openAccess();
    const code = await codeFor(under);
    under.clock.advance(3_599_999);
    assert.deepEqual(await under.say(), rejected("unknown-person"));
    await under.store.approveAccess({ platform: "test", accounts: ["default"], code });
    assert.deepEqual(await under.say(), ALLOWED);
    await under.store.revokeAccess(ADA);
    await codeFor(under);
    under.clock.advance(3_600_000);
    await codeFor(under);
  });

  test("is told again at once when a block was taken back", async () => {
    await using under = await openAccess();
    await codeFor(under);
    await under.store.decideAccess(ADA, "blocked");
    assert.deepEqual(await under.say(), rejected("blocked"));
    await under.store.revokeAccess(ADA);
    await codeFor(under);
  });

  test("is told again after a night in which the machine slept, as the code ran out", async () => {
    await using under = await openAccess();
    const code = await codeFor(under);
    under.sleep(8 * 3_600_000);
    assert.notEqual(await codeFor(under), code);
  });

  test("is told again when the clock was set back, as the code is of a time to come", async () => {
    await using under = await openAccess();
    const code = await codeFor(under);
    under.sleep(-3 * 3_600_000);
    assert.notEqual(await codeFor(under), code);
  });

  test("is not told twice by a gateway that was started anew", async () => {
    await using under = await openAccess();
    await under.store.requestAccess(ADA, null);
    assert.deepEqual(await under.say(), rejected("unknown-person"));
  });

  test("meets silence where direct messages are closed, and nothing is written", async () => {
    await using under = await openAccess({ dm: "closed" });
    assert.deepEqual(await under.say(), rejected("unknown-person"));
    assert.equal(under.calls.requestAccess, 0);
  });

  test("is answered where they are open, unless blocked", async () => {
    await using under = await openAccess({ dm: "open" });
    assert.deepEqual(await under.say(), ALLOWED);
    await under.store.decideAccess(ADA, "blocked");
    assert.deepEqual(await under.say(), rejected("blocked"));
    assert.deepEqual(await under.say(inLobby), rejected("blocked"), "an open door for direct messages alone");
  });

  test("who speaks in a thread of their own direct message is in a direct message", async () => {
    await using under = await openAccess();
    await under.store.decideAccess(ADA, "allowed");
    assert.deepEqual(await under.say({ source: sourceOf({ thread: "t" }) }), ALLOWED);
    assert.partialDeepStrictEqual(await under.say({ source: sourceOf({ thread: "t", chat: "lobby" }) }), {
      reason: "unknown-chat",
    });
  });
});

describe("a group", () => {
  test("is met with silence and noted once, until it is allowed", async () => {
    await using under = await openAccess();
    for (let n = 0; n < 3; n += 1) assert.deepEqual(await under.say(inLobby), rejected("unknown-chat"));
    assert.equal(under.calls.requestAccess, 1);
    const { requests } = await under.store.reader.accessList();
    assert.deepEqual(requests, [{ ...LOBBY, name: "The lobby", askedAt: under.clock.now() }]);
    await under.store.decideAccess(LOBBY, "allowed");
    assert.deepEqual(await under.say(inLobby), ALLOWED);
  });

  test("is not opened by a member who is allowed, and a member not by the group", async () => {
    await using under = await openAccess();
    await under.store.decideAccess(ADA, "allowed");
    assert.deepEqual(await under.say(inLobby), rejected("unknown-chat"));
    await under.store.revokeAccess(ADA);
    await under.store.decideAccess(LOBBY, "allowed");
    assert.deepEqual(await under.say(inLobby), ALLOWED);
    assert.partialDeepStrictEqual(await under.say(), { reason: "unknown-person" });
  });

  test("that is allowed lets every member speak but those who are blocked, in its threads too", async () => {
    await using under = await openAccess({ allow: ["test:lobby"] });
    await under.store.decideAccess({ ...ADA, id: "pest" }, "blocked");
    for (const place of [{ chatType: "channel" }, { thread: "t" }] as const) {
      assert.deepEqual(await under.say({ source: sourceOf({ ...place, chat: "lobby" }) }), ALLOWED);
      assert.deepEqual(
        await under.say({ source: sourceOf({ ...place, chat: "lobby", user: "pest" }) }),
        rejected("blocked"),
      );
    }
  });

  test("that is blocked is silent for everyone, whatever else is allowed", async () => {
    await using under = await openAccess({ allow: ["test:lobby", "test:ada"], dm: "open" });
    await under.store.decideAccess(LOBBY, "blocked");
    assert.deepEqual(await under.say(inLobby), rejected("blocked"));
    assert.deepEqual(await under.say(), ALLOWED);
  });

  test("is not noted for what was said to others", async () => {
    await using under = await openAccess();
    assert.deepEqual(await under.say({ ...inLobby, addressed: false }), rejected("unknown-chat"));
    assert.equal(under.calls.requestAccess, 0);
  });
});

describe("the operator", () => {
  test("is never asked on platforms of their own", async () => {
    await using under = await openAccess({ personPerMinute: 1, dm: "closed" });
    const source = sourceOf({ platform: "api", chatType: "group", chat: "main" });
    for (let n = 0; n < 5; n += 1) assert.deepEqual(await under.say({ source }), ALLOWED);
    assert.equal(under.calls.standing, 0);
  });

  test("allows by configuration, exactly whom it names", async () => {
    await using under = await openAccess({ allow: ["test:ada"], dm: "closed" });
    assert.deepEqual(await under.say(), ALLOWED);
    for (const other of [{ user: "Ada" }, { user: "ada ", chat: "ada" }, { platform: "tes" }])
      assert.deepEqual(await under.say({ source: sourceOf(other) }), rejected("unknown-person"));
  });

  test("blocks someone whom the configuration allows", async () => {
    await using under = await openAccess({ allow: ["test:ada"] });
    await under.store.decideAccess(ADA, "blocked");
    assert.deepEqual(await under.say(), rejected("blocked"));
  });
});

describe("too many messages", () => {
  test("of a person are refused with one polite line, and heard again after the wait it names", async () => {
    await using under = await openAccess({ allow: ["test:ada"], personPerMinute: 20 });
    for (let n = 0; n < 20; n += 1) assert.deepEqual(await under.say(), ALLOWED);
    const line = "That was a lot at once, and your last message was not kept. Please send it again in 3 seconds.";
    assert.deepEqual(await under.say(), rejected("rate-limited", line));
    assert.deepEqual(await under.say(), rejected("rate-limited"));
    under.clock.advance(3_000);
    assert.deepEqual(await under.say(), ALLOWED);
    assert.deepEqual(await under.say(), rejected("rate-limited"), "the line is said once");
    assert.deepEqual(await under.say({ source: sourceOf({ user: "bob" }) }).then(({ outcome }) => outcome), "rejected");
  });

  test("in a chat are refused whoever sends them, and take nothing from the person", async () => {
    await using under = await openAccess({ allow: ["test:lobby", "test:ada"], personPerMinute: 2, chatPerMinute: 1 });
    assert.deepEqual(await under.say(inLobby), ALLOWED);
    assert.partialDeepStrictEqual(await under.say(inLobby), { reason: "rate-limited" });
    assert.deepEqual(await under.say(), ALLOWED);
    assert.deepEqual(
      await under.say({ source: sourceOf({ chatType: "group", chat: "lobby", user: "bob" }) }),
      rejected("rate-limited"),
    );
  });

  test("are not made by a message that is delivered again", async () => {
    await using under = await openAccess({ allow: ["test:ada"], personPerMinute: 2 });
    const message = messageOf("hello", { eventId: "1" });
    await under.store.accept(message);
    for (let n = 0; n < 5; n += 1) assert.deepEqual(await under.say({ eventId: "1" }), ALLOWED);
    assert.deepEqual(await under.say({ eventId: "2" }), ALLOWED);
    assert.deepEqual(await under.say({ eventId: "3" }), ALLOWED);
    assert.partialDeepStrictEqual(await under.say({ eventId: "4" }), { reason: "rate-limited" });
    assert.deepEqual(await under.say({ eventId: "1" }), ALLOWED, "the store says what became of it");
  });

  test("are not made by what is said to others", async () => {
    await using under = await openAccess({ allow: ["test:lobby"], chatPerMinute: 1 });
    for (let n = 0; n < 5; n += 1) assert.deepEqual(await under.say({ ...inLobby, addressed: false }), ALLOWED);
    assert.deepEqual(await under.say(inLobby), ALLOWED);
  });
});

describe("a flood of strangers (I27, I30)", () => {
  test("is told thirty lines a minute and written down no oftener, and who is allowed is heard throughout", async () => {
    await using under = await openAccess();
    await under.store.decideAccess(ADA, "allowed");
    let lines = 0;
    for (let n = 0; n < 5_000; n += 1) {
      const stranger = sourceOf({ user: `stranger ${n}` });
      const group = sourceOf({ user: `stranger ${n}`, chatType: "group", chat: `group ${n}` });
      if (replyOf(await under.say({ source: stranger })) !== null) lines += 1;
      assert.deepEqual(await under.say({ source: group }), rejected("unknown-chat"));
      if (n % 500 === 0) assert.deepEqual(await under.say(), ALLOWED);
    }
    assert.equal(lines, 30);
    assert.equal(under.calls.requestAccess, 30 + 10);
    assert.equal((await under.store.reader.accessList()).requests.length, 40);
    under.clock.advance(2_000);
    assert.notEqual(replyOf(await under.say({ source: sourceOf({ user: "late" }) })), null, "the next has its turn");
  });

  test("that lasts a day keeps a hundred requests, and a code that was given is good whoever came after", async () => {
    await using under = await openAccess();
    const code = await codeFor(under);
    for (let n = 0; n < 300; n += 1) {
      under.clock.advance(10_000);
      await under.say({ source: sourceOf({ user: `stranger ${n}` }) });
    }
    assert.equal((await under.store.reader.accessList()).requests.length, MAX_REQUESTS);
    assert.equal(
      (await under.store.approveAccess({ platform: "test", accounts: ["default"], code })).outcome,
      "approved",
    );
    assert.deepEqual(await under.say(), ALLOWED);
  });
});
