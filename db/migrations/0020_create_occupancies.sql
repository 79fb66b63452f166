-- db/migrations/0020_create_occupancies.sql
-- Purpose:   occupancies: who and what is taken when, and that nobody and nothing is taken twice.
-- Locks:     new table; SHARE ROW EXCLUSIVE on appointments, holds, patients, practitioners and
--            resources for a moment (foreign keys).
-- Data:      none.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

ALTER TABLE clinicd.practitioners ADD COLUMN person_id uuid;
COMMENT ON COLUMN clinicd.practitioners.person_id IS
    'The person, of all clinics, whose time is taken with the practitioner''s; NULL: the '
    'practitioner has not linked this clinic with others.';
GRANT UPDATE (person_id) ON clinicd.practitioners TO clinicd_app;

CREATE TABLE clinicd.occupancies (
    clinic_id       uuid        NOT NULL,
    holder_id       uuid        NOT NULL
        GENERATED ALWAYS AS (COALESCE(appointment_id, hold_id)) STORED,
    position        smallint    NOT NULL,
    appointment_id  uuid,
    hold_id         uuid,
    occupant_id     uuid        NOT NULL
        GENERATED ALWAYS AS (COALESCE(practitioner_id, resource_id, patient_id)) STORED,
    practitioner_id uuid,
    resource_id     uuid,
    patient_id      uuid,
    person_id       uuid,
    lane            smallint    NOT NULL DEFAULT 0,
    starts_at       timestamptz NOT NULL,
    ends_at         timestamptz NOT NULL,
    occupied        tstzrange   NOT NULL
        GENERATED ALWAYS AS (tstzrange(starts_at, ends_at, '[)')) STORED,
    offset_minutes  integer     NOT NULL,
    duration_minutes integer    NOT NULL,
    active          boolean     NOT NULL DEFAULT true,

    CONSTRAINT occupancies_pk PRIMARY KEY (clinic_id, holder_id, position),
    CONSTRAINT occupancies_appointment_fk FOREIGN KEY (clinic_id, appointment_id)
        REFERENCES clinicd.appointments (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT occupancies_hold_fk FOREIGN KEY (clinic_id, hold_id)
        REFERENCES clinicd.holds (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT occupancies_practitioner_fk FOREIGN KEY (clinic_id, practitioner_id)
        REFERENCES clinicd.practitioners (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT occupancies_resource_fk FOREIGN KEY (clinic_id, resource_id)
        REFERENCES clinicd.resources (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT occupancies_patient_fk FOREIGN KEY (clinic_id, patient_id)
        REFERENCES clinicd.patients (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT occupancies_occupant_occupied_ex EXCLUDE USING gist (
        clinic_id WITH =,
        occupant_id WITH =,
        lane WITH =,
        occupied WITH &&
    ) WHERE (active),
    -- The one key without the clinic: a person who works in several clinics, and has linked them, is
    -- in one place at a time. Row-level security hides the other clinic's row; that there is one
    -- shows as "not available", which is what the person asked for.
    CONSTRAINT occupancies_person_occupied_ex EXCLUDE USING gist (
        person_id WITH =,
        lane WITH =,
        occupied WITH &&
    ) WHERE (active AND person_id IS NOT NULL),
    CONSTRAINT occupancies_position_ck CHECK (position BETWEEN 0 AND 32),
    CONSTRAINT occupancies_holder_ck CHECK (num_nonnulls(appointment_id, hold_id) = 1),
    CONSTRAINT occupancies_occupant_ck CHECK (
        num_nonnulls(practitioner_id, resource_id, patient_id) = 1),
    CONSTRAINT occupancies_person_ck CHECK (person_id IS NULL OR practitioner_id IS NOT NULL),
    -- Nobody sits in two chairs, whatever is booked over what.
    CONSTRAINT occupancies_lane_ck CHECK (
        lane BETWEEN 0 AND 3 AND (lane = 0 OR patient_id IS NULL)),
    CONSTRAINT occupancies_ends_at_ck CHECK (
        ends_at - starts_at >= make_interval(mins => duration_minutes)),
    CONSTRAINT occupancies_offset_minutes_ck CHECK (offset_minutes BETWEEN 0 AND 1439),
    CONSTRAINT occupancies_duration_minutes_ck CHECK (duration_minutes BETWEEN 1 AND 1440)
) WITH (
    fillfactor = 90,
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_analyze_scale_factor = 0.005
);

COMMENT ON TABLE clinicd.occupancies IS
    'When practitioners, patients, chairs and other resources are taken, buffers included, by '
    'appointments and holds. PHI.';
COMMENT ON COLUMN clinicd.occupancies.holder_id IS 'What takes the time.';
COMMENT ON COLUMN clinicd.occupancies.position IS 'Counts the parts of one holder.';
COMMENT ON COLUMN clinicd.occupancies.appointment_id IS
    'The appointment that takes the time; NULL: a hold does.';
COMMENT ON COLUMN clinicd.occupancies.hold_id IS
    'The hold that takes the time; NULL: an appointment does.';
COMMENT ON COLUMN clinicd.occupancies.occupant_id IS 'Who or what is taken.';
COMMENT ON COLUMN clinicd.occupancies.practitioner_id IS
    'The practitioner who is taken; NULL: something else is.';
COMMENT ON COLUMN clinicd.occupancies.resource_id IS
    'The chair, assistant, device or room that is taken; NULL: something else is.';
COMMENT ON COLUMN clinicd.occupancies.patient_id IS
    'The patient who is taken; NULL: something else is.';
COMMENT ON COLUMN clinicd.occupancies.person_id IS
    'The person behind the practitioner, whose time in other clinics is taken as well; NULL: none '
    'is linked.';
COMMENT ON COLUMN clinicd.occupancies.lane IS
    'Lanes do not clash with each other: 0 the regular one, 1 to 3 for deliberate overbooking.';
COMMENT ON COLUMN clinicd.occupancies.offset_minutes IS
    'Minutes from the start of the visit, without buffers.';
COMMENT ON COLUMN clinicd.occupancies.duration_minutes IS 'Minutes taken, without buffers.';
COMMENT ON COLUMN clinicd.occupancies.active IS
    'False once the holder was cancelled or its patient did not come: the time is free again.';

-- Serves what is taken of one resource in a period.
CREATE INDEX occupancies_by_occupant_ix
    ON clinicd.occupancies (clinic_id, occupant_id, starts_at, ends_at);
-- Serves what is taken in the clinic in a period.
CREATE INDEX occupancies_by_start_ix ON clinicd.occupancies (clinic_id, starts_at);

ALTER TABLE clinicd.occupancies ALTER COLUMN clinic_id SET STATISTICS 1000;

ALTER TABLE clinicd.occupancies ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.occupancies FORCE ROW LEVEL SECURITY;
CREATE POLICY occupancies_clinic_isolation ON clinicd.occupancies
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY occupancies_clinic_isolation_restrictive ON clinicd.occupancies
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));

GRANT SELECT, INSERT, DELETE ON clinicd.occupancies TO clinicd_app;
GRANT UPDATE (active, person_id) ON clinicd.occupancies TO clinicd_app;

RESET ROLE;
