-- @returns many
-- @params state, expired, today, practitioner_id, visit_type_id, patient_id, after_rank, after_created_at, after_id, row_limit
-- Those that wait and have expired are told apart by `expired`, which is NULL for other states.
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
    AND entry.state = :state
    AND (entry.urgency_rank, entry.created_at, entry.id)
        > (:after_rank::smallint, :after_created_at::timestamptz, :after_id::uuid)
    AND (:expired::boolean IS NULL
        OR :expired::boolean = COALESCE(entry.latest_on < :today::date, false))
    AND (:practitioner_id::uuid IS NULL OR entry.practitioner_id = :practitioner_id)
    AND (:visit_type_id::uuid IS NULL OR entry.visit_type_id = :visit_type_id)
    AND (:patient_id::uuid IS NULL OR entry.patient_id = :patient_id)
ORDER BY
    entry.urgency_rank,
    entry.created_at,
    entry.id
LIMIT :row_limit
