import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { createPlace, parlor, parlorJson } from "./parlor.ts";
import { storeSessions } from "./stored-sessions.ts";

test("a sound store has a clean bill: exit code 0", async (t) => {
  const place = createPlace(t);
  await storeSessions(place);
  const { code, stdout, stderr } = await parlor(place, ["doctor"]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.match(stdout, /^✓ no-ghost +I6 +Every session holds an entry/m);
  assert.doesNotMatch(stdout, /✗/);
  assert.match(stdout, /\n\nNo defects in \d+ checks of .*parlor\.db\.\n$/);
});

test("a defect is named, with where it is: exit code 2", async (t) => {
  const place = createPlace(t);
  const { hostile } = await storeSessions(place);
  using db = new DatabaseSync(join(place.home, "parlor.db"));
  db.prepare("UPDATE session SET last_seq = 7 WHERE id = ?").run(hostile);

  const { code, stdout } = await parlor(place, ["doctor"]);
  assert.equal(code, 2);
  assert.match(stdout, new RegExp(`^✗ gapless +I13 [^✓✗]*\n +1 defect, such as ${hostile}$`, "m"));
  assert.match(stdout, /^✓ no-ghost/m);
  assert.match(stdout, /\n\n1 defect in 1 of \d+ checks of /);

  const document = await parlorJson<{ clean: boolean; checks: { name: string; defects: number }[] }>(place, ["doctor"]);
  assert.equal(document.clean, false);
  assert.deepEqual(
    document.checks.filter(({ defects }) => defects > 0).map(({ name, defects }) => [name, defects]),
    [["gapless", 1]],
  );
});
