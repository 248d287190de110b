import { type InboundMessage, checkMessage } from "../../core/message.ts";
import type { FoundSession, ReceivedMessage, StoreReader } from "../reader.ts";
import { readAccessList, readStanding } from "./access.ts";
import { readAgentNote, readSummary } from "./agent-notes.ts";
import { readBacklog } from "./backlog.ts";
import type { Database } from "./database.ts";
import { readEntryDeliveries } from "./entry-deliveries.ts";
import { storeFault } from "./fault.ts";
import { glance } from "./glance.ts";
import { listSessions } from "./list.ts";
import { nextDue } from "./next-due.ts";
import { readOpenQuestion, readQuestion } from "./questions.ts";
import { readEventRange, readEvents } from "./recorded-events.ts";
import { messageProof, receivedMessage } from "./receipts.ts";
import { type SessionRow, sessionOf } from "./rows.ts";
import { search } from "./search.ts";
import { readStats } from "./stats.ts";
import { listDeliveries, listTurns, readTurn } from "./repair-reader.ts";
import { readReply, readTranscript } from "./transcript-reader.ts";
import { verify } from "./verify.ts";

/** The reading verbs on one connection. */
export function createReader(db: Database): StoreReader {
  const read = async <T>(query: () => T): Promise<T> => {
    try {
      return query();
    } catch (error) {
      throw storeFault(error);
    }
  };
  return {
    get: (sessionId) => read(() => find(db, sessionId)),
    list: (query = {}) => read(() => listSessions(db, query)),
    transcript: (sessionId, query = {}) => read(() => readTranscript(db, sessionId, query)),
    glance: (sessionIds) => read(() => glance(db, sessionIds)),
    events: (query) => read(() => readEvents(db, query)),
    eventRange: () => read(() => readEventRange(db)),
    received: (message) => read(() => findReceived(db, message)),
    reply: (sessionId, seq) => read(() => readReply(db, sessionId, seq)),
    search: (query) => read(() => search(db, query)),
    stats: () => read(() => readStats(db)),
    verify: () => read(() => verify(db, readSecret(db))),
    backlog: () => read(() => readBacklog(db)),
    nextDue: (besides) => read(() => nextDue(db, besides)),
    standing: (place) => read(() => readStanding(db, place)),
    turns: (query = {}) => read(() => listTurns(db, query)),
    turn: (id) => read(() => readTurn(db, id)),
    deliveries: (query = {}) => read(() => listDeliveries(db, query)),
    entryDeliveries: (sessionId, seqs) => read(() => readEntryDeliveries(db, sessionId, seqs)),
    summary: (sessionId) => read(() => readSummary(db, sessionId)),
    agentNote: (sessionId, agent) => read(() => readAgentNote(db, sessionId, agent)),
    question: (id) => read(() => readQuestion(db, id)),
    openQuestion: (sessionId) => read(() => readOpenQuestion(db, sessionId)),
    accessList: () => read(() => readAccessList(db)),
  };
}

function find(db: Database, id: string): FoundSession {
  const row = db.get<SessionRow>(`SELECT * FROM session WHERE id = ?`, id);
  if (row !== undefined) return { outcome: "found", session: sessionOf(row) };
  const tombstone = db.get<{ erased_at: number }>(`SELECT erased_at FROM tombstone WHERE id = ?`, id);
  return tombstone === undefined ? { outcome: "missing" } : { outcome: "gone", erasedAt: tombstone.erased_at };
}

function findReceived(db: Database, message: InboundMessage): ReceivedMessage | null {
  const proof = messageProof({ secret: readSecret(db) }, checkMessage(message));
  return proof === null ? null : receivedMessage(db, proof);
}

/** The installation's secret: made when the database was, and the same for every process that opens it. */
export function readSecret(db: Database): Uint8Array {
  const row = db.get<{ value: Uint8Array }>(`SELECT value FROM setting WHERE name = 'secret'`);
  if (row === undefined) throw new Error("the database has no installation secret; run `parlor doctor`");
  return row.value;
}
