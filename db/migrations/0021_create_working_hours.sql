-- db/migrations/0021_create_working_hours.sql
-- Purpose:   working hours: when practitioners, resources and sites work in a usual week.
-- Locks:     new table; SHARE ROW EXCLUSIVE on clinics, locations, practitioners and resources for a
--            moment (foreign keys).
-- Data:      none.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

CREATE TABLE clinicd.working_hours (
    clinic_id       uuid        NOT NULL,
    id              uuid        NOT NULL,
    owner_kind      text        NOT NULL,
    practitioner_id uuid,
    resource_id     uuid,
    location_id     uuid,
    weekday         smallint    NOT NULL,
    from_minute     smallint    NOT NULL,
    to_minute       smallint    NOT NULL,
    valid_from      date,
    valid_until     date,
    created_at      timestamptz NOT NULL DEFAULT now(),
    created_by      uuid,

    CONSTRAINT working_hours_pk PRIMARY KEY (clinic_id, id),
    CONSTRAINT working_hours_clinic_fk FOREIGN KEY (clinic_id)
        REFERENCES clinicd.clinics (id) ON DELETE RESTRICT,
    CONSTRAINT working_hours_practitioner_fk FOREIGN KEY (clinic_id, practitioner_id)
        REFERENCES clinicd.practitioners (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT working_hours_resource_fk FOREIGN KEY (clinic_id, resource_id)
        REFERENCES clinicd.resources (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT working_hours_location_fk FOREIGN KEY (clinic_id, location_id)
        REFERENCES clinicd.locations (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT working_hours_owner_kind_ck CHECK (
        owner_kind IN ('location', 'practitioner', 'resource')),
    CONSTRAINT working_hours_owner_ck CHECK (
        (practitioner_id IS NOT NULL) = (owner_kind = 'practitioner')
        AND (resource_id IS NOT NULL) = (owner_kind = 'resource')
        AND (owner_kind <> 'resource' OR location_id IS NULL)),
    CONSTRAINT working_hours_weekday_ck CHECK (weekday BETWEEN 1 AND 7),
    CONSTRAINT working_hours_from_minute_ck CHECK (from_minute BETWEEN 0 AND 1439),
    CONSTRAINT working_hours_to_minute_ck CHECK (
        to_minute BETWEEN 0 AND 1440 AND to_minute <> from_minute),
    CONSTRAINT working_hours_valid_until_ck CHECK (valid_until >= valid_from)
);

COMMENT ON TABLE clinicd.working_hours IS
    'Hours of a usual week, on the clock of the site. Who has none works when the site does; a site'
    ' that has none is always open. No PHI.';
COMMENT ON COLUMN clinicd.working_hours.owner_kind IS 'Whose hours they are.';
COMMENT ON COLUMN clinicd.working_hours.practitioner_id IS
    'The practitioner who works; NULL: the hours are of something else.';
COMMENT ON COLUMN clinicd.working_hours.resource_id IS
    'The resource that works, where it stands; NULL: the hours are of something else.';
COMMENT ON COLUMN clinicd.working_hours.location_id IS
    'The site that is open, or where the practitioner works; NULL: the main site or, for a'
    ' resource, where that stands.';
COMMENT ON COLUMN clinicd.working_hours.weekday IS 'ISO 8601: Monday is 1.';
COMMENT ON COLUMN clinicd.working_hours.from_minute IS 'Minutes that the clock shows after midnight.';
COMMENT ON COLUMN clinicd.working_hours.to_minute IS
    'The same, exclusive; before from_minute: on the next day.';
COMMENT ON COLUMN clinicd.working_hours.valid_from IS 'The first day; NULL: always.';
COMMENT ON COLUMN clinicd.working_hours.valid_until IS 'The last day, included; NULL: always.';
COMMENT ON COLUMN clinicd.working_hours.created_by IS
    'The membership that set the hours; NULL: the operator did.';

ALTER TABLE clinicd.working_hours ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.working_hours FORCE ROW LEVEL SECURITY;
CREATE POLICY working_hours_clinic_isolation ON clinicd.working_hours
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY working_hours_clinic_isolation_restrictive ON clinicd.working_hours
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));

-- The hours of one owner are replaced as a whole. They are configuration, no clinical data, and what
-- they were stands in the audit event of the change.
GRANT SELECT, INSERT, DELETE ON clinicd.working_hours TO clinicd_app;

RESET ROLE;
