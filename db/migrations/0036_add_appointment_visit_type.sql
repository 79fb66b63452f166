-- db/migrations/0036_add_appointment_visit_type.sql
-- Purpose:   what kind of visit an appointment is: its name and colour in the diary.
-- Locks:     ACCESS EXCLUSIVE on appointments and appointment_series while the foreign keys read every
--            row once; no row is written. SHARE ROW EXCLUSIVE on visit_types.
-- Data:      none. What was booked before has no visit type.
-- Roll back: never in place; a later migration drops the columns.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

ALTER TABLE clinicd.appointments
    ADD COLUMN visit_type_id uuid,
    ADD CONSTRAINT appointments_visit_type_fk FOREIGN KEY (clinic_id, visit_type_id)
        REFERENCES clinicd.visit_types (clinic_id, id) ON DELETE RESTRICT;
COMMENT ON COLUMN clinicd.appointments.visit_type_id IS
    'What kind of visit it is; its times and parts are its own. NULL: none was named.';
GRANT UPDATE (visit_type_id) ON clinicd.appointments TO clinicd_app;

ALTER TABLE clinicd.appointment_series
    ADD COLUMN visit_type_id uuid,
    ADD CONSTRAINT appointment_series_visit_type_fk FOREIGN KEY (clinic_id, visit_type_id)
        REFERENCES clinicd.visit_types (clinic_id, id) ON DELETE RESTRICT;
COMMENT ON COLUMN clinicd.appointment_series.visit_type_id IS
    'What kind of visits they are booked as. NULL: none was named.';

RESET ROLE;
