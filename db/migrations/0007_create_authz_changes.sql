-- db/migrations/0007_create_authz_changes.sql
-- Purpose:   changes of rights: what servers follow to drop tokens they have already verified.
-- Locks:     new table; SHARE ROW EXCLUSIVE on memberships and sessions for a moment (foreign
--            keys).
-- Data:      none.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

CREATE TABLE clinicd.authz_changes (
    clinic_id     uuid        NOT NULL,
    id            uuid        NOT NULL,
    membership_id uuid        NOT NULL,
    session_id    uuid,
    min_epoch     bigint,
    changed_at    timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT authz_changes_pk PRIMARY KEY (clinic_id, id),
    CONSTRAINT authz_changes_membership_fk FOREIGN KEY (clinic_id, membership_id)
        REFERENCES clinicd.memberships (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT authz_changes_session_fk FOREIGN KEY (clinic_id, session_id)
        REFERENCES clinicd.sessions (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT authz_changes_min_epoch_ck CHECK (min_epoch >= 1),
    CONSTRAINT authz_changes_effect_ck CHECK (session_id IS NOT NULL OR min_epoch IS NOT NULL)
);

COMMENT ON TABLE clinicd.authz_changes IS
    'Changes of rights that every server must see at once; it only grows. No PHI.';
COMMENT ON COLUMN clinicd.authz_changes.session_id IS
    'The session that ended; NULL: the change is about all sessions of the member.';
COMMENT ON COLUMN clinicd.authz_changes.min_epoch IS
    'The least authz_epoch that access tokens of the member need; NULL: only a session ended.';

-- Serves the follower of each server, which reads what is new for all clinics at once. Therefore
-- the only index that does not start with the clinic.
CREATE INDEX authz_changes_by_time_ix ON clinicd.authz_changes (changed_at, id);

ALTER TABLE clinicd.authz_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.authz_changes FORCE ROW LEVEL SECURITY;
CREATE POLICY authz_changes_clinic_isolation ON clinicd.authz_changes
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
-- clinicd_auth is left out: it follows the changes of all clinics.
CREATE POLICY authz_changes_clinic_isolation_restrictive ON clinicd.authz_changes
    AS RESTRICTIVE FOR ALL TO clinicd_app, clinicd_jobs, clinicd_sealer, clinicd_owner
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY authz_changes_following ON clinicd.authz_changes
    FOR SELECT TO clinicd_auth
    USING (true);

GRANT SELECT, INSERT ON clinicd.authz_changes TO clinicd_app;
GRANT SELECT ON clinicd.authz_changes TO clinicd_auth;

RESET ROLE;
