-- @returns one
-- @params id, given_name, family_name, born_on, sex, file_number, phone, email, address, vip, alert, now
-- The row is locked and its version was checked.
UPDATE clinicd.patients
SET
    given_name = :given_name,
    family_name = :family_name,
    born_on = :born_on,
    sex = :sex,
    file_number = :file_number,
    phone = :phone,
    email = :email,
    address = :address,
    vip = :vip,
    alert = :alert,
    row_version = row_version + 1,
    updated_at = :now
WHERE clinic_id = :clinic_id
    AND id = :id
RETURNING
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
