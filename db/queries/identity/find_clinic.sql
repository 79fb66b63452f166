-- @returns optional
-- @params
SELECT
    id,
    slug,
    name,
    country_code,
    time_zone,
    currency_code,
    locale,
    created_at,
    row_version
FROM clinicd.clinics
WHERE id = :clinic_id
