-- @returns count
-- @params last_transaction, last_event_id, meta_size, meta_frontier
-- @global the sealer works for all clinics at once
UPDATE clinicd.audit_sealer
SET last_transaction = :last_transaction::bigint,
    last_event_id = :last_event_id,
    meta_size = :meta_size,
    meta_frontier = :meta_frontier,
    changed_at = now()
