-- Whether an earlier attempt may have arrived; so it is found out, or said, whatever later ones come to.
ALTER TABLE delivery ADD COLUMN ambiguous INTEGER NOT NULL DEFAULT 0 CHECK (ambiguous IN (0, 1));
-- The next reply to the same place is due no earlier. One reply of a place has it: the one sent last.
ALTER TABLE delivery ADD COLUMN rest_until INTEGER;

CREATE INDEX delivery_rest ON delivery (lane, rest_until) WHERE rest_until IS NOT NULL;
-- What of an entry was sent where, for the pages of a transcript.
CREATE INDEX delivery_entry ON delivery (session_id, seq, number) WHERE seq IS NOT NULL;

-- What was streamed by a turn that was cancelled has not failed: nobody has anything to do about it.
DROP TRIGGER delivery_state;
CREATE TRIGGER delivery_state BEFORE UPDATE OF state ON delivery
WHEN NOT (
  old.state = 'open' AND new.state IN ('pending', 'dropped')
  OR old.state = 'pending' AND new.state IN ('sending', 'dropped')
  OR old.state = 'sending' AND new.state IN ('sending', 'pending', 'sent', 'failed', 'unknown')
  OR old.state IN ('failed', 'unknown') AND new.state IN ('pending', 'dropped')
)
BEGIN
  SELECT RAISE(ABORT, 'a delivery cannot go from this state to that one');
END;
