-- @returns many
-- @params after_family_name, after_given_name, after_id, count_max
-- The first page starts after the empty names, which nobody has.
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
    AND (family_name, given_name, id) > (:after_family_name, :after_given_name, :after_id)
ORDER BY family_name, given_name, id
LIMIT :count_max
