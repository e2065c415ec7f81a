-- What reactors have to do and how far they have read; owned by adapters/postgres/reactions.py and mails.py.
-- Never rebuilt from the log: a mail that was sent is not sent again because somebody wants a fresh table.
-- No personal data: an address is read from the account's stream at the moment of sending.

CREATE SCHEMA IF NOT EXISTS work;

CREATE TABLE work.positions (
    reactor  text        NOT NULL,
    log      text        NOT NULL,
    position bigint      NOT NULL DEFAULT 0,
    moved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (reactor, log)
) WITH (fillfactor = 50);

INSERT INTO work.positions (reactor, log) VALUES ('mails', 'identity'), ('erasures', 'identity');

CREATE TABLE work.mails (
    mail_id     uuid        PRIMARY KEY,
    user_id     uuid        NOT NULL,
    kind        text        NOT NULL,
    request_id  uuid        NOT NULL,
    promised_at timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    state       text        NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'dropped', 'failed')),
    attempts    integer     NOT NULL DEFAULT 0,
    due_at      timestamptz NOT NULL,
    settled_at  timestamptz,
    reason      text,
    CHECK ((state = 'waiting') = (settled_at IS NULL))
);
CREATE INDEX mails_due ON work.mails (due_at) WHERE state = 'waiting';
CREATE INDEX mails_of_user ON work.mails (user_id);

-- A destroyed key leaves its row behind without the key, so that nobody makes the subject another one by mistake.
ALTER TABLE vault.subject_keys ALTER COLUMN wrapped DROP NOT NULL;
ALTER TABLE vault.subject_keys ADD COLUMN destroyed_at timestamptz;
ALTER TABLE vault.subject_keys ADD CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL));
