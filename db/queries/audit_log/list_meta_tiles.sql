-- @returns many
-- @params tile_levels, tile_indexes
-- @global hashes of the tree of all clinics' heads tell nothing of a clinic
SELECT
    tile.tile_level,
    tile.tile_index,
    tile.hashes
FROM clinicd.audit_meta_tiles AS tile
WHERE (tile.tile_level, tile.tile_index) IN (
        SELECT wanted.tile_level, wanted.tile_index
        FROM unnest(
            string_to_array(:tile_levels, ' ')::smallint[],
            string_to_array(:tile_indexes, ' ')::bigint[]) AS wanted (tile_level, tile_index))
