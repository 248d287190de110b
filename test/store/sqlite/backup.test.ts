import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, it } from "node:test";
import { openSqliteReader, openSqliteStore } from "../../../src/sqlite.ts";
import { isSound } from "../../../src/store/backup.ts";
import { makeBackup } from "../../../src/store/sqlite/backup.ts";
import { inspectBackup } from "../../../src/store/sqlite/inspect.ts";
import { busy, say } from "../../../src/testing/contract/steps.ts";
import { createManualClock } from "../../../src/testing/manual-clock.ts";
import { messageOf, sourceOf } from "../../../src/testing/sources.ts";
import { populate } from "./populate.ts";
import { openRaw, scratchFiles, scratchFolder, valueOf } from "./scratch.ts";

const newPath = scratchFiles();
const scratch = scratchFolder();

function newFolder(): string {
  return mkdtempSync(join(scratch, "folder-"));
}

const ONCE = { overwrite: false };

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

describe("a backup", () => {
  let path: string;
  let folder: string;
  let file: string;

  beforeEach(async () => {
    path = newPath();
    folder = newFolder();
    file = join(folder, "backup.db");
    const clock = createManualClock(Date.UTC(2026, 2, 2));
    await using store = await openSqliteStore({ path, clock });
    await populate(store, clock.now());
  });

  it("is one file with everything in it, for the operator alone", async () => {
    const made = await makeBackup(path, file, ONCE);
    using reader = openSqliteReader(path);
    const { sessions, entries } = await reader.stats();
    assert.deepEqual(made, { outcome: "made", bytes: statSync(file).size, sessions, entries });
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder), ["backup.db"]);
    assert.deepEqual(
      readdirSync(dirname(path)).filter((name) => !/-(wal|shm)$/.test(name)),
      ["parlor.db"],
    );
    const report = await inspectBackup(file);
    assert.ok(isSound(report));
    assert.deepEqual(readdirSync(folder), ["backup.db"], "to look at it leaves nothing beside it");
    using before = openRaw(path);
    using after = openRaw(file);
    for (const table of ["session", "message", "turn", "delivery", "receipt", "tombstone", "setting"]) {
      const rows = `SELECT * FROM ${table} ORDER BY 1, 2`;
      assert.deepEqual(after.prepare(rows).all(), before.prepare(rows).all(), table);
    }
  });

  it("is whole while another process writes, and keeps it from nothing", { timeout: 60_000 }, async (t) => {
    const child = fork(new URL("writing-child.ts", import.meta.url), [path]);
    t.after(() => child.kill("SIGKILL"));
    let told = 0;
    child.on("message", (n: number) => (told = n));
    while (told < 50) await once(child, "message");
    const counts: number[] = [];
    for (let n = 1; n <= 3; n += 1) {
      const before = told;
      const made = await makeBackup(path, join(folder, `${n}.db`), ONCE);
      assert.ok(made.outcome === "made");
      counts.push(made.entries - before);
      while (told <= before) await once(child, "message");
    }
    await stop(child);
    using reader = openSqliteReader(path);
    const { entries } = await reader.stats();
    for (const count of counts) assert.ok(count >= 0 && count <= entries, "what was stored before is in it");
    for (const n of [1, 2, 3]) assert.ok(isSound(await inspectBackup(join(folder, `${n}.db`))));
  });

  it("does not replace a file unless it is told to, and never the database", async () => {
    writeFileSync(file, "precious");
    assert.deepEqual(await makeBackup(path, file, ONCE), { outcome: "exists" });
    assert.equal(readFileSync(file, "utf8"), "precious");
    assert.equal((await makeBackup(path, file, { overwrite: true })).outcome, "made");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    for (const own of [path, `${path}-wal`, join(dirname(path), ".", "parlor.db")]) {
      await assert.rejects(makeBackup(path, own, { overwrite: true }), { code: "INVALID_INPUT" });
    }
    assert.deepEqual(readdirSync(folder), ["backup.db"]);
  });

  it("is not made where there is no folder, or no database", async () => {
    await assert.rejects(makeBackup(path, join(folder, "nowhere", "backup.db"), ONCE), {
      code: "INVALID_INPUT",
      message: /no folder/,
    });
    await assert.rejects(makeBackup(join(folder, "parlor.db"), file, ONCE), { code: "STORE_MISSING" });
    assert.deepEqual(readdirSync(folder), []);
  });

  it("is not made of a database with a defect, which it names", async () => {
    using db = openRaw(path);
    db.exec("UPDATE session SET last_seq = last_seq + 1 WHERE user = 'dead'");
    const outcome = await makeBackup(path, file, ONCE);
    assert.ok(outcome.outcome === "defective");
    assert.deepEqual(
      outcome.checks.filter(({ defects }) => defects > 0).map(({ name }) => name),
      ["gapless"],
    );
    assert.deepEqual(readdirSync(folder), []);
  });

  it("has its name only when it is whole, wherever its maker is killed", { timeout: 60_000 }, async (t) => {
    {
      await using store = await openSqliteStore({ path, ...busy({ maxWaiting: 2_000 }) });
      await Promise.all(Array.from({ length: 2_000 }, (_, n) => say(store, `message ${n} `.repeat(20))));
    }
    const outcomes = new Set<string>();
    for (let n = 0; n < 8; n += 1) {
      const place = newFolder();
      const made = join(place, "backup.db");
      const child = fork(new URL("backup-child.ts", import.meta.url), [path, made]);
      t.after(() => child.kill("SIGKILL"));
      await once(child, "message");
      // It is killed when its file has grown so far, or when it is done.
      const seen = (): number => {
        const [name] = readdirSync(place);
        return name === undefined ? 0 : (statSync(join(place, name), { throwIfNoEntry: false })?.size ?? 0);
      };
      while (seen() < n * 100_000 && child.exitCode === null) await new Promise((resolve) => setImmediate(resolve));
      if (child.exitCode === null) await stop(child);
      outcomes.add(existsSync(made) ? "made" : "nothing");
      if (existsSync(made)) assert.ok(isSound(await inspectBackup(made)), "what has the name must be whole");
      assert.equal((await makeBackup(path, made, { overwrite: true })).outcome, "made");
    }
    assert.ok(outcomes.has("nothing"), "it was killed before it was done");
  });
});

