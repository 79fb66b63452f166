-- @returns count
-- @params epoch, note
-- @global the sealer works for all clinics at once
INSERT INTO clinicd.audit_epochs (epoch, note)
VALUES (:epoch, :note)
