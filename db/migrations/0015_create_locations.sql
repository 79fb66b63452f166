-- db/migrations/0015_create_locations.sql
-- Purpose:   locations: the sites of a clinic besides its main one, each in a time zone of its own.
-- Locks:     new table; SHARE ROW EXCLUSIVE on clinics for a moment (foreign key).
-- Data:      none.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

CREATE TABLE clinicd.locations (
    clinic_id   uuid        NOT NULL,
    id          uuid        NOT NULL,
    name        text        NOT NULL,
    time_zone   text        NOT NULL,
    active      boolean     NOT NULL DEFAULT true,
    external_id text,
    row_version bigint      NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    created_by  uuid,

    CONSTRAINT locations_pk PRIMARY KEY (clinic_id, id),
    CONSTRAINT locations_clinic_fk FOREIGN KEY (clinic_id)
        REFERENCES clinicd.clinics (id) ON DELETE RESTRICT,
    CONSTRAINT locations_external_id_uq UNIQUE (clinic_id, external_id),
    CONSTRAINT locations_name_ck CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT locations_time_zone_ck CHECK (char_length(time_zone) BETWEEN 1 AND 64),
    CONSTRAINT locations_external_id_ck CHECK (char_length(external_id) BETWEEN 1 AND 200),
    CONSTRAINT locations_row_version_ck CHECK (row_version >= 1)
);

COMMENT ON TABLE clinicd.locations IS
    'Sites of a clinic besides its main one. The main site has no row: where a location_id is NULL,'
    ' the main site is meant, in the clinic''s own time zone. No PHI.';
COMMENT ON COLUMN clinicd.locations.external_id IS
    'Id in the system the row was imported from; NULL: not imported.';
COMMENT ON COLUMN clinicd.locations.created_by IS
    'The membership that added the row; NULL: the operator did.';

-- Serves ListLocations, which pages by name.
CREATE INDEX locations_by_name_ix ON clinicd.locations (clinic_id, name, id);

ALTER TABLE clinicd.locations ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.locations FORCE ROW LEVEL SECURITY;
CREATE POLICY locations_clinic_isolation ON clinicd.locations
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY locations_clinic_isolation_restrictive ON clinicd.locations
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));

GRANT SELECT, INSERT ON clinicd.locations TO clinicd_app;
GRANT UPDATE (name, time_zone, active, row_version) ON clinicd.locations TO clinicd_app;

RESET ROLE;
