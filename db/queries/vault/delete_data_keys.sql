-- @returns count
-- @params subject_id
-- Whose keys to delete; NULL for all of the clinic's.
DELETE FROM clinicd.data_keys
WHERE clinic_id = :clinic_id
    AND (:subject_id::uuid IS NULL OR subject_id = :subject_id::uuid)
