-- @returns many
-- @params actor_id, entity_id, category, action, succeeded, from_id, until_id, start_time, end_time, start_index, end_index, with_snapshots, row_limit
-- A stretch of the log, and what is wanted of it. The caller bounds the stretch: of a long log little
-- may be wanted.
SELECT
    leaf.leaf_index,
    leaf.leaf_hash,
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
    CASE WHEN :with_snapshots THEN event.before_sealed END AS before_sealed,
    CASE WHEN :with_snapshots THEN event.after_sealed END AS after_sealed,
    event.request_id,
    event.client_address,
    event.user_agent,
    event.node,
    event.build
FROM clinicd.audit_leaves AS leaf
INNER JOIN clinicd.audit_events AS event
    ON event.clinic_id = :clinic_id
    AND event.id = leaf.event_id
WHERE leaf.clinic_id = :clinic_id
    AND leaf.leaf_index >= :start_index
    AND leaf.leaf_index < :end_index
    AND leaf.event_id >= :from_id
    AND leaf.event_id < :until_id
    AND (:actor_id::uuid IS NULL OR event.actor_id = :actor_id)
    AND (:entity_id::uuid IS NULL OR event.entity_id = :entity_id)
    AND (:category::text IS NULL OR event.category = :category)
    AND (:action::text IS NULL OR event.action = :action)
    AND (:succeeded::boolean IS NULL OR (event.outcome = 'OK') = :succeeded)
    AND event.occurred_at >= :start_time
    AND event.occurred_at < :end_time
ORDER BY
    leaf.leaf_index
LIMIT :row_limit
