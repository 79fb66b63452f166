-- @returns optional
-- @params id, now, revoked_by
-- Nothing where it was revoked before.
UPDATE clinicd.calendar_feeds
SET
    revoked_at = :now,
    revoked_by = :revoked_by
WHERE clinic_id = :clinic_id
    AND id = :id
    AND revoked_at IS NULL
RETURNING
    id,
    practitioner_id,
    show_patient_names,
    created_at,
    revoked_at
