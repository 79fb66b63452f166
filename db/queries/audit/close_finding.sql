-- @returns optional
-- @params id, row_version, note, closed_at, closed_by
-- No row: it is closed, or has changed.
UPDATE clinicd.audit_findings
SET
    state = 'closed',
    note = :note,
    closed_at = :closed_at,
    closed_by = :closed_by,
    row_version = row_version + 1
WHERE clinic_id = :clinic_id
    AND id = :id
    AND row_version = :row_version
    AND state = 'open'
RETURNING
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
