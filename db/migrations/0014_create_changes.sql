-- db/migrations/0014_create_changes.sql
-- Purpose:   that something of a clinic has changed: what servers follow to tell who watches it.
-- Locks:     new table.
-- Data:      none. What changed before is not in it; watchers begin with what is there.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

CREATE TABLE clinicd.changes (
    clinic_id          uuid        NOT NULL,
    transaction_number bigint      NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    id                 uuid        NOT NULL,
    entity_type        text        NOT NULL,
    entity_id          uuid        NOT NULL,
    row_version        bigint      NOT NULL,
    was_on             date,
    is_on              date,
    changed_at         timestamptz NOT NULL DEFAULT now(),

    -- The transaction in front of the id: a server that goes on from a transaction reads the
    -- changes of a clinic in this order.
    CONSTRAINT changes_pk PRIMARY KEY (clinic_id, transaction_number, id),
    CONSTRAINT changes_transaction_number_ck CHECK (transaction_number >= 1),
    CONSTRAINT changes_entity_type_ck CHECK (entity_type IN ('appointment')),
    CONSTRAINT changes_row_version_ck CHECK (row_version >= 1),
    CONSTRAINT changes_day_ck CHECK (was_on IS NOT NULL OR is_on IS NOT NULL)
) WITH (
    -- Rows come at one end and go at the other.
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.02
);

COMMENT ON TABLE clinicd.changes IS
    'What has changed in the last day, and not how: followed by every server. No PHI.';
COMMENT ON COLUMN clinicd.changes.transaction_number IS
    'The full transaction id. Numbers are given out in another order than that of commits: what '
    'is new to a reader is told by snapshots.';
COMMENT ON COLUMN clinicd.changes.was_on IS
    'The day in UTC that the thing was on before the change; NULL: on none.';
COMMENT ON COLUMN clinicd.changes.is_on IS
    'The day in UTC that the thing is on after the change; NULL: on none.';

-- Serves the follower of each server, which reads what is new for all clinics at once. Therefore
-- it does not start with the clinic.
CREATE INDEX changes_by_transaction_ix ON clinicd.changes (transaction_number, id);

ALTER TABLE clinicd.changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.changes FORCE ROW LEVEL SECURITY;
CREATE POLICY changes_clinic_isolation ON clinicd.changes
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
-- clinicd_auth is left out: it follows the changes of all clinics.
CREATE POLICY changes_clinic_isolation_restrictive ON clinicd.changes
    AS RESTRICTIVE FOR ALL TO clinicd_app, clinicd_jobs, clinicd_sealer, clinicd_owner
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY changes_following ON clinicd.changes
    FOR SELECT TO clinicd_auth
    USING (true);

GRANT SELECT, INSERT, DELETE ON clinicd.changes TO clinicd_app;
GRANT SELECT ON clinicd.changes TO clinicd_auth;

RESET ROLE;
