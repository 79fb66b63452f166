-- @returns count
-- @params clinics, leaf_indexes, event_ids, leaf_hashes
-- @global the sealer works for all clinics at once
INSERT INTO clinicd.audit_leaves (clinic_id, leaf_index, event_id, leaf_hash)
SELECT
    leaf.clinic_id,
    leaf.leaf_index,
    leaf.event_id,
    decode(leaf.leaf_hash, 'hex')
FROM unnest(
    string_to_array(:clinics, ' ')::uuid[],
    string_to_array(:leaf_indexes, ' ')::bigint[],
    string_to_array(:event_ids, ' ')::uuid[],
    string_to_array(:leaf_hashes, ' ')) AS leaf (clinic_id, leaf_index, event_id, leaf_hash)
