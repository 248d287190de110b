import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import { openSqliteStore } from "../../src/sqlite.ts";
import { messageOf, sourceOf } from "../../src/testing/sources.ts";
import { type Place, type Running, createPlace, parlor, parlorJson, runParlor, spawnParlor } from "./parlor.ts";
import { HOSTILE, type StoredSessions, storeSessions } from "./stored-sessions.ts";

function follow(t: TestContext, place: Place, ...args: readonly string[]): Running {
  return runParlor(t, place, ["sessions", "tail", ...args]);
}

/** Says something in the store of a place. */
async function say({ home }: Place, text: string, user: string): Promise<void> {
  await using store = await openSqliteStore({ path: join(home, "parlor.db") });
  await store.accept(messageOf(text, { source: sourceOf({ user }) }));
}

describe("sessions tail", { timeout: 120_000 }, () => {
  let place: Place;
  let ids: StoredSessions;
  const folders: (() => void)[] = [];
  before(async () => {
    place = createPlace({ after: (remove) => void folders.push(remove as () => void) });
    ids = await storeSessions(place);
  });

  after(() => {
    for (const remove of folders) remove();
  });

  test("shows the last entries, as many as are wanted", async () => {
    const last = await parlor(place, ["sessions", "tail", ids.ended, "--lines", "1"]);
    assert.equal(last.code, 0);
    assert.match(last.stdout, /^2 {2}.* assistant\n {2}Gern\.\n$/);
    const all = await parlorJson<{ session: { id: string }; messages: { text: string }[] }>(place, [
      "sessions",
      "tail",
      ids.hostile,
    ]);
    assert.equal(all.session.id, ids.hostile);
    assert.deepEqual(
      all.messages.map(({ text }) => text),
      [HOSTILE, HOSTILE],
    );
  });

  test("wants a session that there is, or all of them with -f", async () => {
    assert.equal((await parlor(place, ["sessions", "tail"])).code, 64);
    assert.equal((await parlor(place, ["sessions", "tail", ids.ended, "--lines", "201"])).code, 64);
    const missing = await parlor(place, ["sessions", "tail", "ses_1", "-f"]);
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /^There is no session "ses_1"/);
  });

  test("ends where a life is over, and says so", async () => {
    const { code, stdout } = await parlor(place, ["sessions", "tail", ids.ended, "-f", "--lines", "1"]);
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`Gern\\.\n\nSession ${ids.ended} has ended \\(command\\)`));
  });
});

describe("sessions tail -f", { timeout: 120_000 }, () => {
  test("shows what another process stores, until Ctrl-C", async (t) => {
    const place = createPlace(t);
    const { hostile } = await storeSessions(place);
    const { child, says, end } = follow(t, place, hostile, "-f", "--lines", "1");
    await says(/^2 /m);
    await say(place, "one more", "ada");
    await says(/^3 .* user ada.*\n {2}one more\n/m);
    child.kill("SIGINT");
    const { code, stderr } = await end;
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  });

  test("says that the session was erased, and ends", async (t) => {
    const place = createPlace(t);
    const { hostile } = await storeSessions(place);
    const { says, end } = follow(t, place, hostile, "-f");
    await says(/^2 /m);
    assert.equal((await parlor(place, ["sessions", "delete", hostile, "--yes"])).code, 0);
    const { code, stdout } = await end;
    assert.equal(code, 0);
    assert.ok(stdout.endsWith(`Session ${hostile} was erased.\n`));
  });

  test("of every session is one JSON document on a line", async (t) => {
    const place = createPlace(t);
    const { waiting } = await storeSessions(place);
    const { child, says, end } = follow(t, place, "-f", "--json");
    // It begins with what is stored after its own start, and nothing tells when that is.
    let isSaid = false;
    const said = says(/\n/).then(() => (isSaid = true));
    for (let number = 0; !isSaid; number += 1) {
      await say(place, `from ${number}\u009b`, `user-${number}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await said;
    assert.equal((await parlor(place, ["sessions", "delete", waiting, "--yes"])).code, 0);
    await says(/session:erase/);
    child.kill("SIGTERM");
    const { code, stdout } = await end;
    assert.equal(code, 0);
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; session: string });
    assert.partialDeepStrictEqual(lines[0], { type: "message", message: { seq: 1, role: "user" } });
    assert.deepEqual(lines.at(-1), { type: "session:erase", session: waiting });
    assert.ok(!stdout.includes("\u009b"));
  });

  test("ends when nobody reads it any more", async (t) => {
    const place = createPlace(t);
    const { hostile } = await storeSessions(place);
    const child = spawnParlor(place, ["sessions", "tail", hostile, "-f"]);
    t.after(() => child.kill("SIGKILL"));
    const exit = new Promise((resolve) => child.once("exit", resolve));
    await new Promise((resolve) => child.stdout?.once("data", resolve));
    child.stdout?.destroy();
    await say(place, "into the void", "ada");
    assert.equal(await exit, 0);
  });
});
