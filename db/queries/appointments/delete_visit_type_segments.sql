-- @returns count
-- @params visit_type_id
DELETE FROM clinicd.visit_type_segments
WHERE clinic_id = :clinic_id
    AND visit_type_id = :visit_type_id
