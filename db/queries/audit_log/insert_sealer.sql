-- @returns count
-- @params
-- @global the sealer works for all clinics at once
INSERT INTO clinicd.audit_sealer (system_identifier)
SELECT system_identifier
FROM pg_control_system()
ON CONFLICT (only_row) DO NOTHING
