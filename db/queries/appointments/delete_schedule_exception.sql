-- @returns optional
-- @params id
DELETE FROM clinicd.schedule_exceptions AS exception
WHERE exception.clinic_id = :clinic_id
    AND exception.id = :id
RETURNING
    exception.id,
    exception.owner_kind,
    exception.practitioner_id,
    exception.resource_id,
    exception.location_id,
    exception.kind,
    exception.first_on,
    exception.last_on,
    exception.from_minute,
    exception.to_minute,
    exception.reason,
    exception.created_at
