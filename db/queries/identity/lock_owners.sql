-- @returns one
-- @params
-- Changes of who owns a clinic happen one after the other; without that, two owners could remove
-- each other at the same time.
SELECT id
FROM clinicd.clinics
WHERE id = :clinic_id
FOR NO KEY UPDATE
