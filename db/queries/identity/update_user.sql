-- @returns optional
-- @params id, given_name, family_name, row_version
-- No row: there is no such user, or another version of it.
UPDATE clinicd.memberships
SET
    given_name = :given_name,
    family_name = :family_name,
    row_version = row_version + 1
WHERE clinic_id = :clinic_id
    AND id = :id
    AND row_version = :row_version
RETURNING
    id,
    email,
    given_name,
    family_name,
    array_to_string(roles, ',') AS roles,
    state,
    created_at,
    row_version
