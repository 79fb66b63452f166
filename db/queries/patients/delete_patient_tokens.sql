-- @returns count
-- @params patient_id
DELETE FROM clinicd.patient_tokens
WHERE clinic_id = :clinic_id
    AND patient_id = :patient_id
