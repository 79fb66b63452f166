-- @returns optional
-- @params name, time_zone, locale, row_version, now
-- No row: another version.
UPDATE clinicd.clinics
SET
    name = :name,
    time_zone = :time_zone,
    locale = :locale,
    row_version = row_version + 1,
    updated_at = :now
WHERE id = :clinic_id
    AND row_version = :row_version
RETURNING
    id,
    slug,
    name,
    country_code,
    time_zone,
    currency_code,
    locale,
    created_at,
    row_version
