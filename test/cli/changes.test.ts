import assert from "node:assert/strict";
import { test } from "node:test";
import { createPlace, parlor, parlorJson } from "./parlor.ts";
import { storeSessions } from "./stored-sessions.ts";

test("sessions title gives a title, and takes it away", async (t) => {
  const place = createPlace(t);
  const { waiting } = await storeSessions(place);
  const titled = await parlor(place, ["sessions", "title", waiting, " To\u001b[31m Rome "]);
  assert.deepEqual(titled, { code: 0, stdout: `${waiting} is titled "To [31m Rome" now.\n`, stderr: "" });
  const shown = async (): Promise<string | null> =>
    (await parlorJson<{ session: { title: string | null } }>(place, ["sessions", "show", waiting])).session.title;
  assert.equal(await shown(), "To [31m Rome");
  assert.equal((await parlor(place, ["sessions", "title", waiting, ""])).code, 0);
  assert.equal(await shown(), null);
});

test("sessions reset ends a life once, and says what will not be answered", async (t) => {
  const place = createPlace(t);
  const { waiting } = await storeSessions(place);
  const first = await parlor(place, ["sessions", "reset", waiting]);
  assert.deepEqual(first, { code: 0, stdout: `${waiting} is over; 1 message will not be answered.\n`, stderr: "" });
  const second = await parlorJson<object>(place, ["sessions", "reset", waiting]);
  assert.partialDeepStrictEqual(second, {
    reset: false,
    session: { id: waiting, state: "ended" },
    next: null,
    cancelled: 0,
  });
});

test("sessions delete asks nobody where there is nobody, and erases with --yes", async (t) => {
  const place = createPlace(t);
  const { hostile } = await storeSessions(place);
  const refused = await parlor(place, ["sessions", "delete", hostile]);
  assert.equal(refused.code, 64);
  assert.match(refused.stderr, /nobody to ask .* add --yes/);
  assert.equal((await parlor(place, ["sessions", "show", hostile])).code, 0);

  const receipt = await parlorJson<object>(place, ["sessions", "delete", hostile, "--yes"]);
  assert.deepEqual(receipt, { session: hostile, messages: 2, scrubbed: true });
  for (const command of [["show"], ["reset"], ["delete", "--yes"]]) {
    const { code, stderr } = await parlor(place, ["sessions", ...command, hostile]);
    assert.deepEqual({ code, stderr }, { code: 1, stderr: `Session ${hostile} was erased.\n` });
  }
  const { error } = await parlorJson<{ error: object }>(place, ["sessions", "title", hostile, "x"]);
  assert.deepEqual(error, { code: "GONE", message: `Session ${hostile} was erased.` });
});
