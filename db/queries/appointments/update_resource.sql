-- @returns optional
-- @params id, name, location_id, color, sort_order, active, row_version
-- No row: there is no such resource, or another version of it.
UPDATE clinicd.resources
SET
    name = :name,
    location_id = :location_id,
    color = :color,
    sort_order = :sort_order,
    active = :active,
    row_version = row_version + 1
WHERE clinic_id = :clinic_id
    AND id = :id
    AND row_version = :row_version
RETURNING
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
