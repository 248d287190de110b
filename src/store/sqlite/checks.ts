import { MAX_REQUESTS } from "../access-store.ts";
import type { Check } from "../reader.ts";

interface QueryCheck extends Pick<Check, "name" | "invariant" | "rule"> {
  /** Selects each defect under the name `defect`. */
  readonly sql: string;
}

export const QUERY_CHECKS: readonly QueryCheck[] = [
  {
    name: "no-ghost",
    invariant: "I6",
    rule: "Every session holds an entry, or a caller pinned it.",
    sql: `SELECT id AS defect FROM session
      WHERE pinned_at IS NULL AND NOT EXISTS (SELECT 1 FROM message WHERE session_id = session.id)`,
  },
  {
    name: "no-orphan",
    invariant: "I7",
    rule: "Every entry, turn, reply and question, and what agents keep, belongs to a stored session.",
    sql: `SELECT 'entry ' || number AS defect FROM message WHERE NOT EXISTS (SELECT 1 FROM session WHERE id = session_id)
      UNION ALL SELECT id FROM turn WHERE NOT EXISTS (SELECT 1 FROM session WHERE session.id = session_id)
      UNION ALL SELECT id FROM question WHERE NOT EXISTS (SELECT 1 FROM session WHERE session.id = session_id)
      UNION ALL SELECT 'summary ' || number FROM summary WHERE NOT EXISTS (SELECT 1 FROM session WHERE session.id = session_id)
      UNION ALL SELECT 'note of ' || agent FROM agent_note WHERE NOT EXISTS (SELECT 1 FROM session WHERE session.id = session_id)
      UNION ALL SELECT id FROM delivery
        WHERE session_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM session WHERE session.id = session_id)`,
  },
  {
    name: "gapless",
    invariant: "I13",
    rule: "The sequence numbers of a session are 1, 2, 3 … up to its last.",
    sql: `SELECT session.id AS defect FROM session LEFT JOIN message ON session_id = session.id
      GROUP BY session.id
      HAVING count(seq) <> last_seq OR coalesce(max(seq), 0) <> last_seq OR count(DISTINCT seq) <> last_seq`,
  },
  {
    name: "one-live",
    invariant: "I4",
    rule: "A key has at most one live session.",
    sql: `SELECT min(id) AS defect FROM session NOT INDEXED WHERE ended_at IS NULL GROUP BY key HAVING count(*) > 1`,
  },
  {
    name: "epochs",
    invariant: "I3",
    rule: "No epoch and no id was given twice, erased sessions included.",
    sql: `SELECT session.id AS defect FROM session JOIN tombstone ON tombstone.id = session.id
      UNION ALL SELECT min(id) FROM session NOT INDEXED GROUP BY key, epoch HAVING count(*) > 1`,
  },
  {
    name: "receipts",
    invariant: "I12",
    rule: "Every receipt of a message leads to it.",
    sql: `SELECT 'receipt ' || number AS defect FROM receipt
      WHERE outcome = 'message'
        AND NOT EXISTS (SELECT 1 FROM message WHERE message.session_id = receipt.session_id AND message.seq = receipt.seq)`,
  },
  {
    name: "accounting",
    invariant: "I26",
    rule: "Every message is in exactly one state, and its turn agrees.",
    sql: `SELECT m.session_id || ' ' || m.seq AS defect
      FROM message AS m JOIN session AS s ON s.id = m.session_id LEFT JOIN turn AS t ON t.id = m.turn_id
      WHERE m.role = 'user' AND NOT CASE m.state
        WHEN 'waiting' THEN m.turn_id IS NULL AND m.seq > s.claimed_seq AND s.ended_at IS NULL
        WHEN 'running' THEN coalesce(t.state IN ('running', 'retrying') AND s.turn_id = t.id, 0)
        WHEN 'answered' THEN coalesce(t.state = 'done', 0)
        WHEN 'dead' THEN coalesce(t.state = 'dead', 0)
        WHEN 'cancelled' THEN m.turn_id IS NULL OR coalesce(t.state = 'cancelled', 0)
        ELSE m.turn_id IS NULL
      END`,
  },
  {
    name: "lane",
    invariant: "I21",
    rule: "A session is due exactly when something waits or runs in it.",
    sql: `SELECT id AS defect FROM session WHERE (due_at IS NOT NULL) <> (
        turn_id IS NOT NULL
        OR EXISTS (SELECT 1 FROM message WHERE session_id = session.id AND seq > claimed_seq AND state = 'waiting')
      )`,
  },
  {
    name: "one-turn",
    invariant: "I22",
    rule: "The only unfinished turn of a session is the one its row names.",
    sql: `SELECT turn.id AS defect FROM turn JOIN session ON session.id = session_id
      WHERE turn.state IN ('running', 'retrying') AND session.turn_id IS NOT turn.id
      UNION ALL SELECT session.id FROM session LEFT JOIN turn ON turn.id = session.turn_id
      WHERE session.turn_id IS NOT NULL AND coalesce(turn.state, '') NOT IN ('running', 'retrying')`,
  },
  {
    name: "retries",
    invariant: "I21",
    rule: "A turn that was retried by hand is dead, and its messages, all of them, are those of the turn that retries it.",
    sql: `SELECT t.id AS defect FROM turn AS t LEFT JOIN turn AS dead ON dead.id = t.retry_of
      WHERE t.retry_of IS NOT NULL AND NOT coalesce(
        dead.state = 'dead' AND dead.session_id = t.session_id
          AND dead.first_seq = t.first_seq AND dead.last_seq = t.last_seq
          AND NOT EXISTS (SELECT 1 FROM message AS m
            WHERE m.session_id = dead.session_id AND m.turn_id = dead.id AND m.role = 'user'),
        0
      )`,
  },
  {
    name: "interrupted",
    invariant: "I21",
    rule: "What an interrupted turn has said, and no other entry, stands behind the last of its messages, and an open reply waits for a turn.",
    sql: `SELECT 'entry ' || m.number AS defect FROM message AS m LEFT JOIN turn AS t ON t.id = m.turn_id
      WHERE m.role <> 'user' AND (m.follows IS NOT (CASE t.state WHEN 'interrupted' THEN t.last_seq END)
        OR m.follows IS NOT NULL AND NOT EXISTS (
          SELECT 1 FROM message WHERE session_id = m.session_id AND seq = m.follows AND role = 'user'
        ))
      UNION ALL SELECT d.id FROM delivery AS d LEFT JOIN session AS s ON s.id = d.session_id
        LEFT JOIN turn AS t ON t.id = d.turn_id AND t.session_id = s.id
      WHERE d.state = 'open' AND NOT coalesce(s.turn_id = t.id OR t.state = 'interrupted' AND s.due_at IS NOT NULL, 0)`,
  },
  {
    name: "replies",
    invariant: "I25",
    rule: "Every reply leads to its entry, and the oldest unsettled one of each destination, and no other, is due.",
    sql: `SELECT id AS defect FROM delivery AS d
      WHERE seq IS NOT NULL AND NOT EXISTS (SELECT 1 FROM message WHERE session_id = d.session_id AND seq = d.seq)
      UNION ALL SELECT 'destination ' || min(number) FROM delivery WHERE state IN ('pending', 'sending')
      GROUP BY lane HAVING count(due_at) <> 1
      UNION ALL SELECT id FROM delivery AS d WHERE state = 'pending' AND due_at IS NOT NULL
        AND EXISTS (SELECT 1 FROM delivery WHERE lane = d.lane AND number < d.number AND state IN ('pending', 'sending'))`,
  },
  {
    name: "pieces",
    invariant: "I25",
    rule: "The replies of a turn are its entries' pieces: 1, 2, 3 … of one, then of another; its questions stand apart.",
    sql: `SELECT id AS defect FROM (
        SELECT id, seq, piece, lag(seq) OVER sent AS seq_before, lag(piece) OVER sent AS piece_before
        FROM (SELECT *, EXISTS (SELECT 1 FROM question WHERE question.turn_id = delivery.turn_id AND question.seq = delivery.seq)
          AS asks FROM delivery) WHERE turn_id IS NOT NULL AND seq IS NOT NULL
        WINDOW sent AS (PARTITION BY turn_id, asks ORDER BY number)
      ) WHERE piece <> CASE WHEN seq_before = seq THEN piece_before + 1 ELSE 1 END`,
  },
  {
    name: "questions",
    invariant: "I32",
    rule: "A question is open only while its turn runs, one in a session, and its choice is one of its own; the transcript shows both.",
    sql: `SELECT q.id AS defect FROM question AS q LEFT JOIN turn AS t ON t.id = q.turn_id
      WHERE t.session_id IS NOT q.session_id OR (q.state = 'open' AND t.state <> 'running')
        OR 1 + (q.answer_seq IS NOT NULL) <> (SELECT count(*) FROM message AS m
          WHERE m.session_id = q.session_id AND m.seq IN (q.seq, q.answer_seq) AND m.turn_id = q.turn_id AND m.role = 'notice')
        OR (q.choice IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM json_each(q.choices) AS c WHERE c.value ->> 'id' = q.choice))
      UNION ALL SELECT min(id) FROM question NOT INDEXED WHERE state = 'open' GROUP BY session_id HAVING count(*) > 1`,
  },
  {
    name: "summaries",
    invariant: "I33",
    rule: "A summary was made by a turn of its session, and stands for entries from before it.",
    sql: `SELECT 'summary ' || s.number AS defect FROM summary AS s LEFT JOIN turn AS t ON t.id = s.turn_id
      WHERE t.session_id IS NOT s.session_id OR s.through_seq NOT BETWEEN 1 AND t.first_seq - 1`,
  },
  {
    name: "access",
    invariant: "I30",
    rule: "An account keeps at most a hundred requests to be let in, none of them by someone who was decided about.",
    sql: `SELECT 'request ' || number AS defect FROM access_request AS r
      WHERE EXISTS (SELECT 1 FROM access_decision AS d
        WHERE d.platform = r.platform AND d.account = r.account AND d.kind = r.kind AND d.id = r.id)
      UNION ALL SELECT 'request ' || max(number) FROM access_request
      GROUP BY platform, account HAVING count(*) > ${MAX_REQUESTS}`,
  },
];
