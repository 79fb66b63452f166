-- @returns count
-- @params subject_id, version, clinic_key_version, wrapped
UPDATE clinicd.data_keys
SET clinic_key_version = :clinic_key_version,
    wrapped = :wrapped
WHERE clinic_id = :clinic_id
    AND subject_id = :subject_id
    AND version = :version
