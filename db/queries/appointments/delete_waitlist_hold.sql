-- @returns count
-- @params id
-- Frees the time of an offer that is accepted, for its appointment. No row: others have freed it
-- already.
WITH freed AS (
    DELETE FROM clinicd.occupancies AS part
    WHERE part.clinic_id = :clinic_id
        AND part.holder_id = :id
)
DELETE FROM clinicd.holds AS gone
WHERE gone.clinic_id = :clinic_id
    AND gone.id = :id
