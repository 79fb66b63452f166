-- @returns one
-- @params id, owner_kind, practitioner_id, resource_id, location_id, kind, first_on, last_on, from_minute, to_minute, reason, created_by, now
INSERT INTO clinicd.schedule_exceptions
    (clinic_id, id, owner_kind, practitioner_id, resource_id, location_id, kind, first_on, last_on,
     from_minute, to_minute, reason, created_by, created_at)
VALUES
    (:clinic_id, :id, :owner_kind, :practitioner_id, :resource_id, :location_id, :kind, :first_on,
     :last_on, :from_minute, :to_minute, :reason, :created_by, :now)
RETURNING
    id,
    owner_kind,
    practitioner_id,
    resource_id,
    location_id,
    kind,
    first_on,
    last_on,
    from_minute,
    to_minute,
    reason,
    created_at
