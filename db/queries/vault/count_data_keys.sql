-- @returns many
-- @params
-- How many data keys are wrapped under which version of the clinic's key. There are only a few
-- versions at a time.
SELECT
    keys.clinic_key_version,
    count(*) AS count
FROM clinicd.data_keys AS keys
WHERE keys.clinic_id = :clinic_id
GROUP BY keys.clinic_key_version
ORDER BY keys.clinic_key_version
LIMIT 1000
