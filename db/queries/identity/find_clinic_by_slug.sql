-- @returns optional
-- @params slug
-- @global The operator names a clinic by its slug.
SELECT clinics.id
FROM clinicd.clinics
WHERE clinics.slug = :slug
