-- @returns count
-- @params created_before
-- A bounded number at a time, as of answers.
DELETE FROM clinicd.changes AS expired
WHERE expired.clinic_id = :clinic_id
    AND (expired.transaction_number, expired.id) IN (
        SELECT
            oldest.transaction_number,
            oldest.id
        FROM clinicd.changes AS oldest
        WHERE oldest.clinic_id = :clinic_id
            AND oldest.changed_at < :created_before
        ORDER BY
            oldest.transaction_number,
            oldest.id
        LIMIT 10000
    )
