-- db/migrations/0010_create_patient_tokens.sql
-- Purpose:   the words, numbers and dates that patients are searched by, compared as plain text,
--            since under row-level security no other kind of text search can use an index.
-- Locks:     new table; SHARE ROW EXCLUSIVE on patients for a moment (foreign key).
-- Data:      none.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

CREATE TABLE clinicd.patient_tokens (
    clinic_id  uuid             NOT NULL,
    token      text COLLATE "C" NOT NULL,
    patient_id uuid             NOT NULL,

    CONSTRAINT patient_tokens_pk PRIMARY KEY (clinic_id, token, patient_id),
    CONSTRAINT patient_tokens_patient_fk FOREIGN KEY (clinic_id, patient_id)
        REFERENCES clinicd.patients (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT patient_tokens_token_ck CHECK (char_length(token) BETWEEN 1 AND 200)
);

COMMENT ON TABLE clinicd.patient_tokens IS
    'What a patient is found by, made from the row in patients and replaced with it. PHI.';

-- Serves replacing the tokens of one patient.
CREATE INDEX patient_tokens_by_patient_ix ON clinicd.patient_tokens (clinic_id, patient_id);

ALTER TABLE clinicd.patient_tokens ALTER COLUMN clinic_id SET STATISTICS 1000;

ALTER TABLE clinicd.patient_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.patient_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY patient_tokens_clinic_isolation ON clinicd.patient_tokens
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY patient_tokens_clinic_isolation_restrictive ON clinicd.patient_tokens
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));

-- Derived data: deleting a token loses nothing, so it is allowed here.
GRANT SELECT, INSERT, DELETE ON clinicd.patient_tokens TO clinicd_app;

RESET ROLE;
