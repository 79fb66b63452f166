-- @returns count
-- @params subject_id, version, clinic_key_version, wrapped
INSERT INTO clinicd.data_keys
    (clinic_id, subject_id, version, clinic_key_version, wrapped)
VALUES
    (:clinic_id, :subject_id, :version, :clinic_key_version, :wrapped)
