-- @returns optional
-- @params id, row_version, now, cancelled_by, cancel_reason
-- No row: absent, of another version, or cancelled already.
UPDATE clinicd.appointments AS appointment
SET
    state = 'cancelled',
    cancelled_at = :now,
    cancelled_by = :cancelled_by,
    cancel_reason = :cancel_reason,
    row_version = appointment.row_version + 1,
    updated_at = :now
FROM clinicd.patients AS patient
WHERE appointment.clinic_id = :clinic_id
    AND appointment.id = :id
    AND appointment.state IN ('booked', 'arrived')
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
