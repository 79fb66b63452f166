-- @returns many
-- @params tile_levels, tile_indexes
SELECT
    tile.tile_level,
    tile.tile_index,
    tile.hashes
FROM clinicd.audit_tiles AS tile
WHERE tile.clinic_id = :clinic_id
    AND (tile.tile_level, tile.tile_index) IN (
        SELECT wanted.tile_level, wanted.tile_index
        FROM unnest(
            string_to_array(:tile_levels, ' ')::smallint[],
            string_to_array(:tile_indexes, ' ')::bigint[]) AS wanted (tile_level, tile_index))
