-- @returns count
-- @params tile_level, tile_index, hashes
-- @global the sealer works for all clinics at once
INSERT INTO clinicd.audit_meta_tiles (tile_level, tile_index, hashes)
VALUES (:tile_level, :tile_index, :hashes)
