-- @returns many
-- @params ids, practitioner_id, begin_at, end_at, show_cancelled, row_limit
-- Those of the ids, in one text with spaces, that are within what is watched.
SELECT
    appointment.id,
    appointment.patient_id,
    appointment.practitioner_id,
    appointment.local_start,
    appointment.time_zone,
    appointment.duration_minutes,
    appointment.starts_at,
    appointment.ends_at,
    appointment.reason,
    appointment.state,
    appointment.arrived_at,
    appointment.cancelled_at,
    appointment.cancelled_by,
    appointment.cancel_reason,
    appointment.external_id,
    appointment.row_version,
    appointment.created_at,
    patient.given_name AS patient_given_name,
    patient.family_name AS patient_family_name
FROM clinicd.appointments AS appointment
JOIN clinicd.patients AS patient
    ON patient.clinic_id = :clinic_id
    AND patient.id = appointment.patient_id
WHERE appointment.clinic_id = :clinic_id
    AND appointment.id = ANY (string_to_array(:ids, ' ')::uuid[])
    AND (:practitioner_id::uuid IS NULL OR appointment.practitioner_id = :practitioner_id)
    AND appointment.starts_at >= :begin_at
    AND appointment.starts_at < :end_at
    AND (:show_cancelled::boolean OR appointment.state <> 'cancelled')
ORDER BY
    appointment.starts_at,
    appointment.id
LIMIT :row_limit
