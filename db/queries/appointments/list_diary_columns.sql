-- @returns many
-- @params grouping
-- What columns a diary can have, in their order: practitioners, chairs, or the main site and the
-- locations. The main site has no id, and the name of the clinic.
SELECT
    practitioner.id,
    concat_ws(' ', practitioner.given_name, practitioner.family_name) AS name,
    NULL::text AS color,
    NULL::uuid AS location_id,
    practitioner.active,
    0 AS sort_order,
    practitioner.family_name AS sort_name,
    practitioner.given_name AS sort_detail
FROM clinicd.practitioners AS practitioner
WHERE practitioner.clinic_id = :clinic_id
    AND :grouping::text = 'practitioner'
UNION ALL
SELECT
    resource.id,
    resource.name,
    resource.color,
    resource.location_id,
    resource.active,
    resource.sort_order,
    resource.name,
    ''
FROM clinicd.resources AS resource
WHERE resource.clinic_id = :clinic_id
    AND resource.kind = 'chair'
    AND :grouping::text = 'chair'
UNION ALL
SELECT
    NULL,
    clinic.name,
    NULL,
    NULL,
    true,
    0,
    '',
    ''
FROM clinicd.clinics AS clinic
WHERE clinic.id = :clinic_id
    AND :grouping::text = 'location'
UNION ALL
SELECT
    location.id,
    location.name,
    NULL,
    location.id,
    location.active,
    1,
    location.name,
    ''
FROM clinicd.locations AS location
WHERE location.clinic_id = :clinic_id
    AND :grouping::text = 'location'
ORDER BY
    sort_order,
    sort_name,
    sort_detail,
    id
LIMIT 2000
