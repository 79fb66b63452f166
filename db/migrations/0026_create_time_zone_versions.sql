-- db/migrations/0026_create_time_zone_versions.sql
-- Purpose:   time_zone_versions: by which rules of time zones the instants of a clinic's visits were
--            derived; what it takes to derive them again.
-- Locks:     new table; SHARE ROW EXCLUSIVE on clinics for a moment (foreign key); ACCESS EXCLUSIVE
--            on appointment_events while its rows are checked against a wider list.
-- Data:      none. A clinic without a row is looked through once.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

CREATE TABLE clinicd.time_zone_versions (
    clinic_id  uuid        NOT NULL,
    version    text        NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT time_zone_versions_pk PRIMARY KEY (clinic_id),
    CONSTRAINT time_zone_versions_clinic_fk FOREIGN KEY (clinic_id)
        REFERENCES clinicd.clinics (id) ON DELETE RESTRICT,
    CONSTRAINT time_zone_versions_version_ck CHECK (version ~ '^[0-9]{4}[a-z]{1,2}$')
);

COMMENT ON TABLE clinicd.time_zone_versions IS
    'By which time zone database all future visits of the clinic are where they are. No PHI.';
COMMENT ON COLUMN clinicd.time_zone_versions.version IS 'As IANA names it: 2026f.';

ALTER TABLE clinicd.time_zone_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.time_zone_versions FORCE ROW LEVEL SECURITY;
CREATE POLICY time_zone_versions_clinic_isolation ON clinicd.time_zone_versions
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY time_zone_versions_clinic_isolation_restrictive ON clinicd.time_zone_versions
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));

GRANT SELECT, INSERT ON clinicd.time_zone_versions TO clinicd_app;
GRANT UPDATE (version, updated_at) ON clinicd.time_zone_versions TO clinicd_app;

-- A hold moves with its local time, as visits do, and so does what is offered of it.
GRANT UPDATE (local_start, starts_at, ends_at) ON clinicd.holds TO clinicd_app;
GRANT UPDATE (local_start, starts_at, ends_at) ON clinicd.waitlist_offers TO clinicd_app;

ALTER TABLE clinicd.appointment_events
    DROP CONSTRAINT appointment_events_kind_ck,
    ADD CONSTRAINT appointment_events_kind_ck CHECK (
        kind IN ('booked', 'confirmed', 'arrived', 'seated', 'completed', 'reopened', 'no_show',
            'cancelled', 'rescheduled', 'entered_in_error', 'clock_changed'));

RESET ROLE;
