-- @returns count
-- @params now
WITH freed AS (
    DELETE FROM clinicd.occupancies AS part
    USING clinicd.holds AS expired
    WHERE part.clinic_id = :clinic_id
        AND expired.clinic_id = :clinic_id
        AND expired.expires_at <= :now
        AND part.holder_id = expired.id
)
DELETE FROM clinicd.holds AS hold
WHERE hold.clinic_id = :clinic_id
    AND hold.expires_at <= :now
