-- @returns many
-- @params entity_type, from_number, first_on, last_on, row_limit
SELECT DISTINCT change.entity_id
FROM clinicd.changes AS change
WHERE change.clinic_id = :clinic_id
    AND change.transaction_number >= :from_number
    AND change.entity_type = :entity_type
    AND (change.was_on BETWEEN :first_on AND :last_on
        OR change.is_on BETWEEN :first_on AND :last_on)
ORDER BY change.entity_id
LIMIT :row_limit
