-- @returns count
-- @params clinics, tree_sizes, frontiers
-- @global the sealer works for all clinics at once
INSERT INTO clinicd.audit_trees (clinic_id, tree_size, frontier)
SELECT
    tree.clinic_id,
    tree.tree_size,
    decode(tree.frontier, 'hex')
FROM unnest(
    string_to_array(:clinics, ' ')::uuid[],
    string_to_array(:tree_sizes, ' ')::bigint[],
    string_to_array(:frontiers, ' ')) AS tree (clinic_id, tree_size, frontier)
ON CONFLICT (clinic_id) DO UPDATE SET
    tree_size = excluded.tree_size,
    frontier = excluded.frontier
