-- @returns optional
-- @params id
SELECT
    id,
    kind,
    name,
    location_id,
    color,
    sort_order,
    active,
    external_id,
    created_at,
    row_version
FROM clinicd.resources
WHERE clinic_id = :clinic_id
    AND id = :id
