-- @returns many
-- @params owner_kind, practitioner_id, resource_id, location_id
-- Those of one owner, in the order in which people read them.
SELECT
    hours.id,
    hours.location_id,
    hours.weekday,
    hours.from_minute,
    hours.to_minute,
    hours.valid_from,
    hours.valid_until
FROM clinicd.working_hours AS hours
WHERE hours.clinic_id = :clinic_id
    AND hours.owner_kind = :owner_kind
    AND hours.practitioner_id IS NOT DISTINCT FROM :practitioner_id
    AND hours.resource_id IS NOT DISTINCT FROM :resource_id
    AND (hours.owner_kind <> 'location'
        OR hours.location_id IS NOT DISTINCT FROM :location_id)
ORDER BY
    hours.location_id NULLS FIRST,
    hours.valid_from NULLS FIRST,
    hours.weekday,
    hours.from_minute,
    hours.id
LIMIT 1000
