-- @returns optional
-- @params event_id
-- As its leaf is made of it.
SELECT
    event.id,
    event.clinic_id,
    event.occurred_at,
    event.recorded_at,
    event.category,
    event.action,
    event.method,
    event.outcome,
    event.actor_id,
    event.actor_roles,
    event.acting_for,
    event.purpose,
    event.session_id,
    event.patient_id,
    event.entity_type,
    event.entity_id,
    event.entity_version,
    event.changed_fields,
    sha256(event.before_sealed) AS before_hash,
    sha256(event.after_sealed) AS after_hash,
    event.request_id,
    event.client_address,
    event.user_agent,
    event.node,
    event.build
FROM clinicd.audit_events AS event
WHERE event.clinic_id = :clinic_id
    AND event.id = :event_id
