-- @returns count
-- @params
-- @global the sealer works for all clinics at once
INSERT INTO clinicd.audit_sealer (system_identifier, last_event_id)
SELECT system_identifier, '00000000-0000-0000-0000-000000000000'
FROM pg_control_system()
ON CONFLICT (only_row) DO NOTHING
