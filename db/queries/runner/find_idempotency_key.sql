-- @returns optional
-- @params membership_id, request_id
-- Rides in front of the first statement of a mutation: a row here means that the call was made
-- before and this is its answer.
SELECT
    method,
    request_hash,
    response,
    event_id
FROM clinicd.idempotency_keys
WHERE clinic_id = :clinic_id
    AND membership_id = :membership_id
    AND request_id = :request_id
