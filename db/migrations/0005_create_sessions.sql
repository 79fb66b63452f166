-- db/migrations/0005_create_sessions.sql
-- Purpose:   sessions: each sign-in of a member until it ends.
-- Locks:     new table; SHARE ROW EXCLUSIVE on memberships for a moment (foreign key).
-- Data:      none.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

CREATE TABLE clinicd.sessions (
    clinic_id         uuid        NOT NULL,
    id                uuid        NOT NULL,
    membership_id     uuid        NOT NULL,
    created_at        timestamptz NOT NULL DEFAULT now(),
    last_refreshed_at timestamptz NOT NULL DEFAULT now(),
    expires_at        timestamptz NOT NULL,
    ended_at          timestamptz,
    end_reason        text,
    user_agent        text        NOT NULL DEFAULT '',
    client_address    text        NOT NULL DEFAULT '',
    authenticated_at  timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT sessions_pk PRIMARY KEY (clinic_id, id),
    CONSTRAINT sessions_membership_fk FOREIGN KEY (clinic_id, membership_id)
        REFERENCES clinicd.memberships (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT sessions_expires_at_ck CHECK (expires_at > created_at),
    CONSTRAINT sessions_end_reason_ck CHECK (end_reason IN (
        'signed_out', 'revoked', 'password_changed', 'user_disabled', 'token_reuse')),
    CONSTRAINT sessions_ended_at_ck CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
    CONSTRAINT sessions_user_agent_ck CHECK (char_length(user_agent) <= 512),
    CONSTRAINT sessions_client_address_ck CHECK (char_length(client_address) <= 255)
);

COMMENT ON TABLE clinicd.sessions IS
    'Sign-ins of members, from sign-in to sign-out. No PHI.';
COMMENT ON COLUMN clinicd.sessions.ended_at IS
    'When it was ended before its time; NULL: it was not.';
COMMENT ON COLUMN clinicd.sessions.end_reason IS
    'Why it was ended; NULL: it was not.';
COMMENT ON COLUMN clinicd.sessions.authenticated_at IS
    'When the person last proved who they are, for methods that ask for a fresh proof.';

-- Serves ListSessions and ending all sessions of a member.
CREATE INDEX sessions_by_membership_ix ON clinicd.sessions (clinic_id, membership_id, id);

ALTER TABLE clinicd.sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY sessions_clinic_isolation ON clinicd.sessions
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY sessions_clinic_isolation_restrictive ON clinicd.sessions
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));

GRANT SELECT, INSERT ON clinicd.sessions TO clinicd_app;
GRANT UPDATE (last_refreshed_at, expires_at, ended_at, end_reason, authenticated_at)
    ON clinicd.sessions TO clinicd_app;

RESET ROLE;
