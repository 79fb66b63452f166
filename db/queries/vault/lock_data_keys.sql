-- @returns many
-- @params after_subject_id, after_version, clinic_key_version, row_limit
-- Data keys that are wrapped under another than the given version of the clinic's key, for change.
SELECT
    keys.subject_id,
    keys.version,
    keys.clinic_key_version,
    keys.wrapped
FROM clinicd.data_keys AS keys
WHERE keys.clinic_id = :clinic_id
    AND (keys.subject_id, keys.version) > (:after_subject_id::uuid, :after_version::integer)
    AND keys.clinic_key_version <> :clinic_key_version
ORDER BY keys.subject_id, keys.version
LIMIT :row_limit
FOR NO KEY UPDATE
