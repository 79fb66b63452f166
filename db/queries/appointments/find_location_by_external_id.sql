-- @returns optional
-- @params external_id
SELECT id
FROM clinicd.locations
WHERE clinic_id = :clinic_id
    AND external_id = :external_id
