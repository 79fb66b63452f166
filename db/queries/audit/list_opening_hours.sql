-- @returns many
-- @params
-- When the sites of the clinic are open, each on its own clock; the main site has no row of its own.
SELECT
    hours.weekday,
    hours.from_minute,
    hours.to_minute,
    hours.valid_from,
    hours.valid_until,
    location.time_zone
FROM clinicd.working_hours AS hours
LEFT JOIN clinicd.locations AS location
    ON location.clinic_id = :clinic_id
    AND location.id = hours.location_id
WHERE hours.clinic_id = :clinic_id
    AND hours.owner_kind = 'location'
