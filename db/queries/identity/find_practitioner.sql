-- @returns optional
-- @params id
SELECT
    id,
    membership_id,
    given_name,
    family_name,
    speciality,
    active,
    external_id,
    created_at,
    row_version
FROM clinicd.practitioners
WHERE clinic_id = :clinic_id
    AND id = :id
