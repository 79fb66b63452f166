-- @returns many
-- @params
-- @global the sealer works for all clinics at once
SELECT
    clinic_id,
    tree_size
FROM clinicd.audit_trees
ORDER BY
    clinic_id
