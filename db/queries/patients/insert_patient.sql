-- @returns optional
-- @params id, given_name, family_name, born_on, sex, file_number, phone, email, address, vip, alert, external_id, created_by, now
-- No row: the external id is taken.
INSERT INTO clinicd.patients
    (clinic_id, id, given_name, family_name, born_on, sex, file_number, phone, email, address,
     vip, alert, external_id, created_at, updated_at, created_by)
VALUES
    (:clinic_id, :id, :given_name, :family_name, :born_on, :sex, :file_number, :phone, :email,
     :address, :vip, :alert, :external_id, :now, :now, :created_by)
ON CONFLICT ON CONSTRAINT patients_external_id_uq DO NOTHING
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
