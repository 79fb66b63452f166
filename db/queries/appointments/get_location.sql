-- @returns optional
-- @params id
SELECT
    id,
    name,
    time_zone,
    active,
    external_id,
    created_at,
    row_version
FROM clinicd.locations
WHERE clinic_id = :clinic_id
    AND id = :id
