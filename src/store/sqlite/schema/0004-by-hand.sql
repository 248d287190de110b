-- The dead turn whose messages this one answers again. A turn is retried by hand once; what comes of it is
-- this turn's own affair.
ALTER TABLE turn ADD COLUMN retry_of TEXT;
CREATE UNIQUE INDEX turn_retry ON turn (retry_of) WHERE retry_of IS NOT NULL;

-- One index serves every list of turns: pages are merged from its runs.
CREATE INDEX turn_list ON turn (state, started_at, id);
DROP INDEX turn_session;
CREATE INDEX turn_session ON turn (session_id, started_at, id);

DROP TRIGGER message_state;
CREATE TRIGGER message_state BEFORE UPDATE OF state ON message
WHEN NOT (
  new.state = 'erased' AND old.state NOT IN ('erased', 'said')
  OR old.state = 'waiting' AND new.state IN ('running', 'cancelled')
  OR old.state = 'running' AND new.state IN ('answered', 'cancelled', 'dead')
  OR old.state = 'dead' AND new.state = 'running'
)
BEGIN
  SELECT RAISE(ABORT, 'a message cannot go from this state to that one');
END;

-- A reply may be dropped by hand. SQLite cannot widen a CHECK, so the table is made anew.
CREATE TABLE delivery_anew (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  lane TEXT NOT NULL,
  session_id TEXT,
  turn_id TEXT,
  seq INTEGER,
  piece INTEGER NOT NULL DEFAULT 1 CHECK (piece >= 1),
  platform TEXT NOT NULL,
  account TEXT NOT NULL,
  chat_type TEXT NOT NULL,
  chat TEXT NOT NULL,
  thread TEXT NOT NULL,
  user TEXT NOT NULL,
  text TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'pending', 'sending', 'sent', 'failed', 'unknown', 'dropped')),
  attempt INTEGER NOT NULL DEFAULT 0,
  -- How many attempts there were when it was last retried by hand.
  pardoned INTEGER NOT NULL DEFAULT 0 CHECK (pardoned <= attempt),
  node TEXT CHECK ((node IS NOT NULL) = (state = 'sending')),
  due_at INTEGER CHECK (due_at IS NULL OR state IN ('pending', 'sending')),
  remote_id TEXT,
  error TEXT,
  created_at INTEGER NOT NULL,
  settled_at INTEGER CHECK ((settled_at IS NULL) = (state IN ('open', 'pending', 'sending')))
) STRICT;

INSERT INTO delivery_anew (number, id, lane, session_id, turn_id, seq, piece, platform, account, chat_type, chat, thread, user, text,
  state, attempt, node, due_at, remote_id, error, created_at, settled_at)
SELECT number, id, lane, session_id, turn_id, seq, piece, platform, account, chat_type, chat, thread, user, text,
  state, attempt, node, due_at, remote_id, error, created_at, settled_at
FROM delivery ORDER BY number;

-- No number is given twice, those of replies that were erased included.
DELETE FROM sqlite_sequence WHERE name = 'delivery_anew';
INSERT INTO sqlite_sequence (name, seq) SELECT 'delivery_anew', seq FROM sqlite_sequence WHERE name = 'delivery';
DROP TABLE delivery;
ALTER TABLE delivery_anew RENAME TO delivery;

CREATE INDEX delivery_due ON delivery (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX delivery_lane ON delivery (lane, number) WHERE state IN ('pending', 'sending');
CREATE INDEX delivery_session ON delivery (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX delivery_turn ON delivery (turn_id) WHERE state = 'open';
CREATE INDEX delivery_loose ON delivery (settled_at) WHERE session_id IS NULL AND settled_at IS NOT NULL;
-- For the list. Only its statement names every state, so that no other one takes this index in place of its own.
CREATE INDEX delivery_list ON delivery (state, number)
WHERE state IN ('open', 'pending', 'sending', 'sent', 'failed', 'unknown', 'dropped');

-- The state machine of core/delivery.ts, held by the database.
CREATE TRIGGER delivery_state BEFORE UPDATE OF state ON delivery
WHEN NOT (
  old.state = 'open' AND new.state IN ('pending', 'failed')
  OR old.state = 'pending' AND new.state IN ('sending', 'dropped')
  OR old.state = 'sending' AND new.state IN ('sending', 'pending', 'sent', 'failed', 'unknown')
  OR old.state IN ('failed', 'unknown') AND new.state IN ('pending', 'dropped')
)
BEGIN
  SELECT RAISE(ABORT, 'a delivery cannot go from this state to that one');
END;
