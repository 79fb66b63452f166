-- @returns count
-- @params id, occurred_at, action, method, outcome, actor_id, actor_roles, session_id, patient_id, entity_type, entity_id, before, after, request_id, client_address, user_agent, purpose
INSERT INTO clinicd.audit_events
    (clinic_id, id, occurred_at, action, method, outcome, actor_id, actor_roles, session_id,
     patient_id, entity_type, entity_id, before, after, request_id, client_address, user_agent,
     purpose)
VALUES
    (:clinic_id, :id, :occurred_at, :action, :method, :outcome, :actor_id, :actor_roles,
     :session_id, :patient_id, :entity_type, :entity_id, :before::jsonb, :after::jsonb,
     :request_id, :client_address, :user_agent, :purpose)
