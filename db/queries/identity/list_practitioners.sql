-- @returns many
-- @params show_inactive, after_family_name, after_given_name, after_id, count_max
-- The first page starts after the empty names, which nobody has.
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
    AND (active OR :show_inactive)
    AND (family_name, given_name, id) > (:after_family_name, :after_given_name, :after_id)
ORDER BY family_name, given_name, id
LIMIT :count_max
