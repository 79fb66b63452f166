-- @returns count
-- @params membership_id, request_id, method, request_hash, response
INSERT INTO clinicd.idempotency_keys
    (clinic_id, membership_id, request_id, method, request_hash, response)
VALUES
    (:clinic_id, :membership_id, :request_id, :method, :request_hash, :response)
