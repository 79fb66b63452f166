-- @returns count
-- @params owner_kind, practitioner_id, resource_id, location_id
DELETE FROM clinicd.working_hours AS hours
WHERE hours.clinic_id = :clinic_id
    AND hours.owner_kind = :owner_kind
    AND hours.practitioner_id IS NOT DISTINCT FROM :practitioner_id
    AND hours.resource_id IS NOT DISTINCT FROM :resource_id
    AND (hours.owner_kind <> 'location'
        OR hours.location_id IS NOT DISTINCT FROM :location_id)
