-- db/migrations/0022_create_schedule_exceptions.sql
-- Purpose:   schedule exceptions: holidays, leave, extra hours and other days unlike the usual week.
-- Locks:     new table; SHARE ROW EXCLUSIVE on clinics, locations, practitioners and resources for a
--            moment (foreign keys).
-- Data:      none.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

CREATE TABLE clinicd.schedule_exceptions (
    clinic_id       uuid        NOT NULL,
    id              uuid        NOT NULL,
    owner_kind      text        NOT NULL,
    practitioner_id uuid,
    resource_id     uuid,
    location_id     uuid,
    kind            text        NOT NULL,
    first_on        date        NOT NULL,
    last_on         date        NOT NULL,
    from_minute     smallint,
    to_minute       smallint,
    reason          text        NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    created_by      uuid,

    CONSTRAINT schedule_exceptions_pk PRIMARY KEY (clinic_id, id),
    CONSTRAINT schedule_exceptions_clinic_fk FOREIGN KEY (clinic_id)
        REFERENCES clinicd.clinics (id) ON DELETE RESTRICT,
    CONSTRAINT schedule_exceptions_practitioner_fk FOREIGN KEY (clinic_id, practitioner_id)
        REFERENCES clinicd.practitioners (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT schedule_exceptions_resource_fk FOREIGN KEY (clinic_id, resource_id)
        REFERENCES clinicd.resources (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT schedule_exceptions_location_fk FOREIGN KEY (clinic_id, location_id)
        REFERENCES clinicd.locations (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT schedule_exceptions_owner_kind_ck CHECK (
        owner_kind IN ('clinic', 'location', 'practitioner', 'resource')),
    CONSTRAINT schedule_exceptions_owner_ck CHECK (
        (practitioner_id IS NOT NULL) = (owner_kind = 'practitioner')
        AND (resource_id IS NOT NULL) = (owner_kind = 'resource')
        AND (owner_kind NOT IN ('clinic', 'resource') OR location_id IS NULL)
        AND (owner_kind <> 'practitioner' OR kind <> 'closed' OR location_id IS NULL)),
    CONSTRAINT schedule_exceptions_kind_ck CHECK (kind IN ('closed', 'extra', 'changed')),
    CONSTRAINT schedule_exceptions_last_on_ck CHECK (last_on BETWEEN first_on AND first_on + 365),
    CONSTRAINT schedule_exceptions_from_minute_ck CHECK (from_minute BETWEEN 0 AND 1439),
    CONSTRAINT schedule_exceptions_to_minute_ck CHECK (
        to_minute BETWEEN 0 AND 1440
        AND to_minute <> from_minute
        AND (to_minute IS NULL) = (from_minute IS NULL)),
    CONSTRAINT schedule_exceptions_reason_ck CHECK (char_length(reason) BETWEEN 1 AND 200)
);

COMMENT ON TABLE clinicd.schedule_exceptions IS
    'Deviations from working_hours on each of some days, on the clock of the site. No PHI.';
COMMENT ON COLUMN clinicd.schedule_exceptions.owner_kind IS 'Whom they are about.';
COMMENT ON COLUMN clinicd.schedule_exceptions.practitioner_id IS
    'The practitioner; NULL: it is about something else.';
COMMENT ON COLUMN clinicd.schedule_exceptions.resource_id IS
    'The resource, where it stands; NULL: it is about something else.';
COMMENT ON COLUMN clinicd.schedule_exceptions.location_id IS
    'The site, or where the practitioner works then; NULL: the main site or, where a practitioner'
    ' does not work, every site; of a resource, where that stands.';
COMMENT ON COLUMN clinicd.schedule_exceptions.last_on IS 'Included.';
COMMENT ON COLUMN clinicd.schedule_exceptions.from_minute IS
    'Minutes that the clock shows after midnight on each of the days; NULL: the whole day.';
COMMENT ON COLUMN clinicd.schedule_exceptions.to_minute IS
    'The same, exclusive; before from_minute: on the next day; NULL: the whole day.';
COMMENT ON COLUMN clinicd.schedule_exceptions.created_by IS
    'The membership that declared it; NULL: the operator did.';

-- Serves what matters in a period: of the many of the past, none is read.
CREATE INDEX schedule_exceptions_by_last_ix
    ON clinicd.schedule_exceptions (clinic_id, last_on);

ALTER TABLE clinicd.schedule_exceptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.schedule_exceptions FORCE ROW LEVEL SECURITY;
CREATE POLICY schedule_exceptions_clinic_isolation ON clinicd.schedule_exceptions
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY schedule_exceptions_clinic_isolation_restrictive ON clinicd.schedule_exceptions
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));

-- Configuration, no clinical data; what was deleted stands in the audit event of that.
GRANT SELECT, INSERT, DELETE ON clinicd.schedule_exceptions TO clinicd_app;

RESET ROLE;
