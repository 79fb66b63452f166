-- @returns count
-- @params ids, ordinals, local_starts, starts, series_id, patient_id, practitioner_id, visit_type_id, time_zone, duration_minutes, buffer_before_minutes, buffer_after_minutes, reason, created_by, now
-- All appointments of a series. What they take is to be taken in the same transaction.
WITH visit AS (
    SELECT
        visit.id,
        visit.ordinal,
        visit.local_start,
        visit.starts_at
    FROM unnest(
        string_to_array(:ids, ' ')::uuid[],
        string_to_array(:ordinals, ' ')::integer[],
        string_to_array(:local_starts, ' ')::timestamp[],
        string_to_array(:starts, ' ')::timestamptz[])
        AS visit (id, ordinal, local_start, starts_at)
),
appointment AS (
    INSERT INTO clinicd.appointments
        (clinic_id, id, patient_id, practitioner_id, visit_type_id, local_start, time_zone,
         duration_minutes, starts_at, ends_at, buffer_before_minutes, buffer_after_minutes, reason,
         series_id, series_ordinal, created_at, updated_at, created_by)
    SELECT
        :clinic_id,
        visit.id,
        :patient_id,
        :practitioner_id,
        :visit_type_id,
        visit.local_start,
        :time_zone,
        :duration_minutes::integer,
        visit.starts_at,
        visit.starts_at + make_interval(mins => :duration_minutes::integer),
        :buffer_before_minutes,
        :buffer_after_minutes,
        :reason,
        :series_id,
        visit.ordinal,
        :now,
        :now,
        :created_by
    FROM visit
    RETURNING
        appointments.id,
        appointments.row_version,
        appointments.state,
        appointments.practitioner_id,
        appointments.local_start,
        appointments.time_zone,
        appointments.duration_minutes,
        appointments.created_at
)
INSERT INTO clinicd.appointment_events
    (clinic_id, appointment_id, row_version, kind, state, practitioner_id, local_start, time_zone,
     duration_minutes, reason, occurred_at, caused_by)
SELECT
    :clinic_id,
    appointment.id,
    appointment.row_version,
    'booked',
    appointment.state,
    appointment.practitioner_id,
    appointment.local_start,
    appointment.time_zone,
    appointment.duration_minutes,
    '',
    appointment.created_at,
    :created_by
FROM appointment
