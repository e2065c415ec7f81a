-- Keys of subjects, owned by adapters/postgres/subject_keys.py.
-- Dropping a row erases its subject's personal data from every log and every copy of one.

CREATE SCHEMA IF NOT EXISTS vault;

CREATE TABLE vault.subject_keys (
    subject_id uuid        PRIMARY KEY,
    wrapped    bytea       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
