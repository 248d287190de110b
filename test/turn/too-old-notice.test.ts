import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Entry } from "../../src/core/transcript.ts";
import { tooOldNotice } from "../../src/turn/too-old-notice.ts";

const NOW = Date.UTC(2026, 0, 5, 12);
const HOUR_MS = 3_600_000;

function said(text: string, hoursAgo: number, more: Partial<Entry> = {}): Entry {
  const at = NOW - hoursAgo * HOUR_MS;
  return {
    sessionId: "ses_1",
    seq: 1,
    role: "user",
    text,
    attachments: [],
    state: "running",
    sender: { id: "ada", name: null },
    turnId: "trn_1",
    reason: null,
    follows: null,
    sentAt: at,
    createdAt: NOW,
    ...more,
  };
}

describe("the question about messages that have waited too long", () => {
  it("says which one it is and how long ago it was sent, and offers /retry", () => {
    assert.equal(
      tooOldNotice([said("Reset my\npassword", 7)], NOW, true),
      'Your message from 7 hours ago, "Reset my password", has waited too long, so I have not acted on it. ' +
        "Shall I still answer it? Send /retry, and I will.",
    );
  });

  it("quotes the newest of several by the time they were sent", () => {
    assert.equal(
      tooOldNotice(
        [said("one", 30, { seq: 1 }), said("three", 20, { seq: 2 }), said("two", 25, { seq: 3 })],
        NOW,
        true,
      ),
      'Your last 3 messages, the newest from 20 hours ago, "three", have waited too long, so I have not acted on them. ' +
        "Shall I still answer them? Send /retry, and I will.",
    );
  });

  it("asks to send it again where no command is read", () => {
    assert.match(tooOldNotice([said("one", 7)], NOW, false), /Please send it again if it still matters\.$/);
  });

  it("says every time in its own measure", () => {
    const measures = [0.001, 0.5, 1, 47, 48, 24 * 365].map(
      (hours) => /from (.+? ago)/.exec(tooOldNotice([said("x", hours)], NOW, true))?.[1],
    );
    const expected = ["a moment ago", "30 minutes ago", "1 hour ago", "47 hours ago", "2 days ago", "365 days ago"];
    assert.deepEqual(measures, expected);
  });

  it("quotes 80 characters at most, as people count them", () => {
    const quote = (text: string): string => /"(.*)"/s.exec(tooOldNotice([said(text, 7)], NOW, true))?.[1] ?? "";
    assert.equal(quote("x".repeat(80)), "x".repeat(80));
    assert.equal(quote("x".repeat(81)), `${"x".repeat(80)}…`);
    const family = "👨‍👩‍👧";
    assert.equal(quote(family.repeat(100)), `${family.repeat(80)}…`);
    assert.ok(quote(`e${"\u0301".repeat(90_000)}`).length < 1_000);
  });

  it("names a file that came without words", () => {
    const photo = { url: "telegram:file/1", name: "photo" };
    assert.match(
      tooOldNotice([said("", 7, { attachments: [photo] })], NOW, true),
      /from 7 hours ago, photo, has waited/,
    );
    const named = (name: string): string =>
      tooOldNotice([said("", 7, { attachments: [{ url: "telegram:file/1", name }] })], NOW, true);
    assert.match(named(`a\nb${"x".repeat(5_000)}`), /ago, a bx{77}…, has waited/);
    assert.match(named(" "), /ago, a file, has waited/);
  });
});
