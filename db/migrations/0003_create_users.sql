-- db/migrations/0003_create_users.sql
-- Purpose:   users: one row a person, whatever number of clinics they work for.
-- Locks:     new table only; none on existing tables.
-- Data:      none.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

CREATE TABLE clinicd.users (
    id         uuid        NOT NULL,
    email_key  text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT users_pk PRIMARY KEY (id),
    CONSTRAINT users_email_key_uq UNIQUE (email_key),
    CONSTRAINT users_email_key_ck CHECK (char_length(email_key) BETWEEN 1 AND 254)
);

COMMENT ON TABLE clinicd.users IS
    'People by folded e-mail address, across clinics; id is derived from email_key. No PHI.';

-- Nobody ever needs to read this table, but INSERT .. ON CONFLICT (id) DO NOTHING needs the right
-- to see the row that it makes. So a transaction sees what it made itself (created_at cannot be
-- given by the application and is the start of the transaction) and nothing else.
ALTER TABLE clinicd.users ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.users FORCE ROW LEVEL SECURITY;
CREATE POLICY users_own_transaction ON clinicd.users
    FOR ALL TO clinicd_app
    USING (created_at = transaction_timestamp())
    WITH CHECK ((SELECT clinicd.current_clinic_id()) IS NOT NULL);
CREATE POLICY users_own_transaction_restrictive ON clinicd.users
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (created_at = transaction_timestamp())
    WITH CHECK ((SELECT clinicd.current_clinic_id()) IS NOT NULL);

GRANT SELECT (id), INSERT (id, email_key) ON clinicd.users TO clinicd_app;

RESET ROLE;
