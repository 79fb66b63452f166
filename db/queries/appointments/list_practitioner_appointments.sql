-- @returns many
-- @params practitioner_id, after_starts_at, after_id, before_starts_at, show_cancelled, row_limit
-- Two bounds on starts_at and not a range of time, which no index could serve under row-level
-- security.
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
    AND appointment.practitioner_id = :practitioner_id
    AND (appointment.starts_at, appointment.id) > (:after_starts_at, :after_id)
    AND appointment.starts_at < :before_starts_at
    AND (:show_cancelled::boolean OR appointment.state <> 'cancelled')
ORDER BY
    appointment.starts_at,
    appointment.id
LIMIT :row_limit
