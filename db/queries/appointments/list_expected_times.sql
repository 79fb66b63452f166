-- @returns many
-- @params after_starts_at, after_id, now, row_limit
-- Visits that are to come and holds that are alive, by start. Holds have no version, and at most the
-- longest buffers.
SELECT
    appointment.id,
    appointment.row_version,
    appointment.local_start,
    appointment.time_zone,
    appointment.duration_minutes,
    appointment.buffer_before_minutes,
    appointment.buffer_after_minutes,
    appointment.starts_at
FROM clinicd.appointments AS appointment
WHERE appointment.clinic_id = :clinic_id
    AND (appointment.starts_at, appointment.id) > (:after_starts_at, :after_id)
    AND appointment.state IN ('booked', 'confirmed')
UNION ALL
SELECT
    hold.id,
    0::bigint AS row_version,
    hold.local_start,
    hold.time_zone,
    hold.duration_minutes,
    240 AS buffer_before_minutes,
    240 AS buffer_after_minutes,
    hold.starts_at
FROM clinicd.holds AS hold
WHERE hold.clinic_id = :clinic_id
    AND (hold.starts_at, hold.id) > (:after_starts_at, :after_id)
    AND hold.expires_at > :now
ORDER BY
    starts_at,
    id
LIMIT :row_limit
