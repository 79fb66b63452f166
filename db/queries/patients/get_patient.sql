-- @returns optional
-- @params id
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
    AND id = :id
