-- @returns optional
-- @params event_id
SELECT
    leaf_index,
    leaf_hash
FROM clinicd.audit_leaves
WHERE clinic_id = :clinic_id
    AND event_id = :event_id
