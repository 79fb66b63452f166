-- db/migrations/0025_create_calendar_feeds.sql
-- Purpose:   calendar feeds: secret addresses under which practitioners' visits are read.
-- Locks:     new table; SHARE ROW EXCLUSIVE on practitioners for a moment (foreign key), SHARE UPDATE
--            EXCLUSIVE on audit_events (comment).
-- Data:      none.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

CREATE TABLE clinicd.calendar_feeds (
    clinic_id          uuid        NOT NULL,
    id                 uuid        NOT NULL,
    practitioner_id    uuid        NOT NULL,
    secret_hash        bytea       NOT NULL,
    show_patient_names boolean     NOT NULL DEFAULT false,
    created_at         timestamptz NOT NULL DEFAULT now(),
    created_by         uuid,
    revoked_at         timestamptz,
    revoked_by         uuid,

    CONSTRAINT calendar_feeds_pk PRIMARY KEY (clinic_id, id),
    CONSTRAINT calendar_feeds_practitioner_fk FOREIGN KEY (clinic_id, practitioner_id)
        REFERENCES clinicd.practitioners (clinic_id, id) ON DELETE RESTRICT,
    -- Serves reading a feed.
    CONSTRAINT calendar_feeds_secret_hash_uq UNIQUE (clinic_id, secret_hash),
    CONSTRAINT calendar_feeds_secret_hash_ck CHECK (octet_length(secret_hash) = 32),
    CONSTRAINT calendar_feeds_revoked_by_ck CHECK (revoked_by IS NULL OR revoked_at IS NOT NULL)
);

COMMENT ON TABLE clinicd.calendar_feeds IS
    'Who reads the visits of a practitioner as a calendar, as SHA-256 of a secret. No PHI.';
COMMENT ON COLUMN clinicd.calendar_feeds.created_by IS
    'The membership that created it; NULL: the operator did.';
COMMENT ON COLUMN clinicd.calendar_feeds.revoked_at IS 'When it was revoked; NULL: it was not.';
COMMENT ON COLUMN clinicd.calendar_feeds.revoked_by IS
    'The membership that revoked it; NULL: it was not, or the operator did.';

ALTER TABLE clinicd.calendar_feeds ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.calendar_feeds FORCE ROW LEVEL SECURITY;
CREATE POLICY calendar_feeds_clinic_isolation ON clinicd.calendar_feeds
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY calendar_feeds_clinic_isolation_restrictive ON clinicd.calendar_feeds
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));

GRANT SELECT, INSERT ON clinicd.calendar_feeds TO clinicd_app;
GRANT UPDATE (revoked_at, revoked_by) ON clinicd.calendar_feeds TO clinicd_app;

-- Nobody is signed in who reads a feed; its address acts.
COMMENT ON COLUMN clinicd.audit_events.actor_id IS
    'The membership or, where actor_roles is calendar_feed, the feed that acted; NULL: nobody was '
    'signed in.';

RESET ROLE;
