-- @returns optional
-- @params id
-- Makes updates of one patient wait for each other, since each replaces the tokens of the patient.
-- Bookings, which only refer to the patient, do not wait.
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
FOR NO KEY UPDATE
