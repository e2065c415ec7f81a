-- Finds what the identity log holds about one person; owned by adapters/postgres/log.py.
-- The other logs have no such index: they are written a thousand times more often than a person asks to be forgotten,
-- and are read through instead.
CREATE INDEX identity_events_subject ON log.identity_events (subject_id, notification_id) WHERE subject_id IS NOT NULL;

-- Destroyed keys whose bytes may still lie in the table's file.
ALTER TABLE vault.subject_keys ADD COLUMN shredded boolean NOT NULL DEFAULT false;
CREATE INDEX subject_keys_to_shred ON vault.subject_keys (subject_id) WHERE wrapped IS NULL AND NOT shredded;
