import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, it } from "node:test";
import { openSqliteReader, openSqliteStore } from "../../../src/sqlite.ts";
import { isSound } from "../../../src/store/backup.ts";
import type { EventRange } from "../../../src/store/reader.ts";
import { makeBackup } from "../../../src/store/sqlite/backup.ts";
import { type RestoreOptions, openRestoration } from "../../../src/store/sqlite/restore.ts";
import { messageOf } from "../../../src/testing/sources.ts";
import { OtherProcess } from "./other-process.ts";
import { openRaw, scratchFiles } from "./scratch.ts";

const newPath = scratchFiles();
const AT = Date.UTC(2026, 10, 22, 22, 14);

const UNUSED: RestoreOptions = { at: AT, isInUse: () => Promise.resolve(false) };

const ASIDE = "parlor.db.before-restore-20261122T221400Z";

async function say(path: string, ...texts: readonly string[]): Promise<void> {
  await using store = await openSqliteStore({ path });
  for (const text of texts) await store.accept(messageOf(text));
}

async function textsIn(path: string): Promise<string[]> {
  using reader = openSqliteReader(path);
  const [session] = (await reader.list()).items;
  return session === undefined ? [] : (await reader.transcript(session.id)).items.map(({ text }) => text);
}

async function restore(file: string, path: string, options: RestoreOptions = UNUSED): Promise<string | null> {
  await using restoration = await openRestoration(file, path, options);
  return (await restoration.put()).aside;
}

async function defectsIn(path: string): Promise<string[]> {
  using reader = openSqliteReader(path);
  return (await reader.verify()).filter(({ defects }) => defects > 0).map(({ name }) => name);
}

async function rangeOf(path: string): Promise<EventRange> {
  using reader = openSqliteReader(path);
  return await reader.eventRange();
}

function namesBeside(path: string): string[] {
  return readdirSync(dirname(path)).filter((name) => !/-(wal|shm)$/.test(name));
}

