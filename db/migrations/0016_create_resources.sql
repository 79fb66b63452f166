-- db/migrations/0016_create_resources.sql
-- Purpose:   resources: what a visit needs besides patient and practitioner.
-- Locks:     new table; SHARE ROW EXCLUSIVE on clinics and locations for a moment (foreign keys).
-- Data:      none.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

CREATE TABLE clinicd.resources (
    clinic_id   uuid        NOT NULL,
    id          uuid        NOT NULL,
    kind        text        NOT NULL,
    name        text        NOT NULL,
    location_id uuid,
    color       text,
    sort_order  integer     NOT NULL DEFAULT 0,
    active      boolean     NOT NULL DEFAULT true,
    external_id text,
    row_version bigint      NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    created_by  uuid,

    CONSTRAINT resources_pk PRIMARY KEY (clinic_id, id),
    CONSTRAINT resources_clinic_fk FOREIGN KEY (clinic_id)
        REFERENCES clinicd.clinics (id) ON DELETE RESTRICT,
    CONSTRAINT resources_location_fk FOREIGN KEY (clinic_id, location_id)
        REFERENCES clinicd.locations (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT resources_external_id_uq UNIQUE (clinic_id, external_id),
    CONSTRAINT resources_kind_ck CHECK (kind IN ('chair', 'assistant', 'device', 'room')),
    CONSTRAINT resources_name_ck CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT resources_color_ck CHECK (color ~ '^#[0-9a-f]{6}$'),
    CONSTRAINT resources_sort_order_ck CHECK (sort_order BETWEEN 0 AND 9999),
    CONSTRAINT resources_external_id_ck CHECK (char_length(external_id) BETWEEN 1 AND 200),
    CONSTRAINT resources_row_version_ck CHECK (row_version >= 1)
);

COMMENT ON TABLE clinicd.resources IS
    'Chairs, assistants, devices and rooms that visits occupy. Practitioners are resources as well,'
    ' but have a table of their own. No PHI.';
COMMENT ON COLUMN clinicd.resources.location_id IS
    'The site it stands or works at; NULL: the main site.';
COMMENT ON COLUMN clinicd.resources.color IS
    'How it is shown in a diary, as #rrggbb; NULL: as the client likes.';
COMMENT ON COLUMN clinicd.resources.external_id IS
    'Id in the system the row was imported from; NULL: not imported.';
COMMENT ON COLUMN clinicd.resources.created_by IS
    'The membership that added the row; NULL: the operator did.';

-- Serves ListResources, which pages in the order of a diary's columns.
CREATE INDEX resources_by_order_ix ON clinicd.resources (clinic_id, sort_order, name, id);

ALTER TABLE clinicd.resources ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.resources FORCE ROW LEVEL SECURITY;
CREATE POLICY resources_clinic_isolation ON clinicd.resources
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY resources_clinic_isolation_restrictive ON clinicd.resources
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));

GRANT SELECT, INSERT ON clinicd.resources TO clinicd_app;
GRANT UPDATE (name, location_id, color, sort_order, active, row_version)
    ON clinicd.resources TO clinicd_app;

RESET ROLE;
