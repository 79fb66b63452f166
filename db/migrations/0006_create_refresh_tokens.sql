-- db/migrations/0006_create_refresh_tokens.sql
-- Purpose:   refresh tokens: what a session is continued with, each good for one exchange.
-- Locks:     new table; SHARE ROW EXCLUSIVE on sessions for a moment (foreign key).
-- Data:      none.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

CREATE TABLE clinicd.refresh_tokens (
    clinic_id  uuid        NOT NULL,
    id         uuid        NOT NULL,
    session_id uuid        NOT NULL,
    token_hash bytea       NOT NULL,
    parent_id  uuid,
    issued_at  timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,

    CONSTRAINT refresh_tokens_pk PRIMARY KEY (clinic_id, id),
    CONSTRAINT refresh_tokens_session_fk FOREIGN KEY (clinic_id, session_id)
        REFERENCES clinicd.sessions (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT refresh_tokens_parent_fk FOREIGN KEY (clinic_id, parent_id)
        REFERENCES clinicd.refresh_tokens (clinic_id, id) ON DELETE NO ACTION,
    CONSTRAINT refresh_tokens_parent_uq UNIQUE (clinic_id, parent_id),
    CONSTRAINT refresh_tokens_token_hash_ck CHECK (octet_length(token_hash) = 32),
    CONSTRAINT refresh_tokens_expires_at_ck CHECK (expires_at > issued_at)
);

COMMENT ON TABLE clinicd.refresh_tokens IS
    'Chains of refresh tokens, one chain a session, as SHA-256 of the secret. No PHI.';
COMMENT ON COLUMN clinicd.refresh_tokens.parent_id IS
    'The token exchanged for this one, which has no other successor; NULL: first of its session.';
COMMENT ON COLUMN clinicd.refresh_tokens.used_at IS
    'When it was exchanged for its successor; NULL: it was not.';

-- Serves looking at all tokens of a session.
CREATE INDEX refresh_tokens_by_session_ix ON clinicd.refresh_tokens (clinic_id, session_id, id);

ALTER TABLE clinicd.refresh_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.refresh_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY refresh_tokens_clinic_isolation ON clinicd.refresh_tokens
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY refresh_tokens_clinic_isolation_restrictive ON clinicd.refresh_tokens
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));

GRANT SELECT, INSERT ON clinicd.refresh_tokens TO clinicd_app;
GRANT UPDATE (used_at) ON clinicd.refresh_tokens TO clinicd_app;

RESET ROLE;
