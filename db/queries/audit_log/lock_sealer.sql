-- @returns optional
-- @params
-- @global the sealer works for all clinics at once
-- Nothing when somebody else is sealing. The horizon is as old as this statement's snapshot, hence on
-- the safe side for later ones: every transaction below it has ended, and can be seen.
SELECT
    sealer.last_transaction,
    sealer.last_event_id,
    sealer.meta_frontier,
    sealer.system_identifier <> cluster.system_identifier AS moved,
    pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon,
    (SELECT coalesce(max(entered.epoch), 0) FROM clinicd.audit_epochs AS entered) AS epoch
FROM clinicd.audit_sealer AS sealer
CROSS JOIN pg_control_system() AS cluster
FOR UPDATE OF sealer SKIP LOCKED
