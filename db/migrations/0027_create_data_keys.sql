-- db/migrations/0027_create_data_keys.sql
-- Purpose:   data_keys: the keys under which private fields are sealed, themselves wrapped under the
--            clinic's key, which is not in the database.
-- Locks:     new table; SHARE ROW EXCLUSIVE on clinics for a moment (foreign key).
-- Data:      none. Keys are made at first use.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

CREATE TABLE clinicd.data_keys (
    clinic_id          uuid        NOT NULL,
    subject_id         uuid        NOT NULL,
    version            integer     NOT NULL,
    clinic_key_version integer     NOT NULL,
    wrapped            bytea       NOT NULL,
    created_at         timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT data_keys_pk PRIMARY KEY (clinic_id, subject_id, version),
    CONSTRAINT data_keys_clinic_fk FOREIGN KEY (clinic_id)
        REFERENCES clinicd.clinics (id) ON DELETE RESTRICT,
    CONSTRAINT data_keys_version_ck CHECK (version BETWEEN 1 AND 1000000),
    CONSTRAINT data_keys_clinic_key_version_ck CHECK (clinic_key_version BETWEEN 1 AND 1000000),
    -- Nonce, key and tag.
    CONSTRAINT data_keys_wrapped_ck CHECK (octet_length(wrapped) = 60)
);

COMMENT ON TABLE clinicd.data_keys IS
    'Keys of private fields, wrapped under a key that is not in the database. No PHI.';
COMMENT ON COLUMN clinicd.data_keys.subject_id IS
    'The patient whose values it seals; the clinic''s own id for values that belong to no patient.';
COMMENT ON COLUMN clinicd.data_keys.version IS
    'The newest seals; all open.';
COMMENT ON COLUMN clinicd.data_keys.clinic_key_version IS
    'Of the clinic''s key, under which it is wrapped.';

ALTER TABLE clinicd.data_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.data_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY data_keys_clinic_isolation ON clinicd.data_keys
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY data_keys_clinic_isolation_restrictive ON clinicd.data_keys
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));

-- Deleted when a patient or a clinic is shredded.
GRANT SELECT, INSERT, DELETE ON clinicd.data_keys TO clinicd_app;
GRANT UPDATE (clinic_key_version, wrapped) ON clinicd.data_keys TO clinicd_app;

RESET ROLE;