describe("restoring a backup", () => {
  let path: string;
  let file: string;

  beforeEach(async () => {
    path = newPath();
    file = join(dirname(newPath()), "backup.db");
    mkdirSync(dirname(file));
    await say(path, "in the backup");
    await makeBackup(path, file, { overwrite: false });
    await say(path, "said since");
  });

  it("brings back what was said, and keeps what was there under another name", async () => {
    const backup = readFileSync(file);
    const aside = await restore(file, path);
    assert.equal(aside, join(dirname(path), ASIDE));
    assert.deepEqual(readdirSync(dirname(path)).toSorted(), ["parlor.db", ASIDE]);
    assert.deepEqual(await textsIn(path), ["in the backup"]);
    assert.deepEqual(await textsIn(aside), ["in the backup", "said since"]);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readFileSync(file), backup);
    await say(path, "said after");
    assert.deepEqual(await textsIn(path), ["in the backup", "said after"]);
    await restore(aside, path);
    assert.deepEqual(await textsIn(path), ["in the backup", "said since"], "and back again");
  });

  it("lets nobody who followed the old one go on where other events have the ids of those he knows", async () => {
    const { last } = await rangeOf(path);
    await restore(file, path);
    for (const word of ["a", "b", "c", "d", "e"]) await say(path, word);
    const { first } = await rangeOf(path);
    assert.ok(first - 1 > last, `from ${last} on there is a gap up to ${first}`);
    assert.deepEqual(await defectsIn(path), []);
  });

  it("keeps in the old one what stood in its log alone", async () => {
    // What a killed gateway leaves: everything in the log, and nobody who has it open.
    const left = newPath();
    mkdirSync(dirname(left));
    {
      await using store = await openSqliteStore({ path });
      await store.accept(messageOf("in the log"));
      for (const suffix of ["", "-wal"]) copyFileSync(`${path}${suffix}`, `${left}${suffix}`);
    }
    const aside = await restore(file, left);
    assert.deepEqual(await textsIn(left), ["in the backup"]);
    assert.deepEqual(await textsIn(aside ?? ""), ["in the backup", "said since", "in the log"]);
  });

  it("makes the database where there is none", async () => {
    const nowhere = newPath();
    assert.equal(await restore(file, nowhere), null);
    assert.deepEqual(await textsIn(nowhere), ["in the backup"]);
    assert.deepEqual(namesBeside(nowhere), ["parlor.db"]);
  });

  it("gives way to nobody's log that lies where the database was", async () => {
    const nowhere = newPath();
    mkdirSync(dirname(nowhere));
    writeFileSync(`${nowhere}-wal`, "the log of a database that somebody has removed");
    await restore(file, nowhere);
    assert.deepEqual(await textsIn(nowhere), ["in the backup"]);
    assert.ok(readdirSync(dirname(nowhere)).includes(`${ASIDE}-wal`));
  });

  it("is refused while another process has the database open, and works when it has closed it", async () => {
    {
      await using other = new OtherProcess(path);
      await other.exec("SELECT count(*) FROM session");
      const before = namesBeside(path);
      await assert.rejects(openRestoration(file, path, UNUSED), { code: "STORE_UNAVAILABLE", message: /in use/ });
      assert.deepEqual(namesBeside(path), before);
    }
    await restore(file, path);
    assert.deepEqual(await textsIn(path), ["in the backup"]);
  });

  it("keeps everybody out until it is done, who then finds what was restored", async () => {
    let opening: ReturnType<typeof openSqliteStore>;
    {
      await using restoration = await openRestoration(file, path, UNUSED);
      opening = openSqliteStore({ path });
      await restoration.put();
    }
    await using store = await opening;
    await store.accept(messageOf("said by who waited"));
    assert.deepEqual(await textsIn(path), ["in the backup", "said by who waited"]);
    assert.deepEqual(await textsIn(join(dirname(path), ASIDE)), ["in the backup", "said since"]);
  });

  it("changes nothing when it is given up", async () => {
    {
      await using restoration = await openRestoration(file, path, UNUSED);
      assert.ok(isSound(restoration.report));
    }
    assert.deepEqual(namesBeside(path), ["parlor.db"]);
    await say(path, "goes on");
    assert.deepEqual(await textsIn(path), ["in the backup", "said since", "goes on"]);
  });

  it("is refused for a backup that is not sound, and changes nothing", async () => {
    const whole = readFileSync(file);
    for (const spoil of [
      () => writeFileSync(file, whole.subarray(0, whole.length / 2)),
      () => writeFileSync(file, ""),
      () => {
        writeFileSync(file, whole);
        using db = openRaw(file);
        db.exec("UPDATE session SET last_seq = 7");
      },
    ]) {
      spoil();
      await using restoration = await openRestoration(file, path, UNUSED);
      assert.ok(!isSound(restoration.report));
      await assert.rejects(restoration.put(), { code: "INVALID_INPUT" });
    }
    assert.deepEqual(namesBeside(path), ["parlor.db"]);
    assert.deepEqual(await textsIn(path), ["in the backup", "said since"]);
    await assert.rejects(restore(`${file}-none`, path), { code: "NOT_FOUND" });
    await assert.rejects(restore(path, path), { code: "INVALID_INPUT" });
  });

  it("replaces a database that is none any more, unless a gateway is known to run there", async () => {
    writeFileSync(path, "a letter, long enough to be more than a header of a hundred bytes. ".repeat(20));
    const used = { at: AT, isInUse: () => Promise.resolve(true) };
    await assert.rejects(restore(file, path, used), { code: "STORE_UNAVAILABLE" });
    const aside = await restore(file, path);
    assert.match(readFileSync(aside ?? "", "utf8"), /^a letter/);
    assert.deepEqual(await textsIn(path), ["in the backup"]);
  });

  it("says so when it cannot be copied to where the database is to be", async () => {
    const folder = join(dirname(file), "file");
    writeFileSync(folder, "not a folder");
    await assert.rejects(restore(file, join(folder, "parlor.db")), { code: "STORE_UNAVAILABLE" });
    assert.equal(readFileSync(folder, "utf8"), "not a folder");
  });

  it("brings a backup of an older schema to this one", async () => {
    writeFileSync(file, "");
    {
      using db = openRaw(file);
      const first = new URL("../../../src/store/sqlite/schema/0001-sessions.sql", import.meta.url);
      db.exec(`${readFileSync(first, "utf8")}; PRAGMA user_version = 1; PRAGMA application_id = 0x50726c72`);
    }
    await restore(file, path);
    assert.deepEqual(await textsIn(path), []);
    await say(path, "anew");
    assert.deepEqual(await textsIn(path), ["anew"]);
  });

  it("leaves the old one or the new one, whole, wherever it is killed", { timeout: 60_000 }, async () => {
    const seen = new Set<string>();
    for (let call = 1; ; call += 1) {
      const home = newPath();
      await say(home, "there before");
      const child = fork(new URL("restore-child.ts", import.meta.url), [file, home, String(call)]);
      const [code] = (await once(child, "exit")) as [number | null];
      const left = readdirSync(dirname(home));
      const texts = await textsIn(home);
      if (texts[0] === "in the backup") assert.ok(!left.includes("parlor.db-journal"), "no log of the old one");
      assert.deepEqual(await defectsIn(home), []);
      seen.add(texts.join());
      await say(home, "goes on");
      assert.deepEqual(await textsIn(home), [...texts, "goes on"]);
      if (code === 0) break;
    }
    assert.deepEqual(seen, new Set(["there before", "in the backup"]));
  });
});
