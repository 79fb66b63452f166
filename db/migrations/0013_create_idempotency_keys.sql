-- db/migrations/0013_create_idempotency_keys.sql
-- Purpose:   idempotency keys: that a change which is sent twice happens once.
-- Locks:     new table only; none on existing tables.
-- Data:      none.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

-- No foreign key to memberships: it would lock the member's row on every change, to protect rows
-- that are gone in a few days.
CREATE TABLE clinicd.idempotency_keys (
    clinic_id     uuid        NOT NULL,
    membership_id uuid        NOT NULL,
    request_id    uuid        NOT NULL,
    method        text        NOT NULL,
    request_hash  bytea       NOT NULL,
    response      bytea       NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT idempotency_keys_pk PRIMARY KEY (clinic_id, membership_id, request_id),
    CONSTRAINT idempotency_keys_method_ck CHECK (char_length(method) BETWEEN 1 AND 200),
    CONSTRAINT idempotency_keys_request_hash_ck CHECK (octet_length(request_hash) = 32)
);

COMMENT ON TABLE clinicd.idempotency_keys IS
    'Answers already given to changes, kept for a while so that a retry gets the same one. PHI.';

-- Serves deleting what is too old.
CREATE INDEX idempotency_keys_by_age_ix ON clinicd.idempotency_keys (clinic_id, created_at);

ALTER TABLE clinicd.idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY idempotency_keys_clinic_isolation ON clinicd.idempotency_keys
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY idempotency_keys_clinic_isolation_restrictive ON clinicd.idempotency_keys
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));

-- Expired rows are deleted; the record of what happened is in audit_events.
GRANT SELECT, INSERT, DELETE ON clinicd.idempotency_keys TO clinicd_app;

RESET ROLE;
