import assert from "node:assert/strict";
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { before, describe, it } from "node:test";
import { MESSAGE_STATES } from "../../../src/core/message.ts";
import { openSqliteReader, openSqliteStore } from "../../../src/sqlite.ts";
import type { Check } from "../../../src/store/reader.ts";
import { createManualClock } from "../../../src/testing/manual-clock.ts";
import { PLANTED } from "./planted-defects.ts";
import { populate } from "./populate.ts";
import { openRaw, scratchFiles, valueOf } from "./scratch.ts";

const newPath = scratchFiles();

const original = newPath();

before(async () => {
  const clock = createManualClock(Date.UTC(2026, 2, 2));
  await using store = await openSqliteStore({ path: original, clock });
  await populate(store, clock.now());
});

/** A file with everything in it. */
function populatedFile(): string {
  const path = newPath();
  mkdirSync(dirname(path));
  copyFileSync(original, path);
  return path;
}

async function verified(path: string): Promise<readonly Check[]> {
  using reader = openSqliteReader(path);
  return await reader.verify();
}

describe("verify", () => {
  it("finds nothing in a healthy store that holds everything", async () => {
    const path = populatedFile();
    for (const { name, defects, examples } of await verified(path))
      assert.deepEqual([name, defects, examples], [name, 0, []]);
    using reader = openSqliteReader(path);
    const { messages, turns, deliveries, ...stats } = await reader.stats();
    for (const state of MESSAGE_STATES) assert.equal(messages[state] > 0, state !== "erased", state);
    for (const [state, count] of Object.entries({ ...turns, ...deliveries })) assert.ok(count > 0, state);
    assert.ok(stats.pinnedSessions > 0 && stats.liveSessions < stats.sessions);
    using raw = openRaw(path);
    assert.ok(Number(valueOf(raw, "SELECT count(*) FROM tombstone")) > 0, "something was erased");
    assert.ok(Number(valueOf(raw, "SELECT count(*) FROM draft_note")) > 0, "something was noted for a draft");
  });

  it("has a planted defect for every check, and plants no other", async () => {
    const checks = await verified(populatedFile());
    assert.deepEqual(
      [...new Set(PLANTED.map(({ check }) => check))].toSorted(),
      checks.map(({ name }) => name).toSorted(),
    );
    for (const { rule } of checks) assert.match(rule, /^[A-Z].*\.$/);
  });

  for (const { check, defect, plant, also = [] } of PLANTED) {
    it(`finds by "${check}" ${defect}`, async () => {
      const path = populatedFile();
      let example: string;
      {
        using raw = openRaw(path);
        raw.exec(
          "PRAGMA ignore_check_constraints = ON; DROP TRIGGER message_state; DROP TRIGGER turn_state; DROP TRIGGER delivery_state",
        );
        example = plant(raw);
      }
      const checks = await verified(path);
      const found = checks.filter(({ defects }) => defects > 0);
      assert.deepEqual(
        found.map(({ name }) => name),
        checks.map(({ name }) => name).filter((name) => name === check || also.includes(name)),
      );
      const { defects = 0, examples = [] } = found.find(({ name }) => name === check) ?? {};
      assert.ok(defects >= examples.length && examples.length > 0);
      assert.ok(
        examples.some((text) => text.includes(example)),
        `"${example}" must be among ${examples.join(", ")}`,
      );
    });
  }
});
