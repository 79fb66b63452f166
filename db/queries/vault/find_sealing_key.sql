-- @returns optional
-- @params patient_id, appointment_id
-- The newest key of a patient, or of the patient of an appointment. Rides in front of what changes
-- something of theirs, so that no round trip is needed for it later. `own`, `made` and `first` are as in
-- ensure_data_key; nothing was made yet.
SELECT
    keys.subject_id,
    keys.version,
    keys.clinic_key_version,
    keys.wrapped,
    false AS own,
    false AS made,
    false AS first
FROM clinicd.data_keys AS keys
WHERE keys.clinic_id = :clinic_id
    AND keys.subject_id = COALESCE(:patient_id::uuid, (
        SELECT
            appointment.patient_id
        FROM clinicd.appointments AS appointment
        WHERE appointment.clinic_id = :clinic_id
            AND appointment.id = :appointment_id))
ORDER BY keys.version DESC
LIMIT 1
