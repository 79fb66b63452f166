-- @returns optional
-- @params external_id
SELECT id
FROM clinicd.visit_types
WHERE clinic_id = :clinic_id
    AND external_id = :external_id
