-- @returns many
-- @params clinic, first_index, end_index
-- @global the sealer works for all clinics at once
SELECT
    leaf_hash
FROM clinicd.audit_leaves
WHERE clinic_id = :clinic
    AND leaf_index >= :first_index
    AND leaf_index < :end_index
ORDER BY
    leaf_index
