import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { InboundEvent } from "../../src/core/event.ts";
import type { Question } from "../../src/core/question.ts";
import type { Source } from "../../src/core/source.ts";
import { claim } from "../../src/testing/contract/steps.ts";
import { sourceOf } from "../../src/testing/sources.ts";
import { type InboxUnderTest, openInbox } from "./inbox-setup.ts";

const ADA = sourceOf({ chatType: "thread", chat: "room", thread: "topic", user: "ada" });
const BOB: Source = { ...ADA, user: "bob" };

function said(text: string, given: Partial<InboundEvent & { kind: "message" }> = {}): InboundEvent {
  return { kind: "message", source: ADA, eventId: null, text, ...given };
}

/** Ada has said something, and the agent asks her back. */
async function askAda({ inbox, store }: InboxUnderTest): Promise<Question> {
  await inbox.receive(said("delete it"));
  const { lease } = await claim(store);
  const choices = [
    { id: "yes", label: "Delete" },
    { id: "no", label: "/stop" },
  ];
  const asked = await store.askQuestion(lease, { id: "qst_1", text: "Sure?", choices, pieces: [], expiresAt: 1e15 });
  assert.ok(asked.outcome === "asked");
  return asked.question;
}

describe("an answer to a question", () => {
  test("I32 is a command, told to nobody but the agent, and opens no turn", async () => {
    await using under = await openInbox();
    const { id } = await askAda(under);
    const outcome = await under.inbox.receive(said(" delete ", { eventId: "1" }));
    assert.deepEqual(outcome, { outcome: "command", name: "answer", reply: "Chosen: Delete", duplicate: false });
    assert.equal((await under.store.reader.question(id))?.choice, "yes");
    assert.deepEqual(under.counted, ["accepted", "command"]);
    assert.equal(under.woken.length, 1);
  });

  test("I20 acts once, and its redelivery is a duplicate", async () => {
    await using under = await openInbox();
    await askAda(under);
    await under.inbox.receive(said("1", { eventId: "1" }));
    const again = await under.inbox.receive(said("1", { eventId: "1" }));
    assert.ok(again.outcome === "command" && again.duplicate);
    assert.deepEqual(under.counted, ["accepted", "command", "duplicate"]);
  });

  test("I32 is never a command, whatever the agent calls its choices: /stop stops", async () => {
    await using under = await openInbox();
    const { id } = await askAda(under);
    const outcome = await under.inbox.receive(said("/stop"));
    assert.ok(outcome.outcome === "command" && outcome.name === "stop");
    assert.equal((await under.store.reader.question(id))?.state, "withdrawn");
  });

  test("I20 a command that is delivered again is still that command", async () => {
    await using under = await openInbox();
    await under.inbox.receive(said("hello"));
    const first = await under.inbox.receive(said("/title Plans", { eventId: "1" }));
    const again = await under.inbox.receive(said("/title Plans", { eventId: "1" }));
    assert.ok(first.outcome === "command" && again.outcome === "command");
    assert.deepEqual([again.name, again.duplicate], ["title", true]);
    assert.doesNotMatch(again.reply, /answered/);
  });

  test("I32 is a message when it is no choice, comes with a file, or is somebody else's", async () => {
    await using under = await openInbox();
    await askAda(under);
    const events = [
      said("3"),
      said("delete it, please"),
      said("1", { attachments: [{ url: "https://example.com/a.png" }] }),
      said("1", { source: BOB }),
      said("1".repeat(5_000)),
    ];
    for (const event of events) assert.equal((await under.inbox.receive(event)).outcome, "accepted");
    assert.equal((await under.store.reader.question("qst_1"))?.state, "open");
  });

  test("I32 need not call the agent by its name in a group", async () => {
    await using under = await openInbox();
    const { id } = await askAda(under);
    const outcome = await under.inbox.receive(said("1", { addressed: false }));
    assert.ok(outcome.outcome === "command");
    assert.equal((await under.store.reader.question(id))?.state, "answered");
    const after = await under.inbox.receive(said("2", { addressed: false }));
    assert.deepEqual(after, { outcome: "signal", name: "unaddressed" });
  });

  test("I30 is not taken from someone who may not speak", async () => {
    let isBlocked = false;
    await using under = await openInbox({
      access: () => ({
        check: () =>
          Promise.resolve(isBlocked ? { outcome: "rejected", reason: "blocked", reply: null } : { outcome: "allowed" }),
      }),
    });
    const { id } = await askAda(under);
    isBlocked = true;
    assert.equal((await under.inbox.receive(said("1"))).outcome, "rejected");
    assert.equal((await under.inbox.receive(said("1", { addressed: false }))).outcome, "signal");
    assert.equal((await under.store.reader.question(id))?.state, "open");
  });

  test("where nothing was asked is a message", async () => {
    await using under = await openInbox();
    assert.equal((await under.inbox.receive(said("1"))).outcome, "accepted");
  });
});
