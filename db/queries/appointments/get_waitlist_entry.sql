-- @returns optional
-- @params id
SELECT
    entry.id,
    entry.patient_id,
    patient.given_name AS patient_given_name,
    patient.family_name AS patient_family_name,
    entry.visit_type_id,
    entry.duration_minutes,
    entry.practitioner_id,
    entry.location_id,
    entry.main_site,
    entry.urgency,
    entry.short_notice_minutes,
    entry.earliest_on,
    entry.latest_on,
    entry.windows,
    entry.note,
    entry.state,
    entry.appointment_id,
    entry.row_version,
    entry.created_at
FROM clinicd.waitlist_entries AS entry
JOIN clinicd.patients AS patient
    ON patient.clinic_id = :clinic_id
    AND patient.id = entry.patient_id
WHERE entry.clinic_id = :clinic_id
    AND entry.id = :id
