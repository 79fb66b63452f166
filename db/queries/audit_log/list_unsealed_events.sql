-- @returns many
-- @params row_limit
-- @global the sealer works for all clinics at once
-- For a database whose rows were copied from another cluster, where transactions had other numbers.
-- Nobody writes while that is looked for: the server serves nothing before.
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
    event.build,
    0::bigint AS transaction_number
FROM clinicd.audit_events AS event
WHERE NOT EXISTS (
        SELECT
        FROM clinicd.audit_leaves AS leaf
        WHERE leaf.clinic_id = event.clinic_id
            AND leaf.event_id = event.id)
ORDER BY
    event.recorded_at,
    event.id
LIMIT :row_limit
