-- @returns optional
-- @params membership_id
SELECT
    memberships.id,
    memberships.email,
    memberships.given_name,
    memberships.family_name,
    array_to_string(memberships.roles, ',') AS roles,
    memberships.state,
    memberships.created_at,
    memberships.row_version,
    clinics.id AS clinic_id,
    clinics.slug,
    clinics.name,
    clinics.country_code,
    clinics.time_zone,
    clinics.currency_code,
    clinics.locale,
    clinics.created_at AS clinic_created_at,
    clinics.row_version AS clinic_row_version
FROM clinicd.memberships
JOIN clinicd.clinics
    ON clinics.id = :clinic_id
WHERE memberships.clinic_id = :clinic_id
    AND memberships.id = :membership_id
