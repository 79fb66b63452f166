-- db/migrations/0009_create_patients.sql
-- Purpose:   patients, the root of every clinical record.
-- Locks:     new table; SHARE ROW EXCLUSIVE on clinics for a moment (foreign key).
-- Data:      none.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

CREATE TABLE clinicd.patients (
    clinic_id   uuid        NOT NULL,
    id          uuid        NOT NULL,
    given_name  text        NOT NULL,
    family_name text        NOT NULL,
    born_on     date        NOT NULL,
    sex         text        NOT NULL DEFAULT 'unspecified',
    file_number text,
    phone       text        NOT NULL DEFAULT '',
    email       text        NOT NULL DEFAULT '',
    address     text        NOT NULL DEFAULT '',
    external_id text,
    row_version bigint      NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    created_by  uuid,

    CONSTRAINT patients_pk PRIMARY KEY (clinic_id, id),
    CONSTRAINT patients_clinic_fk FOREIGN KEY (clinic_id)
        REFERENCES clinicd.clinics (id) ON DELETE RESTRICT,
    CONSTRAINT patients_file_number_uq UNIQUE (clinic_id, file_number),
    CONSTRAINT patients_external_id_uq UNIQUE (clinic_id, external_id),
    CONSTRAINT patients_given_name_ck CHECK (char_length(given_name) BETWEEN 1 AND 100),
    CONSTRAINT patients_family_name_ck CHECK (char_length(family_name) BETWEEN 1 AND 100),
    CONSTRAINT patients_born_on_ck CHECK (born_on BETWEEN '1880-01-01' AND '9999-12-31'),
    CONSTRAINT patients_sex_ck CHECK (
        sex IN ('unspecified', 'female', 'male', 'other', 'unknown')),
    CONSTRAINT patients_file_number_ck CHECK (char_length(file_number) BETWEEN 1 AND 32),
    CONSTRAINT patients_phone_ck CHECK (char_length(phone) <= 32),
    CONSTRAINT patients_email_ck CHECK (char_length(email) <= 254),
    CONSTRAINT patients_address_ck CHECK (char_length(address) <= 500),
    CONSTRAINT patients_external_id_ck CHECK (char_length(external_id) BETWEEN 1 AND 200),
    CONSTRAINT patients_row_version_ck CHECK (row_version >= 1)
);

COMMENT ON TABLE clinicd.patients IS 'People a clinic treats. PHI.';
COMMENT ON COLUMN clinicd.patients.file_number IS
    'The number the clinic gave the patient; NULL: none.';
COMMENT ON COLUMN clinicd.patients.external_id IS
    'Id in the system the row was imported from; NULL: not imported.';
COMMENT ON COLUMN clinicd.patients.created_by IS
    'The membership that added the row; NULL: the operator did.';

-- Serves ListPatients, which pages by name.
CREATE INDEX patients_by_name_ix ON clinicd.patients (clinic_id, family_name, given_name, id);

-- Clinics differ in size by orders of magnitude; the planner should know the large ones.
ALTER TABLE clinicd.patients ALTER COLUMN clinic_id SET STATISTICS 1000;

ALTER TABLE clinicd.patients ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.patients FORCE ROW LEVEL SECURITY;
CREATE POLICY patients_clinic_isolation ON clinicd.patients
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY patients_clinic_isolation_restrictive ON clinicd.patients
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));

GRANT SELECT, INSERT ON clinicd.patients TO clinicd_app;
GRANT UPDATE (given_name, family_name, born_on, sex, file_number, phone, email, address,
        row_version, updated_at)
    ON clinicd.patients TO clinicd_app;

RESET ROLE;
