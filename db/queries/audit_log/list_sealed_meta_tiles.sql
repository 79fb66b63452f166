-- @returns many
-- @params tile_level, first_index, end_index
-- @global the sealer works for all clinics at once
SELECT
    hashes
FROM clinicd.audit_meta_tiles
WHERE tile_level = :tile_level
    AND tile_index >= :first_index
    AND tile_index < :end_index
ORDER BY
    tile_index
