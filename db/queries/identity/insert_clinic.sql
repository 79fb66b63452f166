-- @returns one
-- @params slug, name, country_code, time_zone, currency_code, locale, now
INSERT INTO clinicd.clinics
    (id, slug, name, country_code, time_zone, currency_code, locale, created_at, updated_at)
VALUES
    (:clinic_id, :slug, :name, :country_code, :time_zone, :currency_code, :locale, :now, :now)
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
