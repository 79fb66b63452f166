-- @returns many
-- @params appointment_id
SELECT
    event.row_version,
    event.kind,
    event.state,
    event.practitioner_id,
    event.local_start,
    event.time_zone,
    event.duration_minutes,
    event.reason,
    event.occurred_at,
    event.caused_by
FROM clinicd.appointment_events AS event
WHERE event.clinic_id = :clinic_id
    AND event.appointment_id = :appointment_id
ORDER BY event.row_version