describe("a file that is looked at as a backup", () => {
  let path: string;
  let file: string;

  beforeEach(async () => {
    path = newPath();
    file = join(newFolder(), "backup.db");
    await using store = await openSqliteStore({ path, ...busy({ maxWaiting: 1_000 }) });
    for (let n = 0; n < 200; n += 1) await say(store, `message ${n} `.repeat(20));
    await makeBackup(path, file, ONCE);
  });

  async function refused(code: string, says: RegExp): Promise<void> {
    const before = readFileSync(file);
    const report = await inspectBackup(file);
    assert.ok(report.outcome === "unreadable", report.outcome);
    assert.equal(report.fault.code, code);
    assert.match(report.fault.message, says);
    assert.deepEqual(readFileSync(file), before);
  }

  it("is refused when it was cut off", async () => {
    const whole = readFileSync(file);
    for (const size of [50, 4_096, Math.floor(whole.length / 2), whole.length - 4_096, whole.length - 1]) {
      writeFileSync(file, whole.subarray(0, size));
      await refused("INVALID_INPUT", /not a whole backup/);
    }
  });

  it("is refused when it is empty, a letter, or another program's", async () => {
    writeFileSync(file, "");
    await refused("INVALID_INPUT", /it is empty/);
    writeFileSync(file, "a letter, long enough to be more than a header of a hundred bytes. ".repeat(20));
    await refused("INVALID_INPUT", /not a whole backup/);
    writeFileSync(file, "");
    {
      using db = openRaw(file);
      db.exec("CREATE TABLE bookmark (url TEXT)");
    }
    await refused("INVALID_CONFIG", /another program/);
  });

  it("is refused when a newer Parlor made it", async () => {
    {
      using db = openRaw(file);
      db.exec("PRAGMA user_version = 999");
    }
    await refused("STORE_TOO_NEW", /version 999/);
  });

  it("is refused when it is a database in use", async () => {
    await using store = await openSqliteStore({ path });
    await store.accept(messageOf("in the log", { source: sourceOf({ user: "bob" }) }));
    const report = await inspectBackup(path);
    assert.ok(report.outcome === "unreadable");
    assert.match(report.fault.message, /in use/);
  });

  it("is told of when it is not there", async () => {
    await assert.rejects(inspectBackup(`${file}-none`), { code: "NOT_FOUND" });
    await assert.rejects(inspectBackup(dirname(file)), { code: "NOT_FOUND" });
  });

  it("has its defects named, also those of a page", async () => {
    {
      using db = openRaw(file);
      db.exec("UPDATE session SET last_seq = last_seq + 1");
    }
    const report = await inspectBackup(file);
    assert.ok(report.outcome === "readable" && !isSound(report));
    const bytes = readFileSync(file);
    bytes.fill(0xff, bytes.length - 3 * 4_096, bytes.length - 2 * 4_096);
    writeFileSync(file, bytes);
    assert.ok(!isSound(await inspectBackup(file)));
  });

  it("may have an older schema: it is brought to this one in a copy", async () => {
    writeFileSync(file, "");
    {
      using db = openRaw(file);
      const first = new URL("../../../src/store/sqlite/schema/0001-sessions.sql", import.meta.url);
      db.exec(`${readFileSync(first, "utf8")}; PRAGMA user_version = 1; PRAGMA application_id = 0x50726c72`);
    }
    const before = readFileSync(file);
    assert.ok(isSound(await inspectBackup(file)));
    assert.deepEqual(readFileSync(file), before);
    using db = openRaw(file);
    assert.equal(valueOf(db, "PRAGMA user_version"), 1);
  });
});
