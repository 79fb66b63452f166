-- @returns many
-- @params after_family_name, after_given_name, after_id, row_limit
SELECT
    id,
    given_name,
    family_name,
    born_on,
    sex,
    file_number,
    phone,
    email,
    address,
    vip,
    alert,
    external_id,
    row_version,
    created_at,
    updated_at
FROM clinicd.patients
WHERE clinic_id = :clinic_id
    AND (family_name, given_name, id) > (:after_family_name, :after_given_name, :after_id)
ORDER BY
    family_name,
    given_name,
    id
LIMIT :row_limit
