import assert from "node:assert/strict";
import type { Party } from "../../core/party.ts";
import { MAX_REQUESTS, type AccessPlace } from "../../store/access-store.ts";
import type { Store } from "../../store/store.ts";
import type { Contract } from "./contract.ts";
import { HOUR, MINUTE } from "./steps.ts";

const PLACE: AccessPlace = { platform: "test", account: "default", user: "ada", chat: "lobby" };
const ADA = partyOf();
const LOBBY = partyOf({ kind: "chat", id: "lobby" });
const UNKNOWN = { person: null, chat: null };

function partyOf(given: Partial<Party> = {}): Party {
  return { platform: "test", account: "default", kind: "person", id: "ada", ...given };
}

async function codeOf(store: Store, party: Party = ADA, name: string | null = null): Promise<string> {
  const asked = await store.requestAccess(party, name);
  assert.ok(asked.outcome === "asked", `a party that is not known must be given a code; was ${asked.outcome}`);
  return asked.code;
}

function approve(
  store: Store,
  code: string,
  accounts: readonly string[] = ["default"],
): ReturnType<Store["approveAccess"]> {
  return store.approveAccess({ platform: "test", accounts, code });
}

/** Who may speak: I30, and that strangers cost nothing: I27. */
export function access(contract: Contract): void {
  contract.states("I30 closed: nobody is allowed or blocked who was not decided about", async ({ store }) => {
    assert.deepEqual(await store.reader.standing(PLACE), UNKNOWN);
    assert.deepEqual(await store.reader.accessList(), { decisions: [], requests: [] });
    assert.equal(await store.revokeAccess(ADA), null);
  });

  contract.states("I30 decisions: the last one holds, of this party alone", async ({ store, clock }) => {
    assert.equal(await store.decideAccess(ADA, "allowed", "Ada"), null);
    assert.deepEqual(await store.reader.standing(PLACE), { person: "allowed", chat: null });
    for (const other of [{ account: "other" }, { platform: "other" }, { user: "ad" }, { user: "Ada" }])
      assert.deepEqual(await store.reader.standing({ ...PLACE, ...other }), UNKNOWN);
    clock.advance(1);
    assert.equal(await store.decideAccess(LOBBY, "allowed"), null);
    assert.equal(await store.decideAccess(ADA, "blocked"), "allowed");
    assert.deepEqual(await store.reader.standing(PLACE), { person: "blocked", chat: "allowed" });
    const { decisions } = await store.reader.accessList();
    assert.deepEqual(
      decisions.toSorted((one, other) => one.kind.localeCompare(other.kind)),
      [
        { ...LOBBY, name: null, state: "allowed", decidedAt: clock.now() },
        { ...ADA, name: "Ada", state: "blocked", decidedAt: clock.now() },
      ],
    );
    assert.equal(await store.revokeAccess(ADA), "blocked");
    assert.deepEqual(await store.reader.standing(PLACE), { person: null, chat: "allowed" });
  });

  contract.states("I30 decisions: a person and a chat of one id are two", async ({ store }) => {
    await store.decideAccess(partyOf({ kind: "chat" }), "allowed");
    assert.deepEqual(await store.reader.standing(PLACE), UNKNOWN);
    assert.deepEqual(await store.reader.standing({ ...PLACE, chat: "ada" }), { person: null, chat: "allowed" });
  });

  contract.states("I30 decisions: an id that no source can have is refused", async ({ store }) => {
    for (const id of ["", "a\nb", "x".repeat(257), "\ud800"])
      await assert.rejects(store.decideAccess(partyOf({ id }), "allowed"), { code: "INVALID_INPUT" });
    assert.deepEqual((await store.reader.accessList()).decisions, []);
  });

  contract.states("I30 pairing: a code lets in whom it was given to, once and again", async ({ store, clock }) => {
    const code = await codeOf(store, ADA, "  Ada\nLovelace ");
    assert.match(code, /^ada-[0-9A-HJKMNP-TV-Z]{8}$/);
    const [request, ...others] = (await store.reader.accessList()).requests;
    assert.deepEqual(request, { ...ADA, name: "Ada Lovelace", askedAt: clock.now() });
    assert.deepEqual(others, []);
    assert.deepEqual(await store.reader.standing(PLACE), UNKNOWN);
    const approved = { outcome: "approved", party: ADA, name: "Ada Lovelace" };
    assert.deepEqual(await approve(store, code), { ...approved, before: null });
    for (const typed of [code.toLowerCase(), code])
      assert.deepEqual(await approve(store, typed), { ...approved, before: "allowed" });
    assert.deepEqual(await store.reader.standing(PLACE), { person: "allowed", chat: null });
    assert.deepEqual((await store.reader.accessList()).requests, [], "who is let in no longer asks");
    assert.deepEqual(await store.requestAccess(ADA, "Ada"), { outcome: "decided", state: "allowed" });
  });

  contract.states("I30 pairing: a code is good for an hour, and not for three", async ({ store, clock }) => {
    const early = await codeOf(store);
    clock.advance(HOUR - 1);
    assert.deepEqual(await store.requestAccess(ADA, null), { outcome: "told" });
    assert.equal((await approve(store, early)).outcome, "approved");
    await store.revokeAccess(ADA);
    clock.advance(2 * HOUR);
    assert.deepEqual(await approve(store, early), { outcome: "wrong" });
    assert.notEqual(await codeOf(store), early);
  });

  contract.states("I30 pairing: a code is of no use to another person, account or platform", async ({ store }) => {
    const code = await codeOf(store);
    const check = code.slice(-8);
    await codeOf(store, partyOf({ id: "eve" }));
    for (const wrong of [
      `eve-${check}`,
      check,
      `ada-${"0".repeat(8)}`,
      `ada-${check}0`,
      `-${check}`,
      "ada",
      "",
      "ada-",
    ])
      assert.deepEqual(await approve(store, wrong), { outcome: "wrong" }, wrong);
    assert.deepEqual(await approve(store, code, ["other"]), { outcome: "wrong" });
    assert.deepEqual(await approve(store, code, []), { outcome: "wrong" });
    assert.deepEqual(await store.approveAccess({ platform: "other", accounts: ["default"], code }), {
      outcome: "wrong",
    });
    assert.deepEqual((await store.reader.accessList()).decisions, []);
    assert.equal((await approve(store, code, ["other", "default"])).outcome, "approved");
  });

  contract.states("I30 pairing: a code does not undo a block", async ({ store }) => {
    const code = await codeOf(store);
    await store.decideAccess(ADA, "blocked");
    assert.deepEqual(await approve(store, code), { outcome: "blocked", party: ADA });
    assert.deepEqual(await store.requestAccess(ADA, null), { outcome: "decided", state: "blocked" });
    assert.deepEqual(await store.reader.standing(PLACE), { person: "blocked", chat: null });
  });

  contract.states("I30 pairing: who is no longer allowed asks anew", async ({ store }) => {
    await approve(store, await codeOf(store, ADA, "Ada"));
    assert.equal(await store.revokeAccess(ADA), "allowed");
    await codeOf(store);
  });

  contract.states("I30 pairing: any id can be let in by its code", async ({ store }) => {
    for (const id of [
      "-1001",
      "4242",
      "@ada:example.org",
      "a-b-c",
      "a b'; rm -rf ~ #",
      "$(id)`%41",
      "\u202eada",
      "東京 👩‍💻",
    ]) {
      const code = await codeOf(store, partyOf({ id }));
      assert.match(code, /^[A-Za-z0-9%._][A-Za-z0-9%._-]*-[0-9A-Z]{8}$/, "a shell sees one plain word, and no option");
      assert.partialDeepStrictEqual(await approve(store, code), { outcome: "approved", party: { id } });
    }
  });

  contract.states(
    "I27 bounds: the newest requests of an account are kept, and every code is good",
    async ({ store, clock }) => {
      const first = await codeOf(store, partyOf({ id: "first" }), "First");
      const other = partyOf({ id: "elsewhere", account: "other" });
      await codeOf(store, other);
      for (let n = 0; n < MAX_REQUESTS; n += 1) await codeOf(store, partyOf({ id: `stranger-${n}` }));
      const { requests } = await store.reader.accessList();
      const here = requests.filter(({ account }) => account === "default").map(({ id }) => id);
      assert.deepEqual(
        here,
        Array.from({ length: MAX_REQUESTS }, (_, n) => `stranger-${MAX_REQUESTS - 1 - n}`),
      );
      assert.equal(requests.length - here.length, 1, "another account keeps its own");
      clock.advance(MINUTE);
      assert.deepEqual(await approve(store, first), {
        outcome: "approved",
        party: partyOf({ id: "first" }),
        name: null,
        before: null,
      });
    },
  );

  if (!contract.durable) return;

  contract.states("I30 decisions: one process sees at once what another decided", async ({ store, reopen }) => {
    const other = await reopen();
    const code = await codeOf(store, ADA, "Ada");
    assert.deepEqual(await other.requestAccess(ADA, null), { outcome: "told" });
    assert.equal((await approve(other, code)).outcome, "approved");
    assert.deepEqual(await store.reader.standing(PLACE), { person: "allowed", chat: null });
    await store.decideAccess(ADA, "blocked");
    assert.deepEqual(await other.reader.standing(PLACE), { person: "blocked", chat: null });
  });
}
