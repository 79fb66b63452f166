-- @returns optional
-- @params retention_years, daily_patients_max, row_version, now
-- No row: another version.
UPDATE clinicd.clinics
SET
    audit_retention_years = :retention_years,
    audit_daily_patients_max = :daily_patients_max,
    row_version = row_version + 1,
    updated_at = :now
WHERE id = :clinic_id
    AND row_version = :row_version
RETURNING
    id,
    audit_retention_years,
    audit_daily_patients_max,
    row_version
