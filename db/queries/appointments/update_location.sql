-- @returns optional
-- @params id, name, time_zone, active, row_version
-- No row: there is no such location, or another version of it.
UPDATE clinicd.locations
SET
    name = :name,
    time_zone = :time_zone,
    active = :active,
    row_version = row_version + 1
WHERE clinic_id = :clinic_id
    AND id = :id
    AND row_version = :row_version
RETURNING
    id,
    name,
    time_zone,
    active,
    external_id,
    created_at,
    row_version
