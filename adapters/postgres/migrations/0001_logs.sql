-- The event logs: one for each context, owned by adapters/postgres/log.py.  Never dropped.
--
-- A log is two tables.  <context>_head holds one row, the last position; an append takes its positions
-- by updating it in the statement that inserts, so positions are contiguous, a rollback leaves no hole,
-- and whoever commits later stands later.  Columns of <context>_events carry the eventsourcing library's
-- names: originator is our stream, notification_id our position.  event_id makes a retry a duplicate.

CREATE SCHEMA IF NOT EXISTS log;

CREATE OR REPLACE FUNCTION log.create_log(context text) RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    EXECUTE format(
        'CREATE TABLE IF NOT EXISTS log.%I (
            notification_id    bigint NOT NULL PRIMARY KEY,
            originator_id      uuid   NOT NULL,
            originator_version bigint NOT NULL,
            topic              text   NOT NULL,
            state              bytea  NOT NULL,
            event_id           uuid   NOT NULL UNIQUE,
            subject_id         uuid,
            UNIQUE (originator_id, originator_version)
        )', context || '_events');
    EXECUTE format(
        'CREATE TABLE IF NOT EXISTS log.%I (
            one      boolean PRIMARY KEY DEFAULT true CHECK (one),
            position bigint  NOT NULL DEFAULT 0
        ) WITH (fillfactor = 10)', context || '_head');
    EXECUTE format('INSERT INTO log.%I DEFAULT VALUES ON CONFLICT DO NOTHING', context || '_head');
END
$body$;

SELECT log.create_log('identity');
SELECT log.create_log('catalog');
SELECT log.create_log('engagement');
