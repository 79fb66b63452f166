-- @returns optional
-- @params slug
-- @global The operator names a clinic by its slug.
-- Canary clinics are nobody's to name.
SELECT clinics.id
FROM clinicd.clinics
WHERE clinics.slug = :slug
    AND clinics.state <> 'canary'
