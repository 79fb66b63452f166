-- @returns many
-- @params from_id, before_id, start_time, end_time, row_limit
-- Ids are made with the time in them, moments before occurred_at: their range serves the index, the
-- time is exact.
SELECT
    id,
    occurred_at,
    action,
    method,
    outcome,
    actor_id,
    actor_roles,
    session_id,
    patient_id,
    entity_type,
    entity_id,
    before::text AS before,
    after::text AS after,
    request_id,
    client_address,
    user_agent
FROM clinicd.audit_events
WHERE clinic_id = :clinic_id
    AND id >= :from_id
    AND id < :before_id
    AND occurred_at >= :start_time
    AND occurred_at < :end_time
ORDER BY
    id DESC
LIMIT :row_limit
