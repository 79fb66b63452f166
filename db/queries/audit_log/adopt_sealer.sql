-- @returns count
-- @params last_transaction
-- @global the sealer works for all clinics at once
-- Everything that the rows came with is sealed: from now on by the numbers of this cluster.
UPDATE clinicd.audit_sealer
SET last_transaction = :last_transaction::bigint,
    last_event_id = '00000000-0000-0000-0000-000000000000',
    system_identifier = (SELECT system_identifier FROM pg_control_system()),
    changed_at = now()
