-- @returns optional
-- @params id, name, time_zone, external_id, now, created_by
-- No row: a location has that external id.
INSERT INTO clinicd.locations
    (clinic_id, id, name, time_zone, external_id, created_at, created_by)
VALUES
    (:clinic_id, :id, :name, :time_zone, :external_id, :now, :created_by)
ON CONFLICT (clinic_id, external_id) DO NOTHING
RETURNING
    id,
    name,
    time_zone,
    active,
    external_id,
    created_at,
    row_version
