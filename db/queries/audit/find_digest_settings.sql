-- @returns one
-- @params
SELECT
    time_zone,
    audit_daily_patients_max,
    audit_digested_on,
    created_at
FROM clinicd.clinics
WHERE id = :clinic_id
