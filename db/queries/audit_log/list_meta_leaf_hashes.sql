-- @returns many
-- @params first_index, end_index
-- @global hashes of the tree of all clinics' heads tell nothing of a clinic
SELECT
    leaf_hash
FROM clinicd.audit_meta_leaves
WHERE meta_index >= :first_index
    AND meta_index < :end_index
ORDER BY
    meta_index
