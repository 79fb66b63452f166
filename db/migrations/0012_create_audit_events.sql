-- db/migrations/0012_create_audit_events.sql
-- Purpose:   audit events, and that they are never changed or removed.
-- Locks:     new table only; none on existing tables.
-- Data:      none.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

-- No foreign keys: an event must be written whatever it is about, refused calls with made-up ids
-- included, and outlives what it tells of.
CREATE TABLE clinicd.audit_events (
    clinic_id      uuid        NOT NULL,
    id             uuid        NOT NULL,
    occurred_at    timestamptz NOT NULL DEFAULT now(),
    action         text        NOT NULL,
    method         text        NOT NULL,
    outcome        text        NOT NULL,
    actor_id       uuid,
    actor_roles    text        NOT NULL DEFAULT '',
    session_id     uuid,
    patient_id     uuid,
    entity_type    text,
    entity_id      uuid,
    before         jsonb,
    after          jsonb,
    request_id     text,
    client_address text        NOT NULL DEFAULT '',
    user_agent     text        NOT NULL DEFAULT '',
    purpose        text        NOT NULL DEFAULT '',

    -- Ids are UUIDv7, so a period is a range of ids and needs no index of its own.
    CONSTRAINT audit_events_pk PRIMARY KEY (clinic_id, id),
    CONSTRAINT audit_events_action_ck CHECK (action IN ('read', 'change', 'refused')),
    CONSTRAINT audit_events_method_ck CHECK (char_length(method) BETWEEN 1 AND 200),
    CONSTRAINT audit_events_outcome_ck CHECK (char_length(outcome) BETWEEN 1 AND 64),
    CONSTRAINT audit_events_actor_roles_ck CHECK (char_length(actor_roles) <= 300),
    CONSTRAINT audit_events_entity_type_ck CHECK (char_length(entity_type) BETWEEN 1 AND 64),
    CONSTRAINT audit_events_entity_id_ck CHECK (entity_id IS NULL OR entity_type IS NOT NULL),
    CONSTRAINT audit_events_before_ck CHECK (jsonb_typeof(before) = 'object'),
    CONSTRAINT audit_events_after_ck CHECK (jsonb_typeof(after) = 'object'),
    CONSTRAINT audit_events_request_id_ck CHECK (char_length(request_id) BETWEEN 1 AND 128),
    CONSTRAINT audit_events_client_address_ck CHECK (char_length(client_address) <= 255),
    CONSTRAINT audit_events_user_agent_ck CHECK (char_length(user_agent) <= 512),
    CONSTRAINT audit_events_purpose_ck CHECK (char_length(purpose) <= 200)
) WITH (
    -- It only grows: freeze and keep the visibility map current by inserts.
    autovacuum_vacuum_insert_scale_factor = 0.02
);

COMMENT ON TABLE clinicd.audit_events IS
    'Who did, read or was refused what, and how things were before and after; it only grows. PHI.';
COMMENT ON COLUMN clinicd.audit_events.outcome IS
    '"OK", or the reason of the error the call ended with.';
COMMENT ON COLUMN clinicd.audit_events.actor_id IS
    'The membership that acted; NULL: nobody was signed in.';
COMMENT ON COLUMN clinicd.audit_events.actor_roles IS
    'The roles it acted with, joined by commas.';
COMMENT ON COLUMN clinicd.audit_events.session_id IS
    'The session it happened in; NULL: nobody was signed in.';
COMMENT ON COLUMN clinicd.audit_events.patient_id IS
    'The patient it is about; NULL: none, or not exactly one.';
COMMENT ON COLUMN clinicd.audit_events.entity_type IS
    'The kind of thing it is about, in the singular; NULL: nothing in particular.';
COMMENT ON COLUMN clinicd.audit_events.entity_id IS
    'The thing it is about; NULL: not exactly one.';
COMMENT ON COLUMN clinicd.audit_events.before IS
    'The thing before a change; NULL: there was none, or nothing changed.';
COMMENT ON COLUMN clinicd.audit_events.after IS
    'The thing after a change; NULL: there is none, or nothing changed.';
COMMENT ON COLUMN clinicd.audit_events.request_id IS
    'The request_id of the call; NULL: it had none.';

-- Serves the trail of a patient and the trail of a member.
CREATE INDEX audit_events_by_patient_ix ON clinicd.audit_events (clinic_id, patient_id, id)
    WHERE patient_id IS NOT NULL;
CREATE INDEX audit_events_by_actor_ix ON clinicd.audit_events (clinic_id, actor_id, id)
    WHERE actor_id IS NOT NULL;

ALTER TABLE clinicd.audit_events ALTER COLUMN clinic_id SET STATISTICS 1000;

-- Stands behind the missing grants, and binds the owner too.
CREATE TRIGGER audit_events_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON clinicd.audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION clinicd.refuse_change();

ALTER TABLE clinicd.audit_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.audit_events FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_events_clinic_isolation ON clinicd.audit_events
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY audit_events_clinic_isolation_restrictive ON clinicd.audit_events
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));

GRANT SELECT, INSERT ON clinicd.audit_events TO clinicd_app;

RESET ROLE;
