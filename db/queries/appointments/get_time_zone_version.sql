-- @returns optional
-- @params
SELECT
    known.version
FROM clinicd.time_zone_versions AS known
WHERE known.clinic_id = :clinic_id
