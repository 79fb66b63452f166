-- @returns count
-- @params clinic, tile_level, tile_index, hashes
-- @global the sealer works for all clinics at once
INSERT INTO clinicd.audit_tiles (clinic_id, tile_level, tile_index, hashes)
VALUES (:clinic, :tile_level, :tile_index, :hashes)
