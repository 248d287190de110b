CREATE TABLE setting (
  name TEXT PRIMARY KEY,
  value ANY NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO setting (name, value) VALUES ('secret', randomblob(32));

-- One life of a session key. The last group of columns is its lane: what is to be done in it and by whom.
CREATE TABLE session (
  id TEXT NOT NULL PRIMARY KEY,
  key TEXT NOT NULL CHECK (key <> ''),
  epoch INTEGER NOT NULL CHECK (epoch >= 1),
  platform TEXT NOT NULL CHECK (platform <> ''),
  account TEXT NOT NULL CHECK (account <> ''),
  chat_type TEXT NOT NULL CHECK (chat_type IN ('dm', 'group', 'channel', 'thread')),
  chat TEXT NOT NULL CHECK (chat <> ''),
  thread TEXT NOT NULL CHECK ((thread <> '') = (chat_type = 'thread')),
  user TEXT NOT NULL CHECK (user <> ''),
  chat_name TEXT,
  user_name TEXT,
  title TEXT,
  started_at INTEGER NOT NULL,
  last_user_message_at INTEGER,
  active_at INTEGER NOT NULL,
  last_seq INTEGER NOT NULL CHECK (last_seq >= 0),
  reset_reason TEXT,
  reset_had_activity INTEGER,
  ended_at INTEGER,
  end_reason TEXT CHECK ((end_reason IS NULL) = (ended_at IS NULL)),
  pinned_at INTEGER CHECK (pinned_at IS NOT NULL OR last_seq > 0),
  memory_flushed INTEGER NOT NULL DEFAULT 0,
  input_tokens INTEGER NOT NULL DEFAULT 0,
  output_tokens INTEGER NOT NULL DEFAULT 0,
  -- Raised by every claim, cancel and reset; a holder with a lower one changes nothing.
  fence INTEGER NOT NULL DEFAULT 0,
  -- The highest sequence number that a turn has taken; what waits stands above it.
  claimed_seq INTEGER NOT NULL DEFAULT 0,
  -- The turn that is running or between attempts.
  turn_id TEXT,
  -- When a claim can next succeed: at once while messages wait, at the lease's end while a turn runs,
  -- at the back-off's end between attempts; NULL when there is nothing to do.
  due_at INTEGER CHECK (due_at IS NULL OR ended_at IS NULL),
  UNIQUE (key, epoch)
) STRICT;

CREATE UNIQUE INDEX session_live ON session (key) WHERE ended_at IS NULL;
CREATE INDEX session_due ON session (due_at) WHERE due_at IS NOT NULL;
-- One index serves every list: pages are merged from its (platform, live) runs.
CREATE INDEX session_list ON session (platform, (ended_at IS NULL), active_at, id);

-- One line of a transcript. number is the order of commits over all sessions, and the row of the search index.
CREATE TABLE message (
  number INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES session (id),
  seq INTEGER NOT NULL CHECK (seq >= 1),
  role TEXT NOT NULL CHECK (role IN ('user', 'assistant', 'notice')),
  state TEXT NOT NULL CHECK (
    CASE role
      WHEN 'user' THEN state IN ('waiting', 'running', 'answered', 'cancelled', 'dead', 'overheard', 'erased')
      ELSE state = 'said'
    END
  ),
  text TEXT NOT NULL,
  attachments TEXT,
  sender_id TEXT CHECK ((sender_id IS NOT NULL) = (role = 'user')),
  sender_name TEXT,
  turn_id TEXT,
  receipt INTEGER,
  created_at INTEGER NOT NULL,
  UNIQUE (session_id, seq)
) STRICT;

-- The state machine of core/message.ts, held by the database.
CREATE TRIGGER message_state BEFORE UPDATE OF state ON message
WHEN NOT (
  new.state = 'erased' AND old.state NOT IN ('erased', 'said')
  OR old.state = 'waiting' AND new.state IN ('running', 'cancelled')
  OR old.state = 'running' AND new.state IN ('answered', 'cancelled', 'dead')
)
BEGIN
  SELECT RAISE(ABORT, 'a message cannot go from this state to that one');
END;

-- The text of every entry as it is searched: folded, with a space around each character of scripts
-- written without spaces. An ordinary table, because a contentless one kept deleted words in the file.
CREATE VIRTUAL TABLE message_fts USING fts5 (
  text,
  tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co M*'"
);
INSERT INTO message_fts (message_fts, rank) VALUES ('secure-delete', 1);
-- Parts of the index are merged when there are eight of a size, not four: half the work for each
-- accept, and a search looks into twice as many parts at most.
INSERT INTO message_fts (message_fts, rank) VALUES ('automerge', 8);

-- Proof that a message or a command was received: a keyed hash of where it came from and its id.
CREATE TABLE receipt (
  number INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  outcome TEXT NOT NULL CHECK (outcome IN ('message', 'command', 'gone')),
  session_id TEXT,
  seq INTEGER,
  -- A keyed hash of the body, to tell a redelivery from another message under the same id.
  body BLOB,
  created_at INTEGER NOT NULL,
  CHECK (outcome <> 'message' OR (session_id IS NOT NULL AND seq IS NOT NULL AND body IS NOT NULL)),
  CHECK (outcome <> 'gone' OR (session_id IS NULL AND seq IS NULL AND body IS NULL))
) STRICT;

-- What stays of an erased session, so that its id keeps its meaning and its epoch is never given again.
CREATE TABLE tombstone (
  id TEXT NOT NULL PRIMARY KEY,
  key_hash BLOB NOT NULL,
  epoch INTEGER NOT NULL,
  erased_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tombstone_key ON tombstone (key_hash, epoch);

-- What was set on a draft; given to its session at birth.
CREATE TABLE draft_note (
  number INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE turn (
  id TEXT NOT NULL PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES session (id),
  state TEXT NOT NULL CHECK (state IN ('running', 'retrying', 'done', 'dead', 'cancelled')),
  -- How often it was tried; 0 while the first attempt was handed back.
  attempt INTEGER NOT NULL CHECK (attempt >= 0),
  -- Whether no turn of its session but cancelled ones came before it.
  first INTEGER NOT NULL,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  -- The node that runs it.
  node TEXT CHECK ((node IS NOT NULL) = (state = 'running')),
  -- Why its last attempt failed.
  reason TEXT,
  started_at INTEGER NOT NULL,
  ended_at INTEGER CHECK ((ended_at IS NULL) = (state IN ('running', 'retrying')))
) STRICT;
CREATE INDEX turn_session ON turn (session_id);
CREATE INDEX turn_node ON turn (node) WHERE node IS NOT NULL;

-- The state machine of core/turn.ts, held by the database.
CREATE TRIGGER turn_state BEFORE UPDATE OF state ON turn
WHEN NOT (
  old.state = 'running'
  OR old.state = 'retrying' AND new.state IN ('running', 'cancelled')
)
BEGIN
  SELECT RAISE(ABORT, 'a turn cannot go from this state to that one');
END;

-- One reply to one place. The oldest unsettled one of a lane (a destination) alone has a due time.
CREATE TABLE delivery (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  lane TEXT NOT NULL,
  session_id TEXT,
  turn_id TEXT,
  seq INTEGER,
  platform TEXT NOT NULL,
  account TEXT NOT NULL,
  chat_type TEXT NOT NULL,
  chat TEXT NOT NULL,
  thread TEXT NOT NULL,
  user TEXT NOT NULL,
  text TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'pending', 'sending', 'sent', 'failed', 'unknown')),
  attempt INTEGER NOT NULL DEFAULT 0,
  node TEXT CHECK ((node IS NOT NULL) = (state = 'sending')),
  due_at INTEGER CHECK (due_at IS NULL OR state IN ('pending', 'sending')),
  remote_id TEXT,
  error TEXT,
  created_at INTEGER NOT NULL,
  settled_at INTEGER CHECK ((settled_at IS NULL) = (state IN ('open', 'pending', 'sending')))
) STRICT;
CREATE INDEX delivery_due ON delivery (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX delivery_lane ON delivery (lane, number) WHERE state IN ('pending', 'sending');
CREATE INDEX delivery_session ON delivery (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX delivery_turn ON delivery (turn_id) WHERE state = 'open';

-- The state machine of core/delivery.ts, held by the database.
CREATE TRIGGER delivery_state BEFORE UPDATE OF state ON delivery
WHEN NOT (
  old.state = 'open' AND new.state IN ('pending', 'failed')
  OR old.state = 'pending' AND new.state = 'sending'
  OR old.state = 'sending' AND new.state IN ('sending', 'pending', 'sent', 'failed', 'unknown')
)
BEGIN
  SELECT RAISE(ABORT, 'a delivery cannot go from this state to that one');
END;

-- What hooks are told. The oldest waiting one of a session alone has a due time.
CREATE TABLE lifecycle_event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  session_id TEXT NOT NULL,
  type TEXT NOT NULL,
  data TEXT NOT NULL,
  at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('unwatched', 'waiting', 'done', 'dead')),
  attempt INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER CHECK (due_at IS NULL OR state = 'waiting')
) STRICT;
CREATE INDEX lifecycle_event_due ON lifecycle_event (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX lifecycle_event_waiting ON lifecycle_event (session_id, id) WHERE state = 'waiting';

-- Tokens spent; outlives what was said.
CREATE TABLE usage (
  number INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL,
  turn_id TEXT NOT NULL,
  platform TEXT NOT NULL,
  model TEXT NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;
