-- @returns count
-- @params id, owner_kind, practitioner_id, resource_id, location_id, weekday, from_minute, to_minute, valid_from, valid_until, created_by, now
INSERT INTO clinicd.working_hours
    (clinic_id, id, owner_kind, practitioner_id, resource_id, location_id, weekday, from_minute,
     to_minute, valid_from, valid_until, created_by, created_at)
VALUES
    (:clinic_id, :id, :owner_kind, :practitioner_id, :resource_id, :location_id, :weekday,
     :from_minute, :to_minute, :valid_from, :valid_until, :created_by, :now)
