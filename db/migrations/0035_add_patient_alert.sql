-- db/migrations/0035_add_patient_alert.sql
-- Purpose:   what whoever meets a patient must know first, such as an allergy to latex.
-- Locks:     ACCESS EXCLUSIVE on patients while the check reads every row; the column itself writes
--            none, since its default is constant.
-- Data:      none.
-- Roll back: never in place; a later migration drops the column.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

ALTER TABLE clinicd.patients
    ADD COLUMN alert text NOT NULL DEFAULT '',
    ADD CONSTRAINT patients_alert_ck CHECK (char_length(alert) <= 200);
COMMENT ON COLUMN clinicd.patients.alert IS
    'What whoever meets the patient must know first, in one line; empty: nothing was noted.';
GRANT UPDATE (alert) ON clinicd.patients TO clinicd_app;

RESET ROLE;
