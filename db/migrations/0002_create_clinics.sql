-- db/migrations/0002_create_clinics.sql
-- Purpose:   clinics: whom all other data belongs to.
-- Locks:     new table only; none on existing tables.
-- Data:      none.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

CREATE TABLE clinicd.clinics (
    id            uuid        NOT NULL,
    slug          text        NOT NULL,
    name          text        NOT NULL,
    country_code  text        NOT NULL,
    time_zone     text        NOT NULL,
    currency_code text        NOT NULL,
    locale        text        NOT NULL,
    state         text        NOT NULL DEFAULT 'active',
    row_version   bigint      NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT clinics_pk PRIMARY KEY (id),
    CONSTRAINT clinics_slug_uq UNIQUE (slug),
    CONSTRAINT clinics_slug_ck CHECK (
        char_length(slug) BETWEEN 1 AND 63 AND slug ~ '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$'),
    CONSTRAINT clinics_name_ck CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT clinics_country_code_ck CHECK (country_code ~ '^[A-Z]{2}$'),
    CONSTRAINT clinics_time_zone_ck CHECK (char_length(time_zone) BETWEEN 1 AND 64),
    CONSTRAINT clinics_currency_code_ck CHECK (currency_code ~ '^[A-Z]{3}$'),
    CONSTRAINT clinics_locale_ck CHECK (char_length(locale) BETWEEN 2 AND 35),
    CONSTRAINT clinics_state_ck CHECK (state IN ('active', 'suspended')),
    CONSTRAINT clinics_row_version_ck CHECK (row_version >= 1)
);

COMMENT ON TABLE clinicd.clinics IS
    'The clinics of this server; id is the clinic_id of every other table. No PHI.';

ALTER TABLE clinicd.clinics ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.clinics FORCE ROW LEVEL SECURITY;
CREATE POLICY clinics_clinic_isolation ON clinicd.clinics
    FOR ALL TO clinicd_app
    USING (id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (id = (SELECT clinicd.current_clinic_id()));
-- The roles that the two policies below let see every clinic are left out here.
CREATE POLICY clinics_clinic_isolation_restrictive ON clinicd.clinics
    AS RESTRICTIVE FOR ALL TO clinicd_app, clinicd_sealer, clinicd_owner
    USING (id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY clinics_sign_in ON clinicd.clinics
    FOR SELECT TO clinicd_auth
    USING (true);
CREATE POLICY clinics_enumeration ON clinicd.clinics
    FOR SELECT TO clinicd_jobs
    USING (true);

GRANT SELECT, INSERT ON clinicd.clinics TO clinicd_app;
GRANT UPDATE (name, time_zone, locale, row_version, updated_at)
    ON clinicd.clinics TO clinicd_app;
GRANT SELECT (id, slug, state) ON clinicd.clinics TO clinicd_auth;
GRANT SELECT (id, state) ON clinicd.clinics TO clinicd_jobs;

RESET ROLE;
