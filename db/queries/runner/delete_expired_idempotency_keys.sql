-- @returns count
-- @params created_before
DELETE FROM clinicd.idempotency_keys
WHERE clinic_id = :clinic_id
    AND created_at < :created_before
