-- @returns count
-- @params first_meta_index, leaf_hashes
-- @global the sealer works for all clinics at once
INSERT INTO clinicd.audit_meta_leaves (meta_index, leaf_hash)
SELECT
    :first_meta_index::bigint + leaf.place - 1,
    decode(leaf.leaf_hash, 'hex')
FROM unnest(string_to_array(:leaf_hashes, ' ')) WITH ORDINALITY AS leaf (leaf_hash, place)
