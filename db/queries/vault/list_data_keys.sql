-- @returns many
-- @params after_subject_id, after_version, row_limit
SELECT
    keys.subject_id,
    keys.version,
    keys.clinic_key_version
FROM clinicd.data_keys AS keys
WHERE keys.clinic_id = :clinic_id
    AND (keys.subject_id, keys.version) > (:after_subject_id::uuid, :after_version::integer)
ORDER BY keys.subject_id, keys.version
LIMIT :row_limit
