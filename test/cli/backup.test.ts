import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createPlace, parlor, parlorJson, startParlor } from "./parlor.ts";
import { storeSessions } from "./stored-sessions.ts";

interface Backup {
  readonly backup: string;
  readonly sessions: number;
  readonly entries: number;
}

test("backup makes one file named after the time, and says what is in it", async (t) => {
  const place = createPlace(t);
  await storeSessions(place);
  const { code, stdout, stderr } = await parlor(place, ["backup"]);
  assert.deepEqual([code, stderr], [0, ""]);
  const [name = ""] = readdirSync(place.folder).filter((file) => file.endsWith(".db"));
  assert.match(name, /^parlor-\d{8}T\d{6}Z\.db$/);
  assert.match(stdout, new RegExp(`/${name}: \\d+\\.\\d KiB, 3 sessions, 5 entries, without a defect\\.\\n$`));
  assert.equal(statSync(join(place.folder, name)).mode & 0o777, 0o600);

  mkdirSync(join(place.folder, "backups"));
  const { backup } = await parlorJson<Backup>(place, ["backup", "backups"]);
  assert.match(backup, /\/backups\/parlor-\d{8}T\d{6}Z\.db$/);
});

test("backup replaces nothing unless it is told to, and says what it lacks", async (t) => {
  const place = createPlace(t, { "kept.db": "precious" });
  const missing = await parlorJson<{ error: { code: string } }>(place, ["backup"]);
  assert.equal(missing.error.code, "STORE_MISSING");
  await storeSessions(place);
  const refused = await parlor(place, ["backup", "kept.db"]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /There is a file .*kept\.db already\. .*--force/);
  assert.equal(readFileSync(join(place.folder, "kept.db"), "utf8"), "precious");
  assert.equal((await parlor(place, ["backup", "kept.db", "--force"])).code, 0);
  assert.equal((await parlor(place, ["restore", "kept.db", "--verify"])).code, 0);
});

test("restore --verify looks and changes nothing; what is wrong makes the exit code 2", async (t) => {
  const place = createPlace(t);
  await storeSessions(place);
  await parlor(place, ["backup", "b.db"]);
  const file = join(place.folder, "b.db");
  const whole = readFileSync(file);
  const sound = await parlor(place, ["restore", "b.db", "--verify"]);
  assert.deepEqual([sound.code, sound.stderr], [0, ""]);
  assert.match(sound.stdout, /^✓ no-ghost/m);
  assert.match(sound.stdout, /\n\nNo defects in \d+ checks of .*b\.db \(.*, 3 sessions, 5 entries\)\.\n$/);

  writeFileSync(file, whole.subarray(0, 20_000));
  const cut = await parlor(place, ["restore", "b.db", "--verify"]);
  assert.deepEqual([cut.code, cut.stderr], [2, ""]);
  assert.match(cut.stdout, /not a whole backup/);
  const document = await parlorJson<object>(place, ["restore", "b.db", "--verify"]);
  assert.partialDeepStrictEqual(document, { clean: false, fault: { code: "INVALID_INPUT" }, checks: [] });
  assert.equal((await parlor(place, ["restore", "none.db", "--verify"])).code, 1);
  assert.deepEqual(readFileSync(file), whole.subarray(0, 20_000));

  // A backup can be looked at where there is no store at all.
  rmSync(place.home, { recursive: true });
  writeFileSync(file, whole);
  assert.equal((await parlor(place, ["restore", "b.db", "--verify"])).code, 0);
  assert.deepEqual(readdirSync(place.folder), ["b.db"]);
});

test("restore asks nobody where there is nobody, and with --yes brings back what was said", async (t) => {
  const place = createPlace(t);
  const { hostile } = await storeSessions(place);
  await parlor(place, ["backup", "b.db"]);
  await parlor(place, ["sessions", "delete", hostile, "--yes"]);
  const refused = await parlor(place, ["restore", "b.db"]);
  assert.equal(refused.code, 64);
  assert.match(refused.stderr, /nobody to ask .* add --yes/);
  assert.equal((await parlor(place, ["sessions", "show", hostile])).code, 1);

  const restored = await parlor(place, ["restore", "b.db", "--yes"]);
  assert.deepEqual([restored.code, restored.stderr], [0, ""]);
  assert.match(
    restored.stdout,
    /parlor\.db holds 3 sessions, 5 entries now\.\n.*kept as .*\.before-restore-\d+T\d+Z\.\n$/,
  );
  assert.equal((await parlor(place, ["sessions", "show", hostile])).code, 0);
  assert.equal((await parlor(place, ["doctor"])).code, 0);

  const elsewhere = { ...place, home: join(place.folder, "new", "home") };
  const document = await parlorJson<object>(elsewhere, ["restore", "b.db", "--yes"]);
  assert.partialDeepStrictEqual(document, { restored: true, aside: null, sessions: 3, entries: 5 });
  assert.equal((await parlor(elsewhere, ["sessions", "show", hostile])).code, 0);
});

test("restore of a backup with a defect changes nothing, and its exit code is 2", async (t) => {
  const place = createPlace(t, { "b.db": "a letter" });
  await storeSessions(place);
  const { code, stdout } = await parlor(place, ["restore", "b.db", "--yes"]);
  assert.equal(code, 2);
  assert.match(stdout, /not a whole backup/);
  assert.deepEqual(readdirSync(place.home), ["parlor.db"]);
});

test("backup works beside a gateway that runs, and restore only without it", async (t) => {
  const place = createPlace(t);
  const gateway = await startParlor(t, place);
  const body = JSON.stringify({ from: "ada", text: "hello" });
  const headers = { "content-type": "application/json" };
  const said = await fetch(`${gateway.url}/api/chats/lobby/messages?wait=30`, { method: "POST", headers, body });
  assert.equal(said.status, 200);
  const { entries } = await parlorJson<Backup>(place, ["backup", "b.db"]);
  assert.equal(entries, 2);
  const refused = await parlor(place, ["restore", "b.db", "--yes"]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /in use by another process, such as a gateway\. Stop it/);
  assert.equal((await fetch(`${gateway.url}/healthz`)).status, 200);
  gateway.kill("SIGKILL");
  await gateway.end;
  copyFileSync(join(place.folder, "b.db"), join(place.folder, "c.db"));
  assert.equal((await parlor(place, ["restore", "c.db", "--yes"])).code, 0);
  const { sessions } = await parlorJson<{ sessions: number }>(place, ["sessions", "stats"]);
  assert.equal(sessions, 1);
});
