-- db/migrations/0018_create_appointment_events.sql
-- Purpose:   appointment_events: what became of each appointment, and when.
-- Locks:     new table; SHARE ROW EXCLUSIVE on appointments for a moment (foreign key).
-- Data:      none.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

CREATE TABLE clinicd.appointment_events (
    clinic_id        uuid        NOT NULL,
    appointment_id   uuid        NOT NULL,
    row_version      bigint      NOT NULL,
    kind             text        NOT NULL,
    state            text        NOT NULL,
    practitioner_id  uuid        NOT NULL,
    local_start      timestamp   NOT NULL,
    time_zone        text        NOT NULL,
    duration_minutes integer     NOT NULL,
    reason           text        NOT NULL DEFAULT '',
    occurred_at      timestamptz NOT NULL,
    caused_by        uuid,

    -- One event made each version.
    CONSTRAINT appointment_events_pk PRIMARY KEY (clinic_id, appointment_id, row_version),
    CONSTRAINT appointment_events_appointment_fk FOREIGN KEY (clinic_id, appointment_id)
        REFERENCES clinicd.appointments (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT appointment_events_row_version_ck CHECK (row_version >= 1),
    CONSTRAINT appointment_events_kind_ck CHECK (
        kind IN ('booked', 'confirmed', 'arrived', 'seated', 'completed', 'reopened', 'no_show',
            'cancelled', 'rescheduled', 'entered_in_error')),
    CONSTRAINT appointment_events_state_ck CHECK (
        state IN ('booked', 'confirmed', 'arrived', 'in_chair', 'completed', 'no_show', 'cancelled',
            'entered_in_error')),
    CONSTRAINT appointment_events_time_zone_ck CHECK (char_length(time_zone) BETWEEN 1 AND 64),
    CONSTRAINT appointment_events_duration_minutes_ck CHECK (duration_minutes BETWEEN 1 AND 1440),
    CONSTRAINT appointment_events_reason_ck CHECK (char_length(reason) <= 200)
);

COMMENT ON TABLE clinicd.appointment_events IS
    'How appointments came to be as they are: one row a version, never changed. PHI.';
COMMENT ON COLUMN clinicd.appointment_events.state IS
    'The state after the event. The other columns up to duration_minutes are as they were then, too.';
COMMENT ON COLUMN clinicd.appointment_events.caused_by IS
    'The membership that did it; NULL: the operator or the server did.';

ALTER TABLE clinicd.appointment_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.appointment_events FORCE ROW LEVEL SECURITY;
CREATE POLICY appointment_events_clinic_isolation ON clinicd.appointment_events
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY appointment_events_clinic_isolation_restrictive ON clinicd.appointment_events
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));

GRANT SELECT, INSERT ON clinicd.appointment_events TO clinicd_app;

RESET ROLE;
