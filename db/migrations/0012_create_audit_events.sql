-- db/migrations/0012_create_audit_events.sql
-- Purpose:   audit events, by month, and that they are never changed or removed.
-- Locks:     new table only; none on existing tables.
-- Data:      none.
-- Roll back: never in place; a later migration drops the table.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

-- No foreign keys: an event must be written whatever it is about, refused calls with made-up ids
-- included, and outlives what it tells of. Ids are UUIDv7, so that a month is a range of ids, and
-- the key of the table serves periods as well.
CREATE TABLE clinicd.audit_events (
    clinic_id      uuid        NOT NULL,
    id             uuid        NOT NULL,
    occurred_at    timestamptz NOT NULL DEFAULT now(),
    recorded_at    timestamptz NOT NULL DEFAULT now(),
    transaction_number bigint  NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    category       text        NOT NULL,
    action         text        NOT NULL,
    method         text        NOT NULL,
    outcome        text        NOT NULL,
    actor_id       uuid,
    actor_roles    text        NOT NULL DEFAULT '',
    acting_for     uuid,
    purpose        text        NOT NULL DEFAULT '',
    session_id     uuid,
    patient_id     uuid,
    entity_type    text,
    entity_id      uuid,
    entity_version bigint,
    changed_fields text        NOT NULL DEFAULT '',
    before_sealed  bytea,
    after_sealed   bytea,
    request_id     text,
    client_address text        NOT NULL DEFAULT '',
    user_agent     text        NOT NULL DEFAULT '',
    node           text        NOT NULL DEFAULT '',
    build          text        NOT NULL DEFAULT '',

    CONSTRAINT audit_events_pk PRIMARY KEY (clinic_id, id),
    CONSTRAINT audit_events_category_ck CHECK (category IN (
        'record', 'sign_in', 'permission', 'export', 'erasure', 'key', 'operation')),
    CONSTRAINT audit_events_action_ck CHECK (action IN (
        'create', 'read', 'update', 'delete', 'execute')),
    CONSTRAINT audit_events_method_ck CHECK (char_length(method) BETWEEN 1 AND 200),
    CONSTRAINT audit_events_outcome_ck CHECK (char_length(outcome) BETWEEN 1 AND 64),
    CONSTRAINT audit_events_actor_roles_ck CHECK (char_length(actor_roles) <= 300),
    CONSTRAINT audit_events_purpose_ck CHECK (char_length(purpose) <= 200),
    CONSTRAINT audit_events_entity_type_ck CHECK (char_length(entity_type) BETWEEN 1 AND 64),
    CONSTRAINT audit_events_entity_id_ck CHECK (entity_id IS NULL OR entity_type IS NOT NULL),
    CONSTRAINT audit_events_entity_version_ck CHECK (entity_version >= 1),
    CONSTRAINT audit_events_changed_fields_ck CHECK (char_length(changed_fields) <= 2000),
    CONSTRAINT audit_events_request_id_ck CHECK (char_length(request_id) BETWEEN 1 AND 128),
    CONSTRAINT audit_events_client_address_ck CHECK (char_length(client_address) <= 255),
    CONSTRAINT audit_events_user_agent_ck CHECK (char_length(user_agent) <= 512),
    CONSTRAINT audit_events_node_ck CHECK (char_length(node) <= 255),
    CONSTRAINT audit_events_build_ck CHECK (char_length(build) <= 100)
) PARTITION BY RANGE (id);

COMMENT ON TABLE clinicd.audit_events IS
    'Who did, read or was refused what, and how things were before and after; it only grows. PHI.';
COMMENT ON COLUMN clinicd.audit_events.occurred_at IS
    'By the clock of the server.';
COMMENT ON COLUMN clinicd.audit_events.recorded_at IS
    'When the transaction began, by the clock of the database.';
COMMENT ON COLUMN clinicd.audit_events.transaction_number IS
    'What tells the sealer when nothing before an event can commit any more. Nobody else reads it: '
    'it counts the transactions of all clinics.';
COMMENT ON COLUMN clinicd.audit_events.category IS
    'What kind of event: of a record, signing in or out, rights, an export, an erasure, a key, or '
    'the operation of the server.';
COMMENT ON COLUMN clinicd.audit_events.outcome IS
    '"OK", or the reason of the error the call ended with.';
COMMENT ON COLUMN clinicd.audit_events.actor_id IS
    'The membership that acted; NULL: nobody was signed in.';
COMMENT ON COLUMN clinicd.audit_events.actor_roles IS
    'The roles it acted with, joined by commas.';
COMMENT ON COLUMN clinicd.audit_events.acting_for IS
    'The membership in whose place the actor acted; NULL: in nobody''s.';
COMMENT ON COLUMN clinicd.audit_events.session_id IS
    'The session it happened in; NULL: nobody was signed in.';
COMMENT ON COLUMN clinicd.audit_events.patient_id IS
    'The patient it is about; NULL: none, or not exactly one.';
COMMENT ON COLUMN clinicd.audit_events.entity_type IS
    'The kind of thing it is about, in the singular; NULL: nothing in particular.';
COMMENT ON COLUMN clinicd.audit_events.entity_id IS
    'The thing it is about; NULL: not exactly one.';
COMMENT ON COLUMN clinicd.audit_events.entity_version IS
    'The version of the thing after a change, or that was read; NULL: it has none, or is not known.';
COMMENT ON COLUMN clinicd.audit_events.changed_fields IS
    'The fields of the thing that the change touched, sorted, joined by commas; empty where it was '
    'made or removed as a whole.';
COMMENT ON COLUMN clinicd.audit_events.before_sealed IS
    'The thing before a change as JSON, sealed under the key of the patient, otherwise of the '
    'clinic; NULL: there was none, or nothing changed.';
