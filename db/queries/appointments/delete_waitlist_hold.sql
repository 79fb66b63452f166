-- @returns count
-- @params id
-- Frees the time of an offer that is accepted, for its appointment. No row: others have freed it
-- already.
WITH hold AS MATERIALIZED (
    SELECT
        offered.id
    FROM clinicd.holds AS offered
    WHERE offered.clinic_id = :clinic_id
        AND offered.id = :id
    FOR UPDATE
),
freed AS (
    DELETE FROM clinicd.occupancies AS part
    USING hold
    WHERE part.clinic_id = :clinic_id
        AND part.holder_id = hold.id
)
DELETE FROM clinicd.holds AS gone
USING hold
WHERE gone.clinic_id = :clinic_id
    AND gone.id = hold.id
