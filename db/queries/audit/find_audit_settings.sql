-- @returns optional
-- @params
SELECT
    id,
    audit_retention_years,
    audit_daily_patients_max,
    row_version
FROM clinicd.clinics
WHERE id = :clinic_id
