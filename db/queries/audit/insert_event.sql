-- @returns count
-- @params id, occurred_at, category, action, method, outcome, actor_id, actor_roles, purpose, session_id, patient_id, entity_type, entity_id, entity_version, changed_fields, before_sealed, after_sealed, request_id, client_address, user_agent, node, build
INSERT INTO clinicd.audit_events
    (clinic_id, id, occurred_at, category, action, method, outcome, actor_id, actor_roles, purpose,
     session_id, patient_id, entity_type, entity_id, entity_version, changed_fields, before_sealed,
     after_sealed, request_id, client_address, user_agent, node, build)
VALUES
    (:clinic_id, :id, :occurred_at, :category, :action, :method, :outcome, :actor_id, :actor_roles,
     :purpose, :session_id, :patient_id, :entity_type, :entity_id, :entity_version, :changed_fields,
     :before_sealed, :after_sealed, :request_id, :client_address, :user_agent, :node, :build)
