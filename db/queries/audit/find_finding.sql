-- @returns optional
-- @params id
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
    AND id = :id
