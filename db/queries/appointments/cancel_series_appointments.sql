-- @returns many
-- @params ids, row_versions, cancelled_by, reason, cancel_cutoff_minutes, changed_by, now
-- Those that are of the versions named.
WITH visit AS (
    SELECT
        visit.id,
        visit.row_version
    FROM unnest(
        string_to_array(:ids, ' ')::uuid[],
        string_to_array(:row_versions, ' ')::bigint[])
        AS visit (id, row_version)
),
appointment AS (
    UPDATE clinicd.appointments AS changed
    SET
        state = 'cancelled',
        cancelled_at = :now,
        cancelled_by = :cancelled_by,
        cancel_reason = :reason,
        cancelled_late =
            changed.starts_at - make_interval(mins => :cancel_cutoff_minutes::integer) < :now,
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
        'cancelled',
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
    UPDATE clinicd.occupancies AS part
    SET active = false
    FROM appointment
    WHERE part.clinic_id = :clinic_id
        AND part.holder_id = appointment.id
)
SELECT
    appointment.id,
    appointment.row_version
FROM appointment
ORDER BY appointment.id
