-- @returns many
-- @params after_state, before_id, row_limit
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
    AND (state > :after_state OR (state = :after_state AND id < :before_id))
ORDER BY
    state,
    id DESC
LIMIT :row_limit
