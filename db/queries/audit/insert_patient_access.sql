-- @returns count
-- @params id, occurred_at, method, outcome_missing, actor_id, actor_roles, purpose, session_id, entity_id, client_address, user_agent, node, build
-- The trace of reading one patient. It is sent in the flush of the read itself, before anybody
-- knows whether the patient exists, so the statement finds the outcome by itself.
INSERT INTO clinicd.audit_events
    (clinic_id, id, occurred_at, category, action, method, outcome, actor_id, actor_roles, purpose,
     session_id, patient_id, entity_type, entity_id, entity_version, client_address, user_agent,
     node, build)
SELECT
    :clinic_id,
    :id,
    :occurred_at,
    'record',
    'read',
    :method,
    CASE WHEN found.id IS NULL THEN :outcome_missing ELSE 'OK' END,
    :actor_id,
    :actor_roles,
    :purpose,
    :session_id,
    found.id,
    'patient',
    wanted.id,
    found.row_version,
    :client_address,
    :user_agent,
    :node,
    :build
FROM (VALUES (:entity_id::uuid)) AS wanted (id)
LEFT JOIN clinicd.patients AS found
    ON found.clinic_id = :clinic_id
    AND found.id = wanted.id
