-- Which of the parts of its entry a reply is: a text that is too long for its platform goes in several.
ALTER TABLE delivery ADD COLUMN piece INTEGER NOT NULL DEFAULT 1 CHECK (piece >= 1);

-- Settled replies that belong to no session, for the sweep.
CREATE INDEX delivery_loose ON delivery (settled_at) WHERE session_id IS NULL AND settled_at IS NOT NULL;

-- What the person who was answered has had of it: the words of a reply of no session can be erased with no session.
UPDATE delivery SET text = '' WHERE session_id IS NULL AND settled_at IS NOT NULL;

CREATE INDEX usage_turn ON usage (turn_id);

-- All events with a higher id are kept. What was swept before this was known leaves the newest unbroken run.
INSERT INTO setting (name, value)
SELECT 'lifecycle_events_forgotten', CASE
  WHEN (SELECT max(id) FROM lifecycle_event) = coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'lifecycle_event'), 0)
  THEN (SELECT max(id) - 1 FROM lifecycle_event AS e WHERE NOT EXISTS (SELECT 1 FROM lifecycle_event WHERE id = e.id - 1))
  ELSE coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'lifecycle_event'), 0)
END;
