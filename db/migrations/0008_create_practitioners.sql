-- db/migrations/0008_create_practitioners.sql
-- Purpose:   practitioners: the people who treat patients.
-- Locks:     new table; SHARE ROW EXCLUSIVE on clinics and memberships for a moment (foreign
--            keys).
-- Data:      none.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

CREATE TABLE clinicd.practitioners (
    clinic_id     uuid        NOT NULL,
    id            uuid        NOT NULL,
    membership_id uuid,
    given_name    text        NOT NULL,
    family_name   text        NOT NULL,
    speciality    text        NOT NULL DEFAULT '',
    active        boolean     NOT NULL DEFAULT true,
    external_id   text,
    row_version   bigint      NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL DEFAULT now(),
    created_by    uuid,

    CONSTRAINT practitioners_pk PRIMARY KEY (clinic_id, id),
    CONSTRAINT practitioners_clinic_fk FOREIGN KEY (clinic_id)
        REFERENCES clinicd.clinics (id) ON DELETE RESTRICT,
    CONSTRAINT practitioners_membership_fk FOREIGN KEY (clinic_id, membership_id)
        REFERENCES clinicd.memberships (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT practitioners_external_id_uq UNIQUE (clinic_id, external_id),
    CONSTRAINT practitioners_given_name_ck CHECK (char_length(given_name) BETWEEN 1 AND 100),
    CONSTRAINT practitioners_family_name_ck CHECK (char_length(family_name) BETWEEN 1 AND 100),
    CONSTRAINT practitioners_speciality_ck CHECK (char_length(speciality) <= 100),
    CONSTRAINT practitioners_external_id_ck CHECK (char_length(external_id) BETWEEN 1 AND 200),
    CONSTRAINT practitioners_row_version_ck CHECK (row_version >= 1)
);

COMMENT ON TABLE clinicd.practitioners IS
    'People who treat patients and whose days are booked. No PHI.';
COMMENT ON COLUMN clinicd.practitioners.membership_id IS
    'The member the practitioner signs in as; NULL: none.';
COMMENT ON COLUMN clinicd.practitioners.external_id IS
    'Id in the system the row was imported from; NULL: not imported.';
COMMENT ON COLUMN clinicd.practitioners.created_by IS
    'The membership that added the row; NULL: the operator did.';

-- Serves ListPractitioners, which pages by name.
CREATE INDEX practitioners_by_name_ix
    ON clinicd.practitioners (clinic_id, family_name, given_name, id);

ALTER TABLE clinicd.practitioners ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.practitioners FORCE ROW LEVEL SECURITY;
CREATE POLICY practitioners_clinic_isolation ON clinicd.practitioners
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY practitioners_clinic_isolation_restrictive ON clinicd.practitioners
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));

GRANT SELECT, INSERT ON clinicd.practitioners TO clinicd_app;
GRANT UPDATE (membership_id, given_name, family_name, speciality, active, row_version)
    ON clinicd.practitioners TO clinicd_app;

RESET ROLE;
