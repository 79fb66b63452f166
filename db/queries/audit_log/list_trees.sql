-- @returns many
-- @params clinics
-- @global the sealer works for all clinics at once
SELECT
    clinic_id,
    tree_size,
    frontier
FROM clinicd.audit_trees
WHERE clinic_id = ANY (string_to_array(:clinics, ' ')::uuid[])
