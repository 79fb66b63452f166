-- db/migrations/0011_create_appointments.sql
-- Purpose:   appointments: booked times of patients with practitioners.
-- Locks:     new table; SHARE ROW EXCLUSIVE on patients and practitioners for a moment (foreign
--            keys).
-- Data:      none.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

CREATE TABLE clinicd.appointments (
    clinic_id        uuid        NOT NULL,
    id               uuid        NOT NULL,
    patient_id       uuid        NOT NULL,
    practitioner_id  uuid        NOT NULL,
    local_start      timestamp   NOT NULL,
    time_zone        text        NOT NULL,
    duration_minutes integer     NOT NULL,
    starts_at        timestamptz NOT NULL,
    ends_at          timestamptz NOT NULL,
    buffer_before_minutes integer NOT NULL DEFAULT 0,
    buffer_after_minutes integer NOT NULL DEFAULT 0,
    lane             smallint    NOT NULL DEFAULT 0,
    overbook_reason  text,
    reason           text        NOT NULL DEFAULT '',
    state            text        NOT NULL DEFAULT 'booked',
    confirmed_at     timestamptz,
    arrived_at       timestamptz,
    seated_at        timestamptz,
    completed_at     timestamptz,
    no_show_at       timestamptz,
    cancelled_at     timestamptz,
    cancelled_by     text,
    cancel_reason    text,
    cancelled_late   boolean,
    external_id      text,
    row_version      bigint      NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL DEFAULT now(),
    created_by       uuid,
    updated_at       timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT appointments_pk PRIMARY KEY (clinic_id, id),
    CONSTRAINT appointments_patient_fk FOREIGN KEY (clinic_id, patient_id)
        REFERENCES clinicd.patients (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT appointments_practitioner_fk FOREIGN KEY (clinic_id, practitioner_id)
        REFERENCES clinicd.practitioners (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT appointments_external_id_uq UNIQUE (clinic_id, external_id),
    CONSTRAINT appointments_time_zone_ck CHECK (char_length(time_zone) BETWEEN 1 AND 64),
    CONSTRAINT appointments_duration_minutes_ck CHECK (duration_minutes BETWEEN 1 AND 1440),
    CONSTRAINT appointments_ends_at_ck CHECK (
        ends_at - starts_at = make_interval(mins => duration_minutes)),
    CONSTRAINT appointments_buffer_before_minutes_ck CHECK (
        buffer_before_minutes BETWEEN 0 AND 240),
    CONSTRAINT appointments_buffer_after_minutes_ck CHECK (
        buffer_after_minutes BETWEEN 0 AND 240),
    CONSTRAINT appointments_lane_ck CHECK (
        lane BETWEEN 0 AND 3 AND (lane = 0 OR overbook_reason IS NOT NULL)),
    CONSTRAINT appointments_overbook_reason_ck CHECK (
        char_length(overbook_reason) BETWEEN 1 AND 200),
    CONSTRAINT appointments_reason_ck CHECK (char_length(reason) <= 200),
    CONSTRAINT appointments_state_ck CHECK (
        state IN ('booked', 'confirmed', 'arrived', 'in_chair', 'completed', 'no_show', 'cancelled',
            'entered_in_error')),
    CONSTRAINT appointments_confirmed_at_ck CHECK (
        CASE state
            WHEN 'booked' THEN confirmed_at IS NULL
            WHEN 'confirmed' THEN confirmed_at IS NOT NULL
            ELSE true
        END),
    CONSTRAINT appointments_arrived_at_ck CHECK (
        CASE
            WHEN state IN ('booked', 'confirmed', 'no_show') THEN arrived_at IS NULL
            WHEN state IN ('arrived', 'in_chair', 'completed') THEN arrived_at IS NOT NULL
            ELSE true
        END),
    CONSTRAINT appointments_seated_at_ck CHECK (
        CASE
            WHEN state IN ('booked', 'confirmed', 'arrived', 'no_show') THEN seated_at IS NULL
            WHEN state IN ('in_chair', 'completed') THEN seated_at IS NOT NULL
            ELSE true
        END),
    CONSTRAINT appointments_completed_at_ck CHECK (
        CASE state
            WHEN 'entered_in_error' THEN true
            ELSE (state = 'completed') = (completed_at IS NOT NULL)
        END),
    CONSTRAINT appointments_no_show_at_ck CHECK (
        CASE state
            WHEN 'entered_in_error' THEN true
            ELSE (state = 'no_show') = (no_show_at IS NOT NULL)
        END),
    CONSTRAINT appointments_cancelled_at_ck CHECK (
        CASE state
            WHEN 'entered_in_error' THEN true
            ELSE (state = 'cancelled') = (cancelled_at IS NOT NULL)
        END
        AND (cancelled_at IS NULL) = (cancelled_by IS NULL)
        AND (cancelled_at IS NULL) = (cancel_reason IS NULL)
        AND (cancelled_at IS NULL) = (cancelled_late IS NULL)),
    CONSTRAINT appointments_cancelled_by_ck CHECK (cancelled_by IN ('patient', 'clinic')),
    CONSTRAINT appointments_cancel_reason_ck CHECK (
        char_length(cancel_reason) BETWEEN 1 AND 200),
    CONSTRAINT appointments_external_id_ck CHECK (char_length(external_id) BETWEEN 1 AND 200),
    CONSTRAINT appointments_row_version_ck CHECK (row_version >= 1)
) WITH (
    -- Room for the update at arrival on the same page; frequent, small clean-ups.
    fillfactor = 90,
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_analyze_scale_factor = 0.005
);

COMMENT ON TABLE clinicd.appointments IS
    'Booked times of patients with practitioners. PHI.';
COMMENT ON COLUMN clinicd.appointments.local_start IS
    'The start as agreed, on the clock of time_zone; the truth that starts_at is derived from.';
COMMENT ON COLUMN clinicd.appointments.buffer_before_minutes IS
    'Minutes before the start that nobody else may use, and the patient need not know of.';
COMMENT ON COLUMN clinicd.appointments.lane IS
    'Which of the visits at the same time on the same resources it is: 0 the regular one, 1 to 3 '
    'those that were deliberately booked over it.';
COMMENT ON COLUMN clinicd.appointments.overbook_reason IS
    'Why it may stand beside another, or outside of hours; NULL: it need not.';
COMMENT ON COLUMN clinicd.appointments.confirmed_at IS
    'When the patient confirmed this time; NULL: not yet, or not since it was moved.';
COMMENT ON COLUMN clinicd.appointments.arrived_at IS
    'When the patient came; NULL: not yet, or never.';
COMMENT ON COLUMN clinicd.appointments.seated_at IS
    'When the treatment began; NULL: not yet, or never.';
COMMENT ON COLUMN clinicd.appointments.completed_at IS
    'When the treatment ended; NULL: not yet, or never.';
COMMENT ON COLUMN clinicd.appointments.no_show_at IS
    'When it was noted that the patient had not come; NULL: it was not.';
COMMENT ON COLUMN clinicd.appointments.cancelled_at IS
    'When it was called off; NULL: it was not.';
COMMENT ON COLUMN clinicd.appointments.cancelled_by IS
    'Whose wish that was; NULL: not called off.';
COMMENT ON COLUMN clinicd.appointments.cancel_reason IS
    'Why it was called off; NULL: not called off.';
COMMENT ON COLUMN clinicd.appointments.cancelled_late IS
    'Whether that was after the time until which cancelling is free; NULL: not called off.';
COMMENT ON COLUMN clinicd.appointments.external_id IS
    'Id in the system the row was imported from; NULL: not imported.';
COMMENT ON COLUMN clinicd.appointments.created_by IS
    'The membership that added the row; NULL: the operator did.';

-- Serves the clinic's day.
CREATE INDEX appointments_by_start_ix ON clinicd.appointments (clinic_id, starts_at, id);
-- Serves a practitioner's day.
CREATE INDEX appointments_by_practitioner_ix
    ON clinicd.appointments (clinic_id, practitioner_id, starts_at, id);
-- Serves a patient's history.
CREATE INDEX appointments_by_patient_ix ON clinicd.appointments (clinic_id, patient_id, starts_at);

ALTER TABLE clinicd.appointments ALTER COLUMN clinic_id SET STATISTICS 1000;

ALTER TABLE clinicd.appointments ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.appointments FORCE ROW LEVEL SECURITY;
CREATE POLICY appointments_clinic_isolation ON clinicd.appointments
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY appointments_clinic_isolation_restrictive ON clinicd.appointments
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));

GRANT SELECT, INSERT ON clinicd.appointments TO clinicd_app;
GRANT UPDATE (practitioner_id, local_start, time_zone, duration_minutes, starts_at, ends_at,
        buffer_before_minutes, buffer_after_minutes, lane, overbook_reason, reason, state,
        confirmed_at, arrived_at, seated_at, completed_at, no_show_at, cancelled_at, cancelled_by,
        cancel_reason, cancelled_late, row_version, updated_at)
    ON clinicd.appointments TO clinicd_app;

RESET ROLE;
