-- db/migrations/0017_create_visit_types.sql
-- Purpose:   visit types: what a clinic offers, and which resources it takes when.
-- Locks:     new tables; SHARE ROW EXCLUSIVE on clinics for a moment (foreign key).
-- Data:      none.
-- Roll back: never in place; a later migration drops the tables.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

CREATE TABLE clinicd.visit_types (
    clinic_id             uuid        NOT NULL,
    id                    uuid        NOT NULL,
    name                  text        NOT NULL,
    description           text        NOT NULL DEFAULT '',
    color                 text,
    buffer_before_minutes integer     NOT NULL DEFAULT 0,
    buffer_after_minutes  integer     NOT NULL DEFAULT 0,
    online_bookable       boolean     NOT NULL DEFAULT false,
    min_notice_minutes    integer     NOT NULL DEFAULT 0,
    booking_window_days   integer     NOT NULL DEFAULT 0,
    cancel_cutoff_minutes integer     NOT NULL DEFAULT 0,
    active                boolean     NOT NULL DEFAULT true,
    external_id           text,
    row_version           bigint      NOT NULL DEFAULT 1,
    created_at            timestamptz NOT NULL DEFAULT now(),
    created_by            uuid,

    CONSTRAINT visit_types_pk PRIMARY KEY (clinic_id, id),
    CONSTRAINT visit_types_clinic_fk FOREIGN KEY (clinic_id)
        REFERENCES clinicd.clinics (id) ON DELETE RESTRICT,
    CONSTRAINT visit_types_external_id_uq UNIQUE (clinic_id, external_id),
    CONSTRAINT visit_types_name_ck CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT visit_types_description_ck CHECK (char_length(description) <= 1000),
    CONSTRAINT visit_types_color_ck CHECK (color ~ '^#[0-9a-f]{6}$'),
    CONSTRAINT visit_types_buffer_before_minutes_ck CHECK (
        buffer_before_minutes BETWEEN 0 AND 240),
    CONSTRAINT visit_types_buffer_after_minutes_ck CHECK (
        buffer_after_minutes BETWEEN 0 AND 240),
    CONSTRAINT visit_types_min_notice_minutes_ck CHECK (min_notice_minutes BETWEEN 0 AND 525600),
    CONSTRAINT visit_types_booking_window_days_ck CHECK (booking_window_days BETWEEN 0 AND 730),
    CONSTRAINT visit_types_cancel_cutoff_minutes_ck CHECK (
        cancel_cutoff_minutes BETWEEN 0 AND 525600),
    CONSTRAINT visit_types_external_id_ck CHECK (char_length(external_id) BETWEEN 1 AND 200),
    CONSTRAINT visit_types_row_version_ck CHECK (row_version >= 1)
);

COMMENT ON TABLE clinicd.visit_types IS
    'What a clinic offers; how long it takes follows from visit_type_segments. No PHI.';
COMMENT ON COLUMN clinicd.visit_types.color IS
    'How it is shown in a diary, as #rrggbb; NULL: as the client likes.';
COMMENT ON COLUMN clinicd.visit_types.booking_window_days IS
    'How far ahead patients may book online; 0: without limit.';
COMMENT ON COLUMN clinicd.visit_types.external_id IS
    'Id in the system the row was imported from; NULL: not imported.';
COMMENT ON COLUMN clinicd.visit_types.created_by IS
    'The membership that added the row; NULL: the operator did.';

-- Serves ListVisitTypes, which pages by name.
CREATE INDEX visit_types_by_name_ix ON clinicd.visit_types (clinic_id, name, id);

ALTER TABLE clinicd.visit_types ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.visit_types FORCE ROW LEVEL SECURITY;
CREATE POLICY visit_types_clinic_isolation ON clinicd.visit_types
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY visit_types_clinic_isolation_restrictive ON clinicd.visit_types
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));

GRANT SELECT, INSERT ON clinicd.visit_types TO clinicd_app;
GRANT UPDATE (name, description, color, buffer_before_minutes, buffer_after_minutes,
        online_bookable, min_notice_minutes, booking_window_days, cancel_cutoff_minutes, active,
        row_version)
    ON clinicd.visit_types TO clinicd_app;

CREATE TABLE clinicd.visit_type_segments (
    clinic_id        uuid     NOT NULL,
    visit_type_id    uuid     NOT NULL,
    position         smallint NOT NULL,
    resource_kind    text     NOT NULL,
    offset_minutes   integer  NOT NULL,
    duration_minutes integer  NOT NULL,

    CONSTRAINT visit_type_segments_pk PRIMARY KEY (clinic_id, visit_type_id, position),
    CONSTRAINT visit_type_segments_visit_type_fk FOREIGN KEY (clinic_id, visit_type_id)
        REFERENCES clinicd.visit_types (clinic_id, id) ON DELETE RESTRICT,
    CONSTRAINT visit_type_segments_position_ck CHECK (position BETWEEN 1 AND 20),
    CONSTRAINT visit_type_segments_resource_kind_ck CHECK (
        resource_kind IN ('practitioner', 'chair', 'assistant', 'device', 'room')),
    CONSTRAINT visit_type_segments_offset_minutes_ck CHECK (offset_minutes >= 0),
    -- No visit is longer than an appointment may be.
    CONSTRAINT visit_type_segments_duration_minutes_ck CHECK (
        duration_minutes >= 1 AND offset_minutes + duration_minutes <= 1440)
);

COMMENT ON TABLE clinicd.visit_type_segments IS
    'Which kind of resource a visit occupies from when to when. At least one segment of a visit'
    ' type is of a practitioner. No PHI.';

ALTER TABLE clinicd.visit_type_segments ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.visit_type_segments FORCE ROW LEVEL SECURITY;
CREATE POLICY visit_type_segments_clinic_isolation ON clinicd.visit_type_segments
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY visit_type_segments_clinic_isolation_restrictive ON clinicd.visit_type_segments
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));

-- A part of its visit type and replaced with it: that is configuration, no clinical data, and what
-- it was stands in the audit event of the change.
GRANT SELECT, INSERT, DELETE ON clinicd.visit_type_segments TO clinicd_app;

RESET ROLE;
