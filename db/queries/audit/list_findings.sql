-- @returns many
-- @params before_state, before_id, row_limit
-- 'open' stands behind 'closed'.
SELECT
    id,
    day,
    rule,
    actor_id,
    patient_id,
    found_count,
    first_at,
    last_at,
    state,
    note,
    closed_at,
    closed_by,
    row_version,
    created_at
FROM clinicd.audit_findings
WHERE clinic_id = :clinic_id
    AND (state, id) < (:before_state::text, :before_id::uuid)
ORDER BY
    state DESC,
    id DESC
LIMIT :row_limit
