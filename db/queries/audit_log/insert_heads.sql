-- @returns count
-- @params clinics, tree_sizes, root_hashes, first_meta_index
-- @global the sealer works for all clinics at once
INSERT INTO clinicd.audit_heads (clinic_id, tree_size, root_hash, meta_index)
SELECT
    head.clinic_id,
    head.tree_size,
    decode(head.root_hash, 'hex'),
    :first_meta_index::bigint + head.place - 1
FROM unnest(
    string_to_array(:clinics, ' ')::uuid[],
    string_to_array(:tree_sizes, ' ')::bigint[],
    string_to_array(:root_hashes, ' '))
    WITH ORDINALITY AS head (clinic_id, tree_size, root_hash, place)
