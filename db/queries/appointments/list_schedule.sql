-- @returns many
-- @params occupants, first_on, last_on
-- What says when who works: sites, practitioners and resources, their hours, and the exceptions that
-- touch the period. Of practitioners and resources those of `occupants`, one text with spaces; where
-- that is NULL, all. A row of one of five shapes; a site or owner that is the clinic
-- or its main site has no id.
SELECT
    'site' AS shape,
    NULL::text AS owner_kind,
    location.id AS owner_id,
    NULL::uuid AS location_id,
    location.time_zone AS text,
    NULL::integer AS weekday,
    NULL::integer AS from_minute,
    NULL::integer AS to_minute,
    NULL::date AS first_on,
    NULL::date AS last_on,
    location.active,
    0 AS sort_order,
    location.id
FROM clinicd.locations AS location
WHERE location.clinic_id = :clinic_id
UNION ALL
SELECT
    'resource',
    'practitioner',
    practitioner.id,
    NULL,
    'practitioner',
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    practitioner.active,
    0,
    practitioner.id
FROM clinicd.practitioners AS practitioner
WHERE practitioner.clinic_id = :clinic_id
    AND (:occupants::text IS NULL
        OR practitioner.id = ANY (string_to_array(:occupants, ' ')::uuid[]))
UNION ALL
SELECT
    'resource',
    'resource',
    resource.id,
    resource.location_id,
    resource.kind,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    resource.active,
    resource.sort_order,
    resource.id
FROM clinicd.resources AS resource
WHERE resource.clinic_id = :clinic_id
    AND (:occupants::text IS NULL
        OR resource.id = ANY (string_to_array(:occupants, ' ')::uuid[]))
UNION ALL
SELECT
    'hours',
    hours.owner_kind,
    COALESCE(hours.practitioner_id, hours.resource_id,
        CASE WHEN hours.owner_kind = 'location' THEN hours.location_id END),
    hours.location_id,
    NULL,
    hours.weekday,
    hours.from_minute,
    hours.to_minute,
    hours.valid_from,
    hours.valid_until,
    true,
    0,
    hours.id
FROM clinicd.working_hours AS hours
WHERE hours.clinic_id = :clinic_id
    AND (hours.owner_kind = 'location'
        OR :occupants::text IS NULL
        OR COALESCE(hours.practitioner_id, hours.resource_id)
            = ANY (string_to_array(:occupants, ' ')::uuid[]))
UNION ALL
SELECT
    exception.kind,
    exception.owner_kind,
    COALESCE(exception.practitioner_id, exception.resource_id,
        CASE WHEN exception.owner_kind = 'location' THEN exception.location_id END),
    exception.location_id,
    exception.reason,
    NULL,
    exception.from_minute,
    exception.to_minute,
    exception.first_on,
    exception.last_on,
    true,
    0,
    exception.id
FROM clinicd.schedule_exceptions AS exception
WHERE exception.clinic_id = :clinic_id
    AND exception.last_on >= :first_on
    AND exception.first_on <= :last_on
    AND (exception.owner_kind IN ('clinic', 'location')
        OR :occupants::text IS NULL
        OR COALESCE(exception.practitioner_id, exception.resource_id)
            = ANY (string_to_array(:occupants, ' ')::uuid[]))
ORDER BY
    sort_order,
    id
LIMIT 20000
