-- @returns many
-- @params practitioner_id, show_revoked, after_id, count_max
-- Ids are UUIDv7 and so in the order of creation. The first page starts after the nil id.
SELECT
    id,
    practitioner_id,
    show_patient_names,
    created_at,
    revoked_at
FROM clinicd.calendar_feeds
WHERE clinic_id = :clinic_id
    AND (:practitioner_id::uuid IS NULL OR practitioner_id = :practitioner_id)
    AND (:show_revoked::boolean OR revoked_at IS NULL)
    AND id > :after_id
ORDER BY id
LIMIT :count_max
