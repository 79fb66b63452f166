-- @returns optional
-- @params id
SELECT
    id,
    practitioner_id,
    show_patient_names,
    created_at,
    revoked_at
FROM clinicd.calendar_feeds
WHERE clinic_id = :clinic_id
    AND id = :id
