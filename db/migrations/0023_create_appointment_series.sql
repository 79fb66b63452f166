-- db/migrations/0023_create_appointment_series.sql
-- Purpose:   appointment_series: appointments that recur by a rule, and which ones belong together.
-- Locks:     new table; ACCESS EXCLUSIVE on appointments for a moment (new columns), SHARE ROW
--            EXCLUSIVE on patients and practitioners for a moment (foreign keys).
-- Data:      none.
-- Roll back: never in place; a later migration drops the table and the columns.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

CREATE TABLE clinicd.appointment_series (
    clinic_id        uuid        NOT NULL,
    id               uuid        NOT NULL,
    patient_id       uuid        NOT NULL,
    practitioner_id  uuid        NOT NULL,
    rule             text        NOT NULL,
    excluded_starts  text        NOT NULL DEFAULT '',
    local_start      timestamp   NOT NULL,
    time_zone        text        NOT NULL,
    duration_minutes integer     NOT NULL,
    buffer_before_minutes integer NOT NULL DEFAULT 0,
    buffer_after_minutes integer NOT NULL DEFAULT 0,
    allocations      text        NOT NULL,
    reason           text        NOT NULL DEFAULT '',
    state            text        NOT NULL DEFAULT 'active',
    continues_id     uuid,
    row_version      bigint      NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL DEFAULT now(),
    created_by       uuid,
    updated_at       timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT appointment_series_pk PRIMARY KEY (clinic_id, id),
    CONSTRAINT appointment_series_patient_fk FOREIGN KEY (clinic_id, patient_id)
        REFERENCES clinicd.patients (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT appointment_series_practitioner_fk FOREIGN KEY (clinic_id, practitioner_id)
        REFERENCES clinicd.practitioners (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT appointment_series_continues_fk FOREIGN KEY (clinic_id, continues_id)
        REFERENCES clinicd.appointment_series (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT appointment_series_rule_ck CHECK (char_length(rule) BETWEEN 1 AND 500),
    -- 732 local times of 16 characters, and what is between them.
    CONSTRAINT appointment_series_excluded_starts_ck CHECK (char_length(excluded_starts) <= 12444),
    CONSTRAINT appointment_series_time_zone_ck CHECK (char_length(time_zone) BETWEEN 1 AND 64),
    CONSTRAINT appointment_series_duration_minutes_ck CHECK (duration_minutes BETWEEN 1 AND 1440),
    CONSTRAINT appointment_series_buffer_before_minutes_ck CHECK (
        buffer_before_minutes BETWEEN 0 AND 240),
    CONSTRAINT appointment_series_buffer_after_minutes_ck CHECK (
        buffer_after_minutes BETWEEN 0 AND 240),
    CONSTRAINT appointment_series_allocations_ck CHECK (
        char_length(allocations) BETWEEN 1 AND 2000),
    CONSTRAINT appointment_series_reason_ck CHECK (char_length(reason) <= 200),
    CONSTRAINT appointment_series_state_ck CHECK (state IN ('active', 'cancelled')),
    CONSTRAINT appointment_series_continues_ck CHECK (continues_id <> id),
    CONSTRAINT appointment_series_row_version_ck CHECK (row_version >= 1)
);

COMMENT ON TABLE clinicd.appointment_series IS
    'Appointments of a patient that recur by a rule. What each of them is, is in appointments. PHI.';
COMMENT ON COLUMN clinicd.appointment_series.rule IS
    'The recurrence rule, in the form of RFC 5545.';
COMMENT ON COLUMN clinicd.appointment_series.excluded_starts IS
    'Local starts that the rule has and the series does not, YYYY-MM-DDTHH:MM, with spaces between.';
COMMENT ON COLUMN clinicd.appointment_series.local_start IS
    'The first start by the rule, on the clock of time_zone; clocks may jump over it.';
COMMENT ON COLUMN clinicd.appointment_series.allocations IS
    'What each of them takes but the patient: kind, id, offset and duration in minutes, with commas '
    'between the parts.';
COMMENT ON COLUMN clinicd.appointment_series.continues_id IS
    'The series that this one was cut from; NULL: it was not.';
COMMENT ON COLUMN clinicd.appointment_series.created_by IS
    'The membership that added the row; NULL: the operator did.';

ALTER TABLE clinicd.appointment_series ALTER COLUMN clinic_id SET STATISTICS 1000;

ALTER TABLE clinicd.appointment_series ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.appointment_series FORCE ROW LEVEL SECURITY;
CREATE POLICY appointment_series_clinic_isolation ON clinicd.appointment_series
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY appointment_series_clinic_isolation_restrictive ON clinicd.appointment_series
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));

GRANT SELECT, INSERT ON clinicd.appointment_series TO clinicd_app;
GRANT UPDATE (practitioner_id, rule, excluded_starts, local_start, duration_minutes, allocations,
        state, row_version, updated_at)
    ON clinicd.appointment_series TO clinicd_app;

ALTER TABLE clinicd.appointments
    ADD COLUMN series_id uuid,
    ADD COLUMN series_ordinal integer,
    ADD COLUMN series_exception boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT appointments_series_fk FOREIGN KEY (clinic_id, series_id)
        REFERENCES clinicd.appointment_series (clinic_id, id) ON DELETE RESTRICT,
    ADD CONSTRAINT appointments_series_ck CHECK (
        (series_id IS NULL) = (series_ordinal IS NULL)
        AND (series_id IS NOT NULL OR NOT series_exception)),
    ADD CONSTRAINT appointments_series_ordinal_ck CHECK (series_ordinal BETWEEN 1 AND 1000);

COMMENT ON COLUMN clinicd.appointments.series_id IS
    'The series that it belongs to; NULL: it stands alone.';
COMMENT ON COLUMN clinicd.appointments.series_ordinal IS
    'Which one it is of those of the rule, excluded ones counted, from 1; NULL: it stands alone.';
COMMENT ON COLUMN clinicd.appointments.series_exception IS
    'Whether it was moved by itself, so that changes of the series leave it alone.';

-- Serves the occurrences of a series, each of which there is once.
CREATE UNIQUE INDEX appointments_by_series_ix
    ON clinicd.appointments (clinic_id, series_id, series_ordinal)
    WHERE series_id IS NOT NULL;

GRANT UPDATE (series_id, series_ordinal, series_exception)
    ON clinicd.appointments TO clinicd_app;

RESET ROLE;
