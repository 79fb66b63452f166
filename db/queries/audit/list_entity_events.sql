-- @returns many
-- @params entity_id, actor_id, category, action, succeeded, from_id, before_id, start_time, end_time, row_limit
-- Ids are made with the time in them, about when the event occurred: their range serves the index, the
-- time is exact. Events of patients are in the index of patients only.
WITH found AS (
    SELECT
        event.id
    FROM clinicd.audit_events AS event
    WHERE event.clinic_id = :clinic_id
        AND event.entity_id = :entity_id
        AND event.entity_type <> 'patient'
        AND event.id >= :from_id
        AND event.id < :before_id
    UNION ALL
    SELECT
        event.id
    FROM clinicd.audit_events AS event
    WHERE event.clinic_id = :clinic_id
        AND event.patient_id = :entity_id
        AND event.entity_id = :entity_id
        AND event.entity_type = 'patient'
        AND event.id >= :from_id
        AND event.id < :before_id
)
SELECT
    event.id,
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
    event.before_sealed,
    event.after_sealed,
    event.request_id,
    event.client_address,
    event.user_agent,
    event.node,
    event.build
FROM found
JOIN clinicd.audit_events AS event
    ON event.clinic_id = :clinic_id
    AND event.id = found.id
WHERE (:actor_id::uuid IS NULL OR event.actor_id = :actor_id)
    AND (:category::text IS NULL OR event.category = :category)
    AND (:action::text IS NULL OR event.action = :action)
    AND (:succeeded::boolean IS NULL OR (event.outcome = 'OK') = :succeeded)
    AND event.occurred_at >= :start_time
    AND event.occurred_at < :end_time
ORDER BY
    event.id DESC
LIMIT :row_limit
