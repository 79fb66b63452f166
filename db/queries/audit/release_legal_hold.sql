-- @returns optional
-- @params id, row_version, release_reason, released_at, released_by
-- No row: it is released, or has changed.
UPDATE clinicd.audit_legal_holds
SET
    state = 'released',
    release_reason = :release_reason,
    released_at = :released_at,
    released_by = :released_by,
    row_version = row_version + 1
WHERE clinic_id = :clinic_id
    AND id = :id
    AND row_version = :row_version
    AND state = 'in_force'
RETURNING
    id,
    patient_id,
    state,
    reason,
    placed_at,
    placed_by,
    release_reason,
    released_at,
    released_by,
    row_version
