-- What only one process at a time may do. The row stays when nobody holds it, so that its fence never goes back.
CREATE TABLE named_lease (
  name TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
  holder TEXT CHECK (holder <> ''),
  fence INTEGER NOT NULL CHECK (fence >= 1),
  until INTEGER CHECK ((until IS NULL) = (holder IS NULL))
) STRICT, WITHOUT ROWID;

-- What stands for the entries up to through_seq; the newest of a session counts.
CREATE TABLE summary (
  number INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES session (id),
  turn_id TEXT NOT NULL,
  through_seq INTEGER NOT NULL CHECK (through_seq >= 1),
  text TEXT NOT NULL CHECK (text <> ''),
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX summary_session ON summary (session_id, number);

-- What an agent keeps about a session.
CREATE TABLE agent_note (
  session_id TEXT NOT NULL REFERENCES session (id),
  agent TEXT NOT NULL CHECK (agent <> ''),
  text TEXT NOT NULL CHECK (text <> ''),
  PRIMARY KEY (session_id, agent)
) STRICT, WITHOUT ROWID;

-- What a running turn asks. choices is a list of {"id", "label"}.
CREATE TABLE question (
  id TEXT NOT NULL PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES session (id),
  turn_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  text TEXT NOT NULL,
  choices TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'answered', 'expired', 'withdrawn')),
  choice TEXT CHECK ((choice IS NOT NULL) = (state = 'answered')),
  answer_seq INTEGER CHECK ((answer_seq IS NOT NULL) = (state = 'answered')),
  answered_by TEXT CHECK (answered_by IS NULL OR state = 'answered'),
  asked_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX question_session ON question (session_id);
CREATE INDEX question_turn ON question (turn_id);
-- One turn at a time, one question at a time.
CREATE UNIQUE INDEX question_open ON question (session_id) WHERE state = 'open';

-- The state machine of core/question.ts, held by the database.
CREATE TRIGGER question_state BEFORE UPDATE OF state ON question
WHEN NOT (old.state = 'open' AND new.state IN ('answered', 'expired', 'withdrawn'))
BEGIN
  SELECT RAISE(ABORT, 'a question cannot go from this state to that one');
END;

-- A question belongs to one attempt: whatever ends that, or begins another, withdraws it.
CREATE TRIGGER question_withdrawn AFTER UPDATE OF state ON turn
BEGIN
  UPDATE question SET state = 'withdrawn' WHERE turn_id = new.id AND state = 'open';
END;
