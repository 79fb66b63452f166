-- @returns count
-- @params now
-- Locked as in delete_expired_holds.
WITH expired AS MATERIALIZED (
    SELECT
        hold.id
    FROM clinicd.holds AS hold
    WHERE hold.clinic_id = :clinic_id
        AND hold.expires_at <= :now
    ORDER BY hold.id
    FOR UPDATE
),
freed AS (
    DELETE FROM clinicd.occupancies AS part
    USING expired
    WHERE part.clinic_id = :clinic_id
        AND part.holder_id = expired.id
)
DELETE FROM clinicd.holds AS hold
USING expired
WHERE hold.clinic_id = :clinic_id
    AND hold.id = expired.id
