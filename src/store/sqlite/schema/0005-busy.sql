-- When the person sent it by the platform's clock; NULL where the platform does not say.
ALTER TABLE message ADD COLUMN sent_at INTEGER CHECK (sent_at IS NULL OR sent_at <= created_at AND role = 'user');
-- The message behind which it stands, of what an interrupted turn has said.
ALTER TABLE message ADD COLUMN follows INTEGER CHECK (follows IS NULL OR follows < seq AND role <> 'user');
CREATE INDEX message_follows ON message (session_id, follows) WHERE follows IS NOT NULL;
-- For the backlog: what waits, the oldest first.
CREATE INDEX message_waiting ON message (coalesce(sent_at, created_at)) WHERE state = 'waiting';

DROP TRIGGER message_state;
CREATE TRIGGER message_state BEFORE UPDATE OF state ON message
WHEN NOT (
  new.state = 'erased' AND old.state NOT IN ('erased', 'said')
  OR old.state = 'waiting' AND new.state IN ('running', 'cancelled')
  OR old.state = 'running' AND new.state IN ('waiting', 'answered', 'cancelled', 'dead')
  OR old.state = 'dead' AND new.state = 'running'
)
BEGIN
  SELECT RAISE(ABORT, 'a message cannot go from this state to that one');
END;

-- A turn may be interrupted. SQLite cannot widen a CHECK, so the table is made anew. number is the order in
-- which the turns of a session began.
CREATE TABLE turn_anew (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  session_id TEXT NOT NULL REFERENCES session (id),
  state TEXT NOT NULL CHECK (state IN ('running', 'retrying', 'done', 'dead', 'cancelled', 'interrupted')),
  -- How often it was tried; 0 while the first attempt was handed back.
  attempt INTEGER NOT NULL CHECK (attempt >= 0),
  -- Whether no turn of its session but cancelled and interrupted ones came before it.
  first INTEGER NOT NULL,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL CHECK (last_seq >= first_seq),
  -- The last entry of its session when it began: a message behind it is newer. 0 for one that nothing
  -- interrupts.
  known_seq INTEGER NOT NULL DEFAULT 0,
  -- The node that runs it.
  node TEXT CHECK ((node IS NOT NULL) = (state = 'running')),
  -- Why its last attempt failed.
  reason TEXT,
  started_at INTEGER NOT NULL,
  ended_at INTEGER CHECK ((ended_at IS NULL) = (state IN ('running', 'retrying'))),
  -- The dead turn whose messages this one answers again. A turn is retried by hand once; what comes of it is
  -- this turn's own affair.
  retry_of TEXT
) STRICT;

INSERT INTO turn_anew (id, session_id, state, attempt, first, first_seq, last_seq, known_seq, node, reason, started_at, ended_at, retry_of)
SELECT id, session_id, state, attempt, first, first_seq, last_seq, last_seq, node, reason, started_at, ended_at, retry_of
FROM turn ORDER BY rowid;
DROP TABLE turn;
ALTER TABLE turn_anew RENAME TO turn;

CREATE INDEX turn_node ON turn (node) WHERE node IS NOT NULL;
CREATE UNIQUE INDEX turn_retry ON turn (retry_of) WHERE retry_of IS NOT NULL;
-- One index serves every list of turns: pages are merged from its runs.
CREATE INDEX turn_list ON turn (state, started_at, id);
CREATE INDEX turn_session ON turn (session_id, started_at, id);
CREATE INDEX turn_dead ON turn (session_id, number) WHERE state = 'dead';
CREATE INDEX turn_interrupted ON turn (session_id, last_seq) WHERE state = 'interrupted';

-- The state machine of core/turn.ts, held by the database.
CREATE TRIGGER turn_state BEFORE UPDATE OF state ON turn
WHEN NOT (
  old.state = 'running'
  OR old.state = 'retrying' AND new.state IN ('running', 'cancelled', 'interrupted')
)
BEGIN
  SELECT RAISE(ABORT, 'a turn cannot go from this state to that one');
END;

-- What an interrupted turn has begun to send goes over to the next turn of its session.
CREATE INDEX delivery_open ON delivery (session_id) WHERE state = 'open';
