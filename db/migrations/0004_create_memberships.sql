-- db/migrations/0004_create_memberships.sql
-- Purpose:   memberships: the people who work with a clinic, what they may do there, and how they
--            sign in.
-- Locks:     new table; SHARE ROW EXCLUSIVE on clinics and users for a moment (foreign keys).
-- Data:      none.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

CREATE TABLE clinicd.memberships (
    clinic_id       uuid        NOT NULL,
    id              uuid        NOT NULL,
    user_id         uuid        NOT NULL,
    email           text        NOT NULL,
    email_key       text        NOT NULL,
    given_name      text        NOT NULL,
    family_name     text        NOT NULL,
    roles           text[]      NOT NULL,
    state           text        NOT NULL DEFAULT 'active',
    password_ct     bytea,
    password_set_at timestamptz,
    failed_sign_ins integer     NOT NULL DEFAULT 0,
    last_failed_at  timestamptz,
    authz_epoch     bigint      NOT NULL DEFAULT 1,
    row_version     bigint      NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now(),
    created_by      uuid,

    CONSTRAINT memberships_pk PRIMARY KEY (clinic_id, id),
    CONSTRAINT memberships_clinic_fk FOREIGN KEY (clinic_id)
        REFERENCES clinicd.clinics (id) ON DELETE RESTRICT,
    CONSTRAINT memberships_user_fk FOREIGN KEY (user_id)
        REFERENCES clinicd.users (id) ON DELETE RESTRICT,
    CONSTRAINT memberships_email_key_uq UNIQUE (clinic_id, email_key),
    CONSTRAINT memberships_user_uq UNIQUE (clinic_id, user_id),
    CONSTRAINT memberships_email_ck CHECK (char_length(email) BETWEEN 1 AND 254),
    CONSTRAINT memberships_email_key_ck CHECK (char_length(email_key) BETWEEN 1 AND 254),
    CONSTRAINT memberships_given_name_ck CHECK (char_length(given_name) BETWEEN 1 AND 100),
    CONSTRAINT memberships_family_name_ck CHECK (char_length(family_name) BETWEEN 1 AND 100),
    CONSTRAINT memberships_roles_ck CHECK (
        cardinality(roles) BETWEEN 1 AND 11
        AND roles <@ ARRAY[
            'owner', 'practitioner', 'hygienist', 'receptionist', 'assistant', 'billing_clerk',
            'caregiver', 'family_member', 'external_professional', 'patient', 'partner_app']),
    CONSTRAINT memberships_state_ck CHECK (state IN ('active', 'disabled')),
    CONSTRAINT memberships_password_ct_ck CHECK (octet_length(password_ct) BETWEEN 1 AND 1024),
    CONSTRAINT memberships_password_set_at_ck CHECK (
        (password_ct IS NULL) = (password_set_at IS NULL)),
    CONSTRAINT memberships_failed_sign_ins_ck CHECK (
        failed_sign_ins = 0 OR (failed_sign_ins > 0 AND last_failed_at IS NOT NULL)),
    CONSTRAINT memberships_authz_epoch_ck CHECK (authz_epoch >= 1),
    CONSTRAINT memberships_row_version_ck CHECK (row_version >= 1)
);

COMMENT ON TABLE clinicd.memberships IS
    'What a person is in one clinic: name, roles, password. The API calls it a user. No PHI.';
COMMENT ON COLUMN clinicd.memberships.password_ct IS
    'Sealed password hash; NULL: the person cannot sign in with a password.';
COMMENT ON COLUMN clinicd.memberships.password_set_at IS
    'When the password was last set; NULL: there is none.';
COMMENT ON COLUMN clinicd.memberships.last_failed_at IS
    'The last sign-in with a wrong password; NULL: none since the last good one.';
COMMENT ON COLUMN clinicd.memberships.authz_epoch IS
    'Access tokens of an earlier epoch are void. Raised when rights change.';
COMMENT ON COLUMN clinicd.memberships.created_by IS
    'The membership that added this one; NULL: the operator did.';

-- Serves ListUsers, which pages by name.
CREATE INDEX memberships_by_name_ix
    ON clinicd.memberships (clinic_id, family_name, given_name, id);

ALTER TABLE clinicd.memberships ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.memberships FORCE ROW LEVEL SECURITY;
CREATE POLICY memberships_clinic_isolation ON clinicd.memberships
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
-- clinicd_auth is left out: signing in looks a person up before a clinic is set.
CREATE POLICY memberships_clinic_isolation_restrictive ON clinicd.memberships
    AS RESTRICTIVE FOR ALL TO clinicd_app, clinicd_jobs, clinicd_sealer, clinicd_owner
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY memberships_sign_in ON clinicd.memberships
    FOR SELECT TO clinicd_auth
    USING (true);

-- The application writes password hashes but cannot read them; that is left to clinicd_auth.
GRANT SELECT (clinic_id, id, user_id, email, email_key, given_name, family_name, roles, state,
        password_set_at, failed_sign_ins, last_failed_at, authz_epoch, row_version, created_at,
        created_by)
    ON clinicd.memberships TO clinicd_app;
GRANT INSERT ON clinicd.memberships TO clinicd_app;
GRANT UPDATE (given_name, family_name, roles, state, password_ct, password_set_at,
        failed_sign_ins, last_failed_at, authz_epoch, row_version)
    ON clinicd.memberships TO clinicd_app;
GRANT SELECT (clinic_id, id, email_key, roles, state, password_ct, authz_epoch,
        failed_sign_ins, last_failed_at)
    ON clinicd.memberships TO clinicd_auth;

RESET ROLE;
