-- @returns many
-- @params first_index, end_index
SELECT
    leaf_hash
FROM clinicd.audit_leaves
WHERE clinic_id = :clinic_id
    AND leaf_index >= :first_index
    AND leaf_index < :end_index
ORDER BY
    leaf_index
