-- What accounts keep beside the log, owned by adapters/postgres/{vault,sessions}.py; no event holds any of it, so
-- none of it may be dropped.

CREATE TABLE vault.email_addresses (
    digest      bytea       PRIMARY KEY,
    user_id     uuid        NOT NULL UNIQUE,
    reserved_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE vault.credentials (
    credential_id uuid        PRIMARY KEY,
    user_id       uuid        NOT NULL,
    hash          text        NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON vault.credentials (user_id);

CREATE TABLE vault.sessions (
    session_id uuid        PRIMARY KEY,
    user_id    uuid        NOT NULL,
    kind       text        NOT NULL,
    generation bigint      NOT NULL,
    opened_at  timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    idle_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX ON vault.sessions (user_id, session_id);
CREATE INDEX ON vault.sessions (least(idle_at, expires_at));

CREATE TABLE vault.session_secrets (
    digest     bytea       PRIMARY KEY,
    session_id uuid        NOT NULL REFERENCES vault.sessions ON DELETE CASCADE,
    purpose    text        NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX ON vault.session_secrets (session_id);
CREATE INDEX ON vault.session_secrets (expires_at);

CREATE TABLE vault.key_uses (
    key_id  uuid        PRIMARY KEY,
    user_id uuid,
    used_at timestamptz NOT NULL
);
CREATE INDEX ON vault.key_uses (user_id);
