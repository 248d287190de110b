/** Who may speak. The verbs that write run inside one immediate transaction each. */
import type { AccessState, Party } from "../../core/party.ts";
import { PAIRING_WINDOW_MS, isCodeOf, pairingCode, readPairingCode } from "../../core/pairing-code.ts";
import { checkId, cleanName } from "../../core/source.ts";
import {
  type AccessList,
  type AccessRequest,
  type AccessStore,
  type ApproveOutcome,
  type AccessDecision,
  MAX_REQUESTS,
  type AccessPlace,
  type RequestOutcome,
  type Standing,
} from "../access-store.ts";
import type { Context } from "./context.ts";
import type { Database } from "./database.ts";

const PARTY = `platform = ? AND account = ? AND kind = ? AND id = ?`;

export function requestAccess(context: Context, party: Party, name: string | null): RequestOutcome {
  const { db, secret } = context;
  const state = decided(db, party);
  if (state !== null) return { outcome: "decided", state };
  const now = context.clock.now();
  const askedAt = db.get<{ asked_at: number }>(`SELECT asked_at FROM access_request WHERE ${PARTY}`, ...keys(party));
  // A request of the future was written before the clock was set back.
  if (askedAt !== undefined && askedAt.asked_at <= now && now - askedAt.asked_at < PAIRING_WINDOW_MS)
    return { outcome: "told" };
  forgetRequest(db, party);
  db.run(
    `INSERT INTO access_request (platform, account, kind, id, name, asked_at) VALUES (?, ?, ?, ?, ?, ?)`,
    ...keys(party),
    cleanName(name ?? undefined),
    now,
  );
  db.run(
    `DELETE FROM access_request WHERE number IN (
       SELECT number FROM access_request WHERE platform = ? AND account = ? ORDER BY number DESC LIMIT -1 OFFSET ${MAX_REQUESTS}
     )`,
    party.platform,
    party.account,
  );
  return { outcome: "asked", code: pairingCode(secret, party, now) };
}

export function approveAccess(
  context: Context,
  { platform, accounts, code }: Parameters<AccessStore["approveAccess"]>[0],
): ApproveOutcome {
  const typed = readPairingCode(code);
  if (typed === null) return { outcome: "wrong" };
  const { db, secret, clock } = context;
  const { id } = typed;
  const party = accounts
    .map((account): Party => ({ platform, account, kind: "person", id }))
    .find((candidate) => isCodeOf(secret, candidate, typed, clock.now()));
  if (party === undefined) return { outcome: "wrong" };
  const state = decided(db, party);
  if (state === "blocked") return { outcome: "blocked", party };
  const name = nameOf(db, party);
  if (state === null) decide(context, party, "allowed", name);
  return { outcome: "approved", party, name, before: state };
}

/** A party whose ids a source can have. */
export function checkParty(party: Party): Party {
  return {
    platform: checkId("platform", party.platform),
    account: checkId("account", party.account),
    kind: party.kind,
    id: checkId(party.kind, party.id),
  };
}

export function decideAccess(
  context: Context,
  party: Party,
  state: AccessState,
  name: string | undefined,
): AccessState | null {
  const { db } = context;
  const before = decided(db, party);
  decide(context, party, state, cleanName(name) ?? nameOf(db, party));
  return before;
}

export function revokeAccess({ db }: Context, party: Party): AccessState | null {
  const before = decided(db, party);
  if (before !== null) db.run(`DELETE FROM access_decision WHERE ${PARTY}`, ...keys(party));
  return before;
}

export function readStanding(db: Database, { platform, account, user, chat }: AccessPlace): Standing {
  return {
    person: decided(db, { platform, account, kind: "person", id: user }),
    chat: decided(db, { platform, account, kind: "chat", id: chat }),
  };
}

export function readAccessList(db: Database): AccessList {
  return {
    decisions: db
      .all<Omit<AccessDecision, "decidedAt"> & { decided_at: number }>(
        `SELECT * FROM access_decision ORDER BY decided_at DESC, platform, account, kind, id`,
      )
      .map(({ decided_at: decidedAt, ...decision }) => ({ ...decision, decidedAt })),
    requests: db
      .all<Omit<AccessRequest, "askedAt"> & { asked_at: number }>(
        `SELECT platform, account, kind, id, name, asked_at FROM access_request ORDER BY number DESC`,
      )
      .map(({ asked_at: askedAt, ...request }) => ({ ...request, askedAt })),
  };
}

function decide({ db, clock }: Context, party: Party, state: AccessState, name: string | null): void {
  db.run(
    `INSERT INTO access_decision (platform, account, kind, id, name, state, decided_at) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET name = excluded.name, state = excluded.state, decided_at = excluded.decided_at`,
    ...keys(party),
    name,
    state,
    clock.now(),
  );
  forgetRequest(db, party);
}

function decided(db: Database, party: Party): AccessState | null {
  return (
    db.get<{ state: AccessState }>(`SELECT state FROM access_decision WHERE ${PARTY}`, ...keys(party))?.state ?? null
  );
}

/** The name a party asked under, or else was decided about under. */
function nameOf(db: Database, party: Party): string | null {
  for (const table of ["access_request", "access_decision"]) {
    const row = db.get<{ name: string | null }>(`SELECT name FROM ${table} WHERE ${PARTY}`, ...keys(party));
    if (row !== undefined && row.name !== null) return row.name;
  }
  return null;
}

function forgetRequest(db: Database, party: Party): void {
  db.run(`DELETE FROM access_request WHERE ${PARTY}`, ...keys(party));
}

function keys({ platform, account, kind, id }: Party): [string, string, string, string] {
  return [platform, account, kind, id];
}
