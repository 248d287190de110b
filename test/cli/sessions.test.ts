import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { displayWidth } from "../../src/cli/display-width.ts";
import { plainLine } from "../../src/cli/plain-text.ts";
import { type Ended, type Place, createPlace, parlor, parlorInto, parlorJson, spawnParlor } from "./parlor.ts";
import { HOSTILE, type StoredSessions, storeSessions } from "./stored-sessions.ts";

const folders: (() => void)[] = [];
let place: Place;
let ids: StoredSessions;

before(async () => {
  place = createPlace({ after: (remove) => void folders.push(remove as () => void) });
  ids = await storeSessions(place);
});

after(() => {
  for (const remove of folders) remove();
});

/** In Tokyo, where the fixture's noon is nine in the evening. */
function run(...args: readonly string[]): Promise<Ended> {
  return parlor(place, args, { TZ: "Asia/Tokyo" });
}

/** What a command prints that succeeds. */
async function printed(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...args);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  return stdout;
}

/** Nothing but text and line breaks. */
function assertInert(output: string): void {
  for (const line of output.split("\n")) assert.equal(line, plainLine(line));
}

interface Listed {
  readonly sessions: readonly { readonly id: string; readonly state: string; readonly activeAt: number }[];
  readonly nextCursor: string | null;
}

describe("sessions list", () => {
  test("is a table of 80 columns, the most recently active first, that no name can disturb", async () => {
    const output = await printed("sessions", "list");
    assertInert(output);
    const lines = output.trimEnd().split("\n");
    for (const line of lines) assert.ok(displayWidth(line) <= 80, line);
    assert.deepEqual(
      lines.map((line) => line.split(/ {2,}/).slice(0, 3)),
      [
        ["ID", "LAST ACTIVE", "PLATFORM"],
        [ids.waiting, "2026-11-22 21:02", "slack"],
        [ids.hostile, "2026-11-22 21:01", "test"],
        [ids.ended, "2026-11-22 21:00", "test"],
      ],
    );
    assert.match(lines[3] ?? "", /\(ended\) 東京旅.*…$/);
  });

  test("has the API's document, with times in milliseconds", async () => {
    const { sessions, nextCursor } = await parlorJson<Listed>(place, ["sessions", "list"]);
    assert.deepEqual(
      sessions.map(({ id, state, activeAt }) => [id, state, activeAt]),
      [
        [ids.waiting, "live", Date.UTC(2026, 10, 22, 12, 2)],
        [ids.hostile, "live", Date.UTC(2026, 10, 22, 12, 1)],
        [ids.ended, "ended", Date.UTC(2026, 10, 22, 12, 0)],
      ],
    );
    assert.equal(nextCursor, null);
  });

  test("can be narrowed", async () => {
    const listed = async (...args: readonly string[]): Promise<readonly string[]> =>
      (await parlorJson<Listed>(place, ["sessions", "list", ...args])).sessions.map(({ id }) => id);
    assert.deepEqual(await listed("--live"), [ids.waiting, ids.hostile]);
    assert.deepEqual(await listed("--ended"), [ids.ended]);
    assert.deepEqual(await listed("--platform", "slack"), [ids.waiting]);
    assert.deepEqual(await listed("--platform", "nowhere"), []);
  });

  test("says how to get the next page, and that leads to it", async () => {
    const first = await printed("sessions", "list", "--limit", "1", "--live");
    assert.ok(first.includes(ids.waiting) && !first.includes(ids.hostile));
    const next = /^More: parlor (sessions list .+)$/m.exec(first)?.[1]?.split(" ") ?? [];
    const second = await printed(...next);
    assert.ok(second.includes(ids.hostile) && !second.includes(ids.ended));
    assert.doesNotMatch(second, /^More/m);
  });

  test("refuses a cursor that no page gave", async () => {
    const { code, stderr } = await run("sessions", "list", "--cursor", "x");
    assert.equal(code, 1);
    assert.match(stderr, /cursor/);
  });
});

