-- @returns many
-- @params entity_id, actor_id, category, action, succeeded, from_id, before_id, start_time, end_time, row_limit
-- Ids are made with the time in them, moments before occurred_at: their range serves the index, the
-- time is exact.
SELECT
    id,
    occurred_at,
    recorded_at,
    category,
    action,
    method,
    outcome,
    actor_id,
    actor_roles,
    acting_for,
    purpose,
    session_id,
    patient_id,
    entity_type,
    entity_id,
    entity_version,
    changed_fields,
    before_sealed,
    after_sealed,
    request_id,
    client_address,
    user_agent,
    node,
    build
FROM clinicd.audit_events
WHERE clinic_id = :clinic_id
    AND entity_id = :entity_id
    AND entity_type <> 'patient'
    AND (:actor_id::uuid IS NULL OR actor_id = :actor_id)
    AND (:category::text IS NULL OR category = :category)
    AND (:action::text IS NULL OR action = :action)
    AND (:succeeded::boolean IS NULL OR (outcome = 'OK') = :succeeded)
    AND id >= :from_id
    AND id < :before_id
    AND occurred_at >= :start_time
    AND occurred_at < :end_time
ORDER BY
    id DESC
LIMIT :row_limit
