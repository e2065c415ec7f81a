-- Which version of each read model is there, and how far it has come; owned by adapters/postgres/read_model.py.
-- The read models' own tables are made from their modules: see adapters/postgres/install.py.

CREATE SCHEMA IF NOT EXISTS read;

CREATE TABLE read.projections (
    name       text        NOT NULL,
    version    integer     NOT NULL,
    state      text        NOT NULL CHECK (state IN ('building', 'live', 'retired')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (name, version)
);
CREATE UNIQUE INDEX one_live_version ON read.projections (name) WHERE state = 'live';

CREATE TABLE read.positions (
    name       text        NOT NULL,
    version    integer     NOT NULL,
    log        text        NOT NULL,
    position   bigint      NOT NULL DEFAULT 0,
    moved_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (name, version, log),
    FOREIGN KEY (name, version) REFERENCES read.projections ON DELETE CASCADE
) WITH (fillfactor = 50);

CREATE TABLE read.checkpoints (
    name      text        NOT NULL,
    version   integer     NOT NULL,
    positions jsonb       NOT NULL,
    state     bytea       NOT NULL,
    saved_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (name, version)
);
