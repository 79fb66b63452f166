-- @returns optional
-- @params id, kind, name, location_id, color, sort_order, external_id, now, created_by
-- No row: a resource has that external id.
INSERT INTO clinicd.resources
    (clinic_id, id, kind, name, location_id, color, sort_order, external_id, created_at, created_by)
VALUES
    (:clinic_id, :id, :kind, :name, :location_id, :color, :sort_order, :external_id, :now,
     :created_by)
ON CONFLICT (clinic_id, external_id) DO NOTHING
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
