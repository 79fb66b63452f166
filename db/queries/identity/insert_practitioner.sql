-- @returns optional
-- @params id, membership_id, given_name, family_name, speciality, external_id, now, created_by
-- No row: a practitioner has that external id.
INSERT INTO clinicd.practitioners
    (clinic_id, id, membership_id, given_name, family_name, speciality, external_id, created_at,
     created_by)
VALUES
    (:clinic_id, :id, :membership_id, :given_name, :family_name, :speciality, :external_id, :now,
     :created_by)
ON CONFLICT (clinic_id, external_id) DO NOTHING
RETURNING
    id,
    membership_id,
    given_name,
    family_name,
    speciality,
    active,
    external_id,
    created_at,
    row_version
