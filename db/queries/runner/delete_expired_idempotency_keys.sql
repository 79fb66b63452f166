-- @returns count
-- @params created_before, row_limit
-- A bounded number at a time, so that no call waits long for a clinic that made many.
DELETE FROM clinicd.idempotency_keys AS expired
WHERE expired.clinic_id = :clinic_id
    AND (expired.membership_id, expired.request_id) IN (
        SELECT
            oldest.membership_id,
            oldest.request_id
        FROM clinicd.idempotency_keys AS oldest
        WHERE oldest.clinic_id = :clinic_id
            AND oldest.created_at < :created_before
        ORDER BY oldest.created_at
        LIMIT :row_limit
    )
