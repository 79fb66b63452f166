-- @returns optional
-- @params id
SELECT
    id,
    email,
    given_name,
    family_name,
    array_to_string(roles, ',') AS roles,
    state,
    created_at,
    row_version
FROM clinicd.memberships
WHERE clinic_id = :clinic_id
    AND id = :id
