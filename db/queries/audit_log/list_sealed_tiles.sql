-- @returns many
-- @params clinic, tile_level, first_index, end_index
-- @global the sealer works for all clinics at once
SELECT
    hashes
FROM clinicd.audit_tiles
WHERE clinic_id = :clinic
    AND tile_level = :tile_level
    AND tile_index >= :first_index
    AND tile_index < :end_index
ORDER BY
    tile_index
