-- @returns optional
-- @params id, membership_id, given_name, family_name, speciality, active, row_version
-- No row: there is no such practitioner, or another version of it.
UPDATE clinicd.practitioners
SET
    membership_id = :membership_id,
    given_name = :given_name,
    family_name = :family_name,
    speciality = :speciality,
    active = :active,
    row_version = row_version + 1
WHERE clinic_id = :clinic_id
    AND id = :id
    AND row_version = :row_version
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
