-- @returns one
-- @params id, practitioner_id, secret_hash, show_patient_names, created_at, created_by
INSERT INTO clinicd.calendar_feeds
    (clinic_id, id, practitioner_id, secret_hash, show_patient_names, created_at, created_by)
VALUES
    (:clinic_id, :id, :practitioner_id, :secret_hash, :show_patient_names, :created_at, :created_by)
RETURNING
    id,
    practitioner_id,
    show_patient_names,
    created_at,
    revoked_at
