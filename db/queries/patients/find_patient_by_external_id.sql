-- @returns one
-- @params external_id
SELECT
    id
FROM clinicd.patients
WHERE clinic_id = :clinic_id
    AND external_id = :external_id
