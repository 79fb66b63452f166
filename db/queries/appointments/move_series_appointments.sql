-- @returns many
-- @params ids, ordinals, row_versions, local_starts, starts, series_id, practitioner_id, time_zone, duration_minutes, reason, changed_by, now
-- Those that are of the versions named. What they take is to be taken anew in the same transaction.
WITH visit AS (
    SELECT
        visit.id,
        visit.ordinal,
        visit.row_version,
        visit.local_start,
        visit.starts_at
    FROM unnest(
        string_to_array(:ids, ' ')::uuid[],
        string_to_array(:ordinals, ' ')::integer[],
        string_to_array(:row_versions, ' ')::bigint[],
        string_to_array(:local_starts, ' ')::timestamp[],
        string_to_array(:starts, ' ')::timestamptz[])
        AS visit (id, ordinal, row_version, local_start, starts_at)
),
appointment AS (
    UPDATE clinicd.appointments AS changed
    SET
        practitioner_id = :practitioner_id,
        local_start = visit.local_start,
        time_zone = :time_zone,
        duration_minutes = :duration_minutes::integer,
        starts_at = visit.starts_at,
        ends_at = visit.starts_at + make_interval(mins => :duration_minutes::integer),
        state = CASE
            WHEN changed.starts_at = visit.starts_at THEN changed.state
            ELSE 'booked'
        END,
        confirmed_at = CASE
            WHEN changed.starts_at = visit.starts_at THEN changed.confirmed_at
        END,
        series_id = :series_id,
        series_ordinal = visit.ordinal,
        row_version = changed.row_version + 1,
        updated_at = :now
    FROM visit
    WHERE changed.clinic_id = :clinic_id
        AND changed.id = visit.id
        AND changed.row_version = visit.row_version
    RETURNING
        changed.id,
        changed.row_version,
        changed.state,
        changed.practitioner_id,
        changed.local_start,
        changed.time_zone,
        changed.duration_minutes
),
event AS (
    INSERT INTO clinicd.appointment_events
        (clinic_id, appointment_id, row_version, kind, state, practitioner_id, local_start,
         time_zone, duration_minutes, reason, occurred_at, caused_by)
    SELECT
        :clinic_id,
        appointment.id,
        appointment.row_version,
        'rescheduled',
        appointment.state,
        appointment.practitioner_id,
        appointment.local_start,
        appointment.time_zone,
        appointment.duration_minutes,
        :reason,
        :now,
        :changed_by
    FROM appointment
),
freed AS (
    DELETE FROM clinicd.occupancies AS part
    USING appointment
    WHERE part.clinic_id = :clinic_id
        AND part.holder_id = appointment.id
)
SELECT
    appointment.id,
    appointment.row_version
FROM appointment
ORDER BY appointment.id
