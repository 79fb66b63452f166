-- @returns count
-- @params membership_id, request_id, method, request_hash, response, event_id
INSERT INTO clinicd.idempotency_keys
    (clinic_id, membership_id, request_id, method, request_hash, response, event_id)
VALUES
    (:clinic_id, :membership_id, :request_id, :method, :request_hash, :response, :event_id)