COMMENT ON COLUMN clinicd.audit_events.after_sealed IS
    'The thing after a change, likewise; NULL: there is none, or nothing changed.';
COMMENT ON COLUMN clinicd.audit_events.request_id IS
    'The request_id of the call; NULL: it had none.';
COMMENT ON COLUMN clinicd.audit_events.node IS
    'The server that wrote it.';
COMMENT ON COLUMN clinicd.audit_events.build IS
    'The version of that server.';

-- Serve the trails of a patient, of a member, and of any other thing. A patient as a thing is found
-- by the first.
CREATE INDEX audit_events_by_patient_ix ON clinicd.audit_events (clinic_id, patient_id, id)
    WHERE patient_id IS NOT NULL;
CREATE INDEX audit_events_by_actor_ix ON clinicd.audit_events (clinic_id, actor_id, id)
    WHERE actor_id IS NOT NULL;
CREATE INDEX audit_events_by_entity_ix ON clinicd.audit_events (clinic_id, entity_id, id)
    WHERE entity_id IS NOT NULL AND entity_type <> 'patient';
-- Serves the sealer, which takes what is new of all clinics at once. Therefore it does not start
-- with the clinic.
CREATE INDEX audit_events_by_transaction_ix ON clinicd.audit_events (transaction_number, id);

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
-- clinicd_sealer is left out: it seals the events of all clinics.
CREATE POLICY audit_events_clinic_isolation_restrictive ON clinicd.audit_events
    AS RESTRICTIVE FOR ALL TO clinicd_app, clinicd_auth, clinicd_jobs, clinicd_owner
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY audit_events_sealing ON clinicd.audit_events
    FOR SELECT TO clinicd_sealer
    USING (true);

GRANT INSERT (clinic_id, id, occurred_at, category, action, method, outcome, actor_id, actor_roles,
    acting_for, purpose, session_id, patient_id, entity_type, entity_id, entity_version,
    changed_fields, before_sealed, after_sealed, request_id, client_address, user_agent, node,
    build) ON clinicd.audit_events TO clinicd_app;
GRANT SELECT (clinic_id, id, occurred_at, recorded_at, category, action, method, outcome, actor_id,
    actor_roles, acting_for, purpose, session_id, patient_id, entity_type, entity_id,
    entity_version, changed_fields, before_sealed, after_sealed, request_id, client_address,
    user_agent, node, build) ON clinicd.audit_events TO clinicd_app;
GRANT SELECT ON clinicd.audit_events TO clinicd_sealer;

-- For events of a month that has no partition, because a clock is wrong by months: an event is
-- never refused for that.
CREATE TABLE clinicd_partitions.audit_events_default
    PARTITION OF clinicd.audit_events DEFAULT
    WITH (autovacuum_vacuum_insert_scale_factor = 0.02);
CREATE TRIGGER audit_events_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON clinicd_partitions.audit_events_default
    FOR EACH STATEMENT EXECUTE FUNCTION clinicd.refuse_change();

-- The smallest UUIDv7 of an instant.
CREATE FUNCTION clinicd.first_uuid_at(instant timestamptz)
    RETURNS uuid
    LANGUAGE sql
    STABLE
    PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    RETURN (lpad(to_hex((extract(epoch FROM instant) * 1000)::bigint), 12, '0')
        || '00000000000000000000')::uuid;

COMMENT ON FUNCTION clinicd.first_uuid_at(timestamptz) IS
    'The bound between the UUIDv7 made before an instant, to the millisecond, and those from then on.';

-- Makes what is missing of the partitions from the month of `now` on; how many it made. A partition
-- is made on its own and then attached, which waits for no reader.
CREATE FUNCTION clinicd.create_audit_partitions(months_ahead integer)
    RETURNS integer
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET timezone = 'UTC'
    SET lock_timeout = '2s'
AS $function$
DECLARE
    month  timestamptz;
    name   text;
    made   integer := 0;
BEGIN
    IF months_ahead NOT BETWEEN 0 AND 24 THEN
        RAISE EXCEPTION 'months_ahead must be 0 to 24, is %', months_ahead
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Servers that start together make them one after the other.
    PERFORM pg_advisory_xact_lock(hashtextextended('clinicd create_audit_partitions', 0));
    FOR month IN
        SELECT generate_series(date_trunc('month', now()),
            date_trunc('month', now()) + make_interval(months => months_ahead), '1 month')
    LOOP
        name := 'audit_events_' || to_char(month, 'YYYY_MM');
        CONTINUE WHEN to_regclass('clinicd_partitions.' || name) IS NOT NULL;
        EXECUTE format('CREATE TABLE clinicd_partitions.%I (LIKE clinicd.audit_events INCLUDING '
            'DEFAULTS INCLUDING CONSTRAINTS) WITH (autovacuum_vacuum_insert_scale_factor = 0.02)',
            name);
        EXECUTE format('CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE '
            'ON clinicd_partitions.%I FOR EACH STATEMENT EXECUTE FUNCTION clinicd.refuse_change()',
            name);
        EXECUTE format('ALTER TABLE clinicd.audit_events ATTACH PARTITION clinicd_partitions.%I '
            'FOR VALUES FROM (%L) TO (%L)', name, clinicd.first_uuid_at(month),
            clinicd.first_uuid_at(month + interval '1 month'));
        made := made + 1;
    END LOOP;
    RETURN made;
END
$function$;

COMMENT ON FUNCTION clinicd.create_audit_partitions(integer) IS
    'Makes the partitions of audit events of this month and of that many after it.';
GRANT EXECUTE ON FUNCTION clinicd.create_audit_partitions(integer) TO clinicd_jobs, clinicd_sealer;

-- The first ones. Servers make the others.
SELECT clinicd.create_audit_partitions(2);

RESET ROLE;
