-- @returns count
-- @params meta_size, note
-- @global the sealer works for all clinics at once
INSERT INTO clinicd.audit_checkpoints (meta_size, note)
VALUES (:meta_size, :note)
