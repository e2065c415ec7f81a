-- Calls that take effect once (Idempotency-Key), kept beside the log that their effects are in, and committed
-- with them; owned by adapters/postgres/log.py.  Rows are swept after a day.

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
    EXECUTE format(
        'CREATE TABLE IF NOT EXISTS log.%I (
            key        bytea       NOT NULL PRIMARY KEY,
            digest     bytea       NOT NULL,
            stream_id  uuid        NOT NULL,
            version    bigint      NOT NULL,
            position   bigint      NOT NULL,
            kept_at    timestamptz NOT NULL DEFAULT clock_timestamp()
        )', context || '_once');
    EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON log.%I (kept_at)', context || '_once_kept_at', context || '_once');
END
$body$;

SELECT log.create_log('identity');
SELECT log.create_log('catalog');
SELECT log.create_log('engagement');
