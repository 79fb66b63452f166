-- @returns optional
-- @params id, row_version, now, latest_start
-- No row: absent, of another version, not booked, or outside of the arrival window.
UPDATE clinicd.appointments AS appointment
SET
    state = 'arrived',
    arrived_at = :now,
    row_version = appointment.row_version + 1,
    updated_at = :now
FROM clinicd.patients AS patient
WHERE appointment.clinic_id = :clinic_id
    AND appointment.id = :id
    AND appointment.state = 'booked'
    AND appointment.starts_at <= :latest_start
    AND appointment.ends_at >= :now
    AND (:row_version::bigint IS NULL OR appointment.row_version = :row_version)
    AND patient.clinic_id = :clinic_id
    AND patient.id = appointment.patient_id
RETURNING
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
