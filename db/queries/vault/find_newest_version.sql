-- @returns one
-- @params subject_id
-- 0 for a subject without keys.
SELECT
    coalesce(max(keys.version), 0) AS version
FROM clinicd.data_keys AS keys
WHERE keys.clinic_id = :clinic_id
    AND keys.subject_id = :subject_id
