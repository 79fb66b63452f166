-- @returns optional
-- @params id
SELECT
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
FROM clinicd.audit_legal_holds
WHERE clinic_id = :clinic_id
    AND id = :id
