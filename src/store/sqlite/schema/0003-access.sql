-- What the operator decided about a person or a chat.
CREATE TABLE access_decision (
  platform TEXT NOT NULL CHECK (platform <> ''),
  account TEXT NOT NULL CHECK (account <> ''),
  kind TEXT NOT NULL CHECK (kind IN ('person', 'chat')),
  id TEXT NOT NULL CHECK (id <> ''),
  name TEXT,
  state TEXT NOT NULL CHECK (state IN ('allowed', 'blocked')),
  decided_at INTEGER NOT NULL,
  PRIMARY KEY (platform, account, kind, id)
) STRICT, WITHOUT ROWID;

-- Who wrote and is not known; the newest of each account. number is the order in which they asked.
CREATE TABLE access_request (
  number INTEGER PRIMARY KEY,
  platform TEXT NOT NULL CHECK (platform <> ''),
  account TEXT NOT NULL CHECK (account <> ''),
  kind TEXT NOT NULL CHECK (kind IN ('person', 'chat')),
  id TEXT NOT NULL CHECK (id <> ''),
  name TEXT,
  asked_at INTEGER NOT NULL,
  UNIQUE (platform, account, kind, id)
) STRICT;
CREATE INDEX access_request_age ON access_request (platform, account, number);