describe("sessions show", () => {
  test("shows the facts and the transcript; what a hostile person said is text", async () => {
    const output = await printed("sessions", "show", ids.hostile);
    assertInert(output);
    assert.match(output, new RegExp(`^Session +${ids.hostile}$`, "m"));
    assert.match(output, /^Chat +test\/default, dm ada$/m);
    assert.match(output, /^Active +2026-11-22 21:01$/m);
    const [said = ""] = HOSTILE.split("\n");
    assert.ok(output.includes(`\n  ${plainLine(said)}\n  second line\n2  2026-11-22 21:01  assistant\n`), output);
  });

  test("has the very text in its document", async () => {
    const { stdout } = await run("sessions", "show", ids.hostile, "--json");
    assertInert(stdout);
    const { messages } = JSON.parse(stdout) as { messages: { seq: number; role: string; text: string }[] };
    assert.deepEqual(
      messages.map(({ seq, role, text }) => [seq, role, text]),
      [
        [1, "user", HOSTILE],
        [2, "assistant", HOSTILE],
      ],
    );
  });

  test("shows the newest entries, and how to get earlier ones", async () => {
    const newest = await printed("sessions", "show", ids.ended, "--limit", "1");
    assert.match(newest, /Gern\./);
    assert.doesNotMatch(newest, /Ticket/);
    const earlier = /^Earlier: parlor (.+)$/m.exec(newest)?.[1]?.split(" ") ?? [];
    assert.match(await printed(...earlier), /Ein Ticket nach 東京, bitte/);
  });

  test("finds nothing by a part of an id", async () => {
    const { code, stdout, stderr } = await run("sessions", "show", ids.hostile.slice(0, -1));
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.match(stderr, /^There is no session ".*"\. Give a whole id; parlor sessions list shows them\.\n$/);
  });
});

describe("sessions search", () => {
  test("finds words of any script, with where they stand", async () => {
    assert.match(
      await printed("sessions", "search", "ticket", "東京"),
      new RegExp(`^${ids.ended}  1  .*\n  Ein Ticket nach 東京`),
    );
    const { hits } = await parlorJson<{ hits: object[] }>(place, ["sessions", "search", "東京"]);
    assert.partialDeepStrictEqual(hits, [
      { session: ids.ended, seq: 1, role: "user", highlights: [{ start: 16, end: 18 }] },
    ]);
  });

  test("shows what was found where styles are wanted, and no other style", async () => {
    const { stdout } = await parlor(place, ["sessions", "search", "second"], { FORCE_COLOR: "1" });
    // oxlint-disable-next-line no-control-regex -- the escape sequences of styles are what it looks for
    assertInert(stdout.replaceAll(/\u001b\[(?:1|4|22|24)m/g, ""));
    assert.ok(stdout.includes("\u001b[4msecond\u001b[24m"), JSON.stringify(stdout));
  });

  test("says that there is nothing", async () => {
    assert.equal(await printed("sessions", "search", "nowhere"), "Nothing found.\n");
  });

  test("says what a query needs", async () => {
    const { code, stderr } = await run("sessions", "search", "?!");
    assert.equal(code, 1);
    assert.match(stderr, /needs a letter or a digit/);
  });
});

test("sessions stats counts what is stored", async () => {
  const stats = await parlorJson<object>(place, ["sessions", "stats"]);
  assert.partialDeepStrictEqual(stats, { sessions: 3, liveSessions: 2, emptySessions: 0, entries: 5 });
  assert.match(await printed("sessions", "stats"), /^Sessions +3 \(2 live, 1 ended, 0 pinned, 0 empty\)$/m);
});

test("status tells of a store without a gateway", async () => {
  const { code, stdout } = await run("status", "--port", "0");
  assert.equal(code, 2);
  assert.match(stdout, /^Sessions +3, 2 live$/m);
  assert.match(stdout, /^Waiting +1 message to be answered$/m);
});

test("a reader that leaves early is no fault", async () => {
  const child = spawnParlor(place, ["sessions", "show", ids.hostile]);
  child.stdout?.destroy();
  const [code, stderr] = await new Promise<[number | null, string]>((resolve) => {
    let text = "";
    child.stderr?.on("data", (chunk: Buffer) => (text += chunk.toString()));
    child.once("close", (ended) => resolve([ended, text]));
  });
  assert.deepEqual([code, stderr], [0, ""]);
});

test("an answer that cannot be written is a fault", { skip: process.platform !== "linux" }, async () => {
  const { code, stderr } = await parlorInto("/dev/full", place, ["sessions", "list"]);
  assert.equal(code, 1);
  assert.match(stderr, /could not be written: .*ENOSPC/);
});
