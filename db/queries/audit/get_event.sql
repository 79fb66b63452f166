-- @returns optional
-- @params id
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
    AND id = :id
