-- db/migrations/0030_create_audit_findings.sql
-- Purpose:   what was unusual in the audit trail, day by day, for somebody to look into.
-- Locks:     new table; ACCESS EXCLUSIVE on clinics and patients for a moment (columns with constant
--            defaults).
-- Data:      none.
-- Roll back: never in place; a later migration drops the table and the columns.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

ALTER TABLE clinicd.clinics
    ADD COLUMN audit_daily_patients_max integer NOT NULL DEFAULT 100,
    ADD COLUMN audit_digested_on date,
    ADD CONSTRAINT clinics_audit_daily_patients_max_ck CHECK (
        audit_daily_patients_max BETWEEN 1 AND 100000);
COMMENT ON COLUMN clinicd.clinics.audit_daily_patients_max IS
    'How many patients anybody may have to do with in a day before it is unusual.';
COMMENT ON COLUMN clinicd.clinics.audit_digested_on IS
    'The last day whose events were gone through for what is unusual; NULL: none was.';
GRANT UPDATE (audit_daily_patients_max, audit_digested_on) ON clinicd.clinics TO clinicd_app;

ALTER TABLE clinicd.patients ADD COLUMN vip boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN clinicd.patients.vip IS 'Every access to the record is to be looked at.';
GRANT UPDATE (vip) ON clinicd.patients TO clinicd_app;

-- Neither actor nor patient is a foreign key: a finding outlives what it is about, as events do.
CREATE TABLE clinicd.audit_findings (
    clinic_id   uuid        NOT NULL,
    id          uuid        NOT NULL,
    day         date        NOT NULL,
    rule        text        NOT NULL,
    actor_id    uuid        NOT NULL,
    patient_id  uuid,
    found_count bigint      NOT NULL,
    first_at    timestamptz NOT NULL,
    last_at     timestamptz NOT NULL,
    state       text        NOT NULL DEFAULT 'open',
    note        text        NOT NULL DEFAULT '',
    closed_at   timestamptz,
    closed_by   uuid,
    row_version bigint      NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT audit_findings_pk PRIMARY KEY (clinic_id, id),
    -- The events of a day may be gone through again, by another server too.
    CONSTRAINT audit_findings_once_uq
        UNIQUE NULLS NOT DISTINCT (clinic_id, day, rule, actor_id, patient_id),
    CONSTRAINT audit_findings_clinic_fk FOREIGN KEY (clinic_id)
        REFERENCES clinicd.clinics (id) ON DELETE RESTRICT,
    CONSTRAINT audit_findings_rule_ck CHECK (rule IN (
        'many_patients', 'out_of_hours', 'own_family_name', 'break_glass', 'vip', 'refused_calls')),
    CONSTRAINT audit_findings_found_count_ck CHECK (found_count >= 1),
    CONSTRAINT audit_findings_last_at_ck CHECK (last_at >= first_at),
    CONSTRAINT audit_findings_state_ck CHECK (state IN ('open', 'closed')),
    CONSTRAINT audit_findings_note_ck CHECK (char_length(note) <= 2000),
    CONSTRAINT audit_findings_closed_at_ck CHECK (
        (state = 'closed') = (closed_at IS NOT NULL)
        AND (state <> 'closed' OR note <> '')),
    CONSTRAINT audit_findings_row_version_ck CHECK (row_version >= 1)
);

COMMENT ON TABLE clinicd.audit_findings IS
    'What was unusual in the audit events of a day, until somebody closes it. PHI.';
COMMENT ON COLUMN clinicd.audit_findings.day IS 'In the time zone of the clinic.';
COMMENT ON COLUMN clinicd.audit_findings.rule IS 'What makes it unusual.';
COMMENT ON COLUMN clinicd.audit_findings.actor_id IS 'The membership that acted.';
COMMENT ON COLUMN clinicd.audit_findings.patient_id IS
    'The patient it is about; NULL: several, or none.';
COMMENT ON COLUMN clinicd.audit_findings.found_count IS
    'How many patients, for many_patients; how many events otherwise.';
COMMENT ON COLUMN clinicd.audit_findings.note IS 'What it was, by whoever closed it.';
COMMENT ON COLUMN clinicd.audit_findings.closed_at IS 'NULL: it is open.';
COMMENT ON COLUMN clinicd.audit_findings.closed_by IS
    'The membership that closed it; NULL: it is open.';

-- Serves the list: what is open comes first.
CREATE INDEX audit_findings_by_state_ix ON clinicd.audit_findings (clinic_id, state, id);

ALTER TABLE clinicd.audit_findings ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.audit_findings FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_findings_clinic_isolation ON clinicd.audit_findings
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY audit_findings_clinic_isolation_restrictive ON clinicd.audit_findings
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));

GRANT SELECT, INSERT ON clinicd.audit_findings TO clinicd_app;
GRANT UPDATE (state, note, closed_at, closed_by, row_version)
    ON clinicd.audit_findings TO clinicd_app;

RESET ROLE;
