CREATE SCHEMA clinicd;

ALTER SCHEMA clinicd OWNER TO clinicd_owner;

CREATE DOMAIN clinicd.audit_action AS text
	CONSTRAINT audit_action_ck CHECK ((VALUE = ANY (ARRAY['create'::text, 'read'::text, 'update'::text, 'delete'::text, 'execute'::text])));

ALTER DOMAIN clinicd.audit_action OWNER TO clinicd_owner;

CREATE DOMAIN clinicd.audit_actor_roles AS text
	CONSTRAINT audit_actor_roles_ck CHECK ((char_length(VALUE) <= 300));

ALTER DOMAIN clinicd.audit_actor_roles OWNER TO clinicd_owner;

CREATE DOMAIN clinicd.audit_build AS text
	CONSTRAINT audit_build_ck CHECK ((char_length(VALUE) <= 100));

ALTER DOMAIN clinicd.audit_build OWNER TO clinicd_owner;

CREATE DOMAIN clinicd.audit_category AS text
	CONSTRAINT audit_category_ck CHECK ((VALUE = ANY (ARRAY['record'::text, 'sign_in'::text, 'permission'::text, 'export'::text, 'erasure'::text, 'key'::text, 'operation'::text])));

ALTER DOMAIN clinicd.audit_category OWNER TO clinicd_owner;

CREATE DOMAIN clinicd.audit_changed_fields AS text
	CONSTRAINT audit_changed_fields_ck CHECK ((char_length(VALUE) <= 2000));

ALTER DOMAIN clinicd.audit_changed_fields OWNER TO clinicd_owner;

CREATE DOMAIN clinicd.audit_client_address AS text
	CONSTRAINT audit_client_address_ck CHECK ((char_length(VALUE) <= 255));

ALTER DOMAIN clinicd.audit_client_address OWNER TO clinicd_owner;

CREATE DOMAIN clinicd.audit_entity_type AS text
	CONSTRAINT audit_entity_type_ck CHECK (((char_length(VALUE) >= 1) AND (char_length(VALUE) <= 64)));

ALTER DOMAIN clinicd.audit_entity_type OWNER TO clinicd_owner;

CREATE DOMAIN clinicd.audit_entity_version AS bigint
	CONSTRAINT audit_entity_version_ck CHECK ((VALUE >= 1));

ALTER DOMAIN clinicd.audit_entity_version OWNER TO clinicd_owner;

CREATE DOMAIN clinicd.audit_method AS text
	CONSTRAINT audit_method_ck CHECK (((char_length(VALUE) >= 1) AND (char_length(VALUE) <= 200)));

ALTER DOMAIN clinicd.audit_method OWNER TO clinicd_owner;

CREATE DOMAIN clinicd.audit_node AS text
	CONSTRAINT audit_node_ck CHECK ((char_length(VALUE) <= 255));

ALTER DOMAIN clinicd.audit_node OWNER TO clinicd_owner;

CREATE DOMAIN clinicd.audit_outcome AS text
	CONSTRAINT audit_outcome_ck CHECK (((char_length(VALUE) >= 1) AND (char_length(VALUE) <= 64)));

ALTER DOMAIN clinicd.audit_outcome OWNER TO clinicd_owner;

CREATE DOMAIN clinicd.audit_purpose AS text
	CONSTRAINT audit_purpose_ck CHECK ((char_length(VALUE) <= 200));

ALTER DOMAIN clinicd.audit_purpose OWNER TO clinicd_owner;

CREATE DOMAIN clinicd.audit_request_id AS text
	CONSTRAINT audit_request_id_ck CHECK (((char_length(VALUE) >= 1) AND (char_length(VALUE) <= 128)));

ALTER DOMAIN clinicd.audit_request_id OWNER TO clinicd_owner;

CREATE DOMAIN clinicd.audit_user_agent AS text
	CONSTRAINT audit_user_agent_ck CHECK ((char_length(VALUE) <= 512));

ALTER DOMAIN clinicd.audit_user_agent OWNER TO clinicd_owner;

CREATE FUNCTION clinicd.create_audit_partitions(months_ahead integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    SET lock_timeout TO '2s'
    AS $$
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
        EXECUTE format('CREATE POLICY audit_events_retention ON clinicd_partitions.%I FOR SELECT '
            'TO clinicd_owner USING (true)', name);
        EXECUTE format('ALTER TABLE clinicd.audit_events ATTACH PARTITION clinicd_partitions.%I '
            'FOR VALUES FROM (%L) TO (%L)', name, clinicd.first_uuid_at(month),
            clinicd.first_uuid_at(month + interval '1 month'));
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;

ALTER FUNCTION clinicd.create_audit_partitions(months_ahead integer) OWNER TO clinicd_owner;

COMMENT ON FUNCTION clinicd.create_audit_partitions(months_ahead integer) IS 'Makes the partitions of audit events of this month and of that many after it.';

CREATE FUNCTION clinicd.current_clinic_id() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('clinicd.clinic_id'::text, true), ''::text))::uuid;

ALTER FUNCTION clinicd.current_clinic_id() OWNER TO clinicd_owner;

COMMENT ON FUNCTION clinicd.current_clinic_id() IS 'The clinic that this transaction works for; NULL when none was set.';

CREATE FUNCTION clinicd.drop_audit_partition(name text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    SET lock_timeout TO '2s'
    AS $_$
DECLARE
    partition regclass := to_regclass('clinicd_partitions.' || quote_ident(name));
    month     timestamptz;
    over      timestamptz;
    clinic    uuid;
    lost      bigint;
    years     smallint;
    applies   boolean;
    verdict   text := 'dropped';
    -- Of the transaction, to which it is given back.
    scope     text := coalesce(current_setting('clinicd.clinic_id', true), '');
BEGIN
    -- Where the policy is missing, a month full of events would look empty.
    IF name IS NULL OR name !~ '^audit_events_[0-9]{4}_(0[1-9]|1[0-2])$' OR NOT EXISTS (
        SELECT FROM pg_inherits AS child
        JOIN pg_policy AS reading
            ON reading.polrelid = child.inhrelid AND reading.polname = 'audit_events_retention'
        WHERE child.inhrelid = partition AND child.inhparent = 'clinicd.audit_events'::regclass)
    THEN
        RAISE EXCEPTION 'not the events of a month: %', name
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    month := to_timestamp(right(name, 7), 'YYYY_MM');
    over := month + interval '1 month';
    -- What nobody may shorten is looked at before any lock.
    IF over + interval '7 years' > now() THEN
        RETURN 'retained';
    END IF;
    -- Nothing is added while it is decided; a hold that is being placed is waited for.
    EXECUTE format('LOCK TABLE %s IN SHARE MODE', partition);
    LOCK TABLE clinicd.audit_legal_holds IN SHARE MODE;
    FOR clinic IN EXECUTE format('SELECT DISTINCT clinic_id FROM %s', partition) LOOP
        PERFORM set_config('clinicd.clinic_id', clinic::text, true);
        SELECT c.audit_retention_years INTO years FROM clinicd.clinics AS c WHERE c.id = clinic;
        -- A clinic that is not known keeps its events for as long as any may.
        IF over + make_interval(years => coalesce(years, 30)) > now() THEN
            verdict := 'retained';
            EXIT;
        END IF;
        EXECUTE format('SELECT EXISTS (SELECT FROM clinicd.audit_legal_holds AS hold '
            'WHERE hold.clinic_id = $1 AND hold.state = ''in_force'' AND (hold.patient_id IS NULL '
            'OR EXISTS (SELECT FROM %s AS event WHERE event.clinic_id = $1 '
            'AND event.patient_id = hold.patient_id)))', partition) INTO applies USING clinic;
        IF applies THEN
            verdict := 'held';
            EXIT;
        END IF;
        EXECUTE format('SELECT EXISTS (SELECT FROM %s AS event WHERE event.clinic_id = $1 '
            'AND NOT EXISTS (SELECT FROM clinicd.audit_leaves AS leaf WHERE leaf.clinic_id = $1 '
            'AND leaf.event_id = event.id))', partition) INTO applies USING clinic;
        IF applies THEN
            verdict := 'unsealed';
            EXIT;
        END IF;
    END LOOP;
    IF verdict = 'dropped' THEN
        FOR clinic, lost IN
            EXECUTE format('SELECT clinic_id, count(*) FROM %s GROUP BY clinic_id', partition)
        LOOP
            PERFORM set_config('clinicd.clinic_id', clinic::text, true);
            -- A UUIDv7, made by hand.
            INSERT INTO clinicd.audit_events
                (clinic_id, id, category, action, method, outcome, purpose, entity_type)
            VALUES (clinic, (left(replace(clinicd.first_uuid_at(now())::text, '-', ''), 12) || '7'
                || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid,
                'erasure', 'delete', 'clinicd.drop_audit_partition', 'OK',
                format('retention of %s is over: %s events', to_char(month, 'YYYY-MM'), lost),
                'audit_partition');
        END LOOP;
        EXECUTE format('DROP TABLE %s', partition);
    END IF;
    PERFORM set_config('clinicd.clinic_id', scope, true);
    RETURN verdict;
END
$_$;

ALTER FUNCTION clinicd.drop_audit_partition(name text) OWNER TO clinicd_owner;

COMMENT ON FUNCTION clinicd.drop_audit_partition(name text) IS 'Drops the audit events of a month that nobody has to keep any more.';

CREATE FUNCTION clinicd.first_uuid_at(instant timestamp with time zone) RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN ((lpad(to_hex(((EXTRACT(epoch FROM instant) * (1000)::numeric))::bigint), 12, '0'::text) || '00000000000000000000'::text))::uuid;

ALTER FUNCTION clinicd.first_uuid_at(instant timestamp with time zone) OWNER TO clinicd_owner;

COMMENT ON FUNCTION clinicd.first_uuid_at(instant timestamp with time zone) IS 'The bound between the UUIDv7 made before an instant, to the millisecond, and those from then on.';

CREATE FUNCTION clinicd.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    RAISE EXCEPTION '% on append-only table %.%', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege',
            SCHEMA = TG_TABLE_SCHEMA,
            TABLE = TG_TABLE_NAME,
            CONSTRAINT = TG_NAME;
END
$$;

ALTER FUNCTION clinicd.refuse_change() OWNER TO clinicd_owner;

COMMENT ON FUNCTION clinicd.refuse_change() IS 'Statement trigger of append-only tables: ends every UPDATE, DELETE and TRUNCATE with 42501.';

CREATE TABLE clinicd.appointment_events (
    clinic_id uuid NOT NULL,
    appointment_id uuid NOT NULL,
    row_version bigint NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    practitioner_id uuid NOT NULL,
    local_start timestamp without time zone NOT NULL,
    time_zone text NOT NULL,
    duration_minutes integer NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    caused_by uuid,
    CONSTRAINT appointment_events_duration_minutes_ck CHECK (((duration_minutes >= 1) AND (duration_minutes <= 1440))),
    CONSTRAINT appointment_events_kind_ck CHECK ((kind = ANY (ARRAY['booked'::text, 'confirmed'::text, 'arrived'::text, 'seated'::text, 'completed'::text, 'reopened'::text, 'no_show'::text, 'cancelled'::text, 'rescheduled'::text, 'entered_in_error'::text, 'clock_changed'::text]))),
    CONSTRAINT appointment_events_reason_ck CHECK ((char_length(reason) <= 200)),
    CONSTRAINT appointment_events_row_version_ck CHECK ((row_version >= 1)),
    CONSTRAINT appointment_events_state_ck CHECK ((state = ANY (ARRAY['booked'::text, 'confirmed'::text, 'arrived'::text, 'in_chair'::text, 'completed'::text, 'no_show'::text, 'cancelled'::text, 'entered_in_error'::text]))),
    CONSTRAINT appointment_events_time_zone_ck CHECK (((char_length(time_zone) >= 1) AND (char_length(time_zone) <= 64)))
);

ALTER TABLE ONLY clinicd.appointment_events FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.appointment_events OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.appointment_events IS 'How appointments came to be as they are: one row a version, never changed. PHI.';

COMMENT ON COLUMN clinicd.appointment_events.state IS 'The state after the event. The other columns up to duration_minutes are as they were then, too.';

COMMENT ON COLUMN clinicd.appointment_events.caused_by IS 'The membership that did it; NULL: the operator or the server did.';

CREATE TABLE clinicd.appointment_series (
    clinic_id uuid NOT NULL,
    id uuid NOT NULL,
    patient_id uuid NOT NULL,
    practitioner_id uuid NOT NULL,
    rule text NOT NULL,
    excluded_starts text DEFAULT ''::text NOT NULL,
    local_start timestamp without time zone NOT NULL,
    time_zone text NOT NULL,
    duration_minutes integer NOT NULL,
    buffer_before_minutes integer DEFAULT 0 NOT NULL,
    buffer_after_minutes integer DEFAULT 0 NOT NULL,
    allocations text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'active'::text NOT NULL,
    continues_id uuid,
    row_version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by uuid,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    visit_type_id uuid,
    CONSTRAINT appointment_series_allocations_ck CHECK (((char_length(allocations) >= 1) AND (char_length(allocations) <= 2000))),
    CONSTRAINT appointment_series_buffer_after_minutes_ck CHECK (((buffer_after_minutes >= 0) AND (buffer_after_minutes <= 240))),
    CONSTRAINT appointment_series_buffer_before_minutes_ck CHECK (((buffer_before_minutes >= 0) AND (buffer_before_minutes <= 240))),
    CONSTRAINT appointment_series_continues_ck CHECK ((continues_id <> id)),
    CONSTRAINT appointment_series_duration_minutes_ck CHECK (((duration_minutes >= 1) AND (duration_minutes <= 1440))),
    CONSTRAINT appointment_series_excluded_starts_ck CHECK ((char_length(excluded_starts) <= 12444)),
    CONSTRAINT appointment_series_reason_ck CHECK ((char_length(reason) <= 200)),
    CONSTRAINT appointment_series_row_version_ck CHECK ((row_version >= 1)),
    CONSTRAINT appointment_series_rule_ck CHECK (((char_length(rule) >= 1) AND (char_length(rule) <= 500))),
    CONSTRAINT appointment_series_state_ck CHECK ((state = ANY (ARRAY['active'::text, 'cancelled'::text]))),
    CONSTRAINT appointment_series_time_zone_ck CHECK (((char_length(time_zone) >= 1) AND (char_length(time_zone) <= 64)))
);
ALTER TABLE ONLY clinicd.appointment_series ALTER COLUMN clinic_id SET STATISTICS 1000;

ALTER TABLE ONLY clinicd.appointment_series FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.appointment_series OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.appointment_series IS 'Appointments of a patient that recur by a rule. What each of them is, is in appointments. PHI.';

COMMENT ON COLUMN clinicd.appointment_series.rule IS 'The recurrence rule, in the form of RFC 5545.';

COMMENT ON COLUMN clinicd.appointment_series.excluded_starts IS 'Local starts that the rule has and the series does not, YYYY-MM-DDTHH:MM, with spaces between.';

COMMENT ON COLUMN clinicd.appointment_series.local_start IS 'The first start by the rule, on the clock of time_zone; clocks may jump over it.';

COMMENT ON COLUMN clinicd.appointment_series.allocations IS 'What each of them takes but the patient: kind, id, offset and duration in minutes, with commas between the parts.';

COMMENT ON COLUMN clinicd.appointment_series.continues_id IS 'The series that this one was cut from; NULL: it was not.';

COMMENT ON COLUMN clinicd.appointment_series.created_by IS 'The membership that added the row; NULL: the operator did.';

COMMENT ON COLUMN clinicd.appointment_series.visit_type_id IS 'What kind of visits they are booked as. NULL: none was named.';

CREATE TABLE clinicd.appointments (
    clinic_id uuid NOT NULL,
    id uuid NOT NULL,
    patient_id uuid NOT NULL,
    practitioner_id uuid NOT NULL,
    local_start timestamp without time zone NOT NULL,
    time_zone text NOT NULL,
    duration_minutes integer NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    buffer_before_minutes integer DEFAULT 0 NOT NULL,
    buffer_after_minutes integer DEFAULT 0 NOT NULL,
    lane smallint DEFAULT 0 NOT NULL,
    overbook_reason text,
    reason text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'booked'::text NOT NULL,
    confirmed_at timestamp with time zone,
    arrived_at timestamp with time zone,
    seated_at timestamp with time zone,
    completed_at timestamp with time zone,
    no_show_at timestamp with time zone,
    cancelled_at timestamp with time zone,
    cancelled_by text,
    cancel_reason text,
    cancelled_late boolean,
    external_id text,
    row_version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by uuid,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    series_id uuid,
    series_ordinal integer,
    series_exception boolean DEFAULT false NOT NULL,
    visit_type_id uuid,
    CONSTRAINT appointments_arrived_at_ck CHECK (
CASE
    WHEN (state = ANY (ARRAY['booked'::text, 'confirmed'::text, 'no_show'::text])) THEN (arrived_at IS NULL)
    WHEN (state = ANY (ARRAY['arrived'::text, 'in_chair'::text, 'completed'::text])) THEN (arrived_at IS NOT NULL)
    ELSE true
END),
    CONSTRAINT appointments_buffer_after_minutes_ck CHECK (((buffer_after_minutes >= 0) AND (buffer_after_minutes <= 240))),
    CONSTRAINT appointments_buffer_before_minutes_ck CHECK (((buffer_before_minutes >= 0) AND (buffer_before_minutes <= 240))),
    CONSTRAINT appointments_cancel_reason_ck CHECK (((char_length(cancel_reason) >= 1) AND (char_length(cancel_reason) <= 200))),
    CONSTRAINT appointments_cancelled_at_ck CHECK ((
CASE state
    WHEN 'entered_in_error'::text THEN true
    ELSE ((state = 'cancelled'::text) = (cancelled_at IS NOT NULL))
END AND ((cancelled_at IS NULL) = (cancelled_by IS NULL)) AND ((cancelled_at IS NULL) = (cancel_reason IS NULL)) AND ((cancelled_at IS NULL) = (cancelled_late IS NULL)))),
    CONSTRAINT appointments_cancelled_by_ck CHECK ((cancelled_by = ANY (ARRAY['patient'::text, 'clinic'::text]))),
    CONSTRAINT appointments_completed_at_ck CHECK (
CASE state
    WHEN 'entered_in_error'::text THEN true
    ELSE ((state = 'completed'::text) = (completed_at IS NOT NULL))
END),
    CONSTRAINT appointments_confirmed_at_ck CHECK (
CASE state
    WHEN 'booked'::text THEN (confirmed_at IS NULL)
    WHEN 'confirmed'::text THEN (confirmed_at IS NOT NULL)
    ELSE true
END),
    CONSTRAINT appointments_duration_minutes_ck CHECK (((duration_minutes >= 1) AND (duration_minutes <= 1440))),
    CONSTRAINT appointments_ends_at_ck CHECK (((ends_at - starts_at) = make_interval(mins => duration_minutes))),
    CONSTRAINT appointments_external_id_ck CHECK (((char_length(external_id) >= 1) AND (char_length(external_id) <= 200))),
    CONSTRAINT appointments_lane_ck CHECK ((((lane >= 0) AND (lane <= 3)) AND ((lane = 0) OR (overbook_reason IS NOT NULL)))),
    CONSTRAINT appointments_no_show_at_ck CHECK (
CASE state
    WHEN 'entered_in_error'::text THEN true
    ELSE ((state = 'no_show'::text) = (no_show_at IS NOT NULL))
END),
    CONSTRAINT appointments_overbook_reason_ck CHECK (((char_length(overbook_reason) >= 1) AND (char_length(overbook_reason) <= 200))),
    CONSTRAINT appointments_reason_ck CHECK ((char_length(reason) <= 200)),
    CONSTRAINT appointments_row_version_ck CHECK ((row_version >= 1)),
    CONSTRAINT appointments_seated_at_ck CHECK (
CASE
    WHEN (state = ANY (ARRAY['booked'::text, 'confirmed'::text, 'arrived'::text, 'no_show'::text])) THEN (seated_at IS NULL)
    WHEN (state = ANY (ARRAY['in_chair'::text, 'completed'::text])) THEN (seated_at IS NOT NULL)
    ELSE true
END),
    CONSTRAINT appointments_series_ck CHECK ((((series_id IS NULL) = (series_ordinal IS NULL)) AND ((series_id IS NOT NULL) OR (NOT series_exception)))),
    CONSTRAINT appointments_series_ordinal_ck CHECK (((series_ordinal >= 1) AND (series_ordinal <= 1000))),
    CONSTRAINT appointments_state_ck CHECK ((state = ANY (ARRAY['booked'::text, 'confirmed'::text, 'arrived'::text, 'in_chair'::text, 'completed'::text, 'no_show'::text, 'cancelled'::text, 'entered_in_error'::text]))),
    CONSTRAINT appointments_time_zone_ck CHECK (((char_length(time_zone) >= 1) AND (char_length(time_zone) <= 64)))
)
WITH (fillfactor='90', autovacuum_vacuum_scale_factor='0.01', autovacuum_analyze_scale_factor='0.005');
ALTER TABLE ONLY clinicd.appointments ALTER COLUMN clinic_id SET STATISTICS 1000;

ALTER TABLE ONLY clinicd.appointments FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.appointments OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.appointments IS 'Booked times of patients with practitioners. PHI.';

COMMENT ON COLUMN clinicd.appointments.local_start IS 'The start as agreed, on the clock of time_zone; the truth that starts_at is derived from.';

COMMENT ON COLUMN clinicd.appointments.buffer_before_minutes IS 'Minutes before the start that nobody else may use, and the patient need not know of.';

COMMENT ON COLUMN clinicd.appointments.lane IS 'Which of the visits at the same time on the same resources it is: 0 the regular one, 1 to 3 those that were deliberately booked over it.';

COMMENT ON COLUMN clinicd.appointments.overbook_reason IS 'Why it may stand beside another, or outside of hours; NULL: it need not.';

COMMENT ON COLUMN clinicd.appointments.confirmed_at IS 'When the patient confirmed this time; NULL: not yet, or not since it was moved.';

COMMENT ON COLUMN clinicd.appointments.arrived_at IS 'When the patient came; NULL: not yet, or never.';

COMMENT ON COLUMN clinicd.appointments.seated_at IS 'When the treatment began; NULL: not yet, or never.';

COMMENT ON COLUMN clinicd.appointments.completed_at IS 'When the treatment ended; NULL: not yet, or never.';

COMMENT ON COLUMN clinicd.appointments.no_show_at IS 'When it was noted that the patient had not come; NULL: it was not.';

COMMENT ON COLUMN clinicd.appointments.cancelled_at IS 'When it was called off; NULL: it was not.';

COMMENT ON COLUMN clinicd.appointments.cancelled_by IS 'Whose wish that was; NULL: not called off.';

COMMENT ON COLUMN clinicd.appointments.cancel_reason IS 'Why it was called off; NULL: not called off.';

COMMENT ON COLUMN clinicd.appointments.cancelled_late IS 'Whether that was after the time until which cancelling is free; NULL: not called off.';

COMMENT ON COLUMN clinicd.appointments.external_id IS 'Id in the system the row was imported from; NULL: not imported.';

COMMENT ON COLUMN clinicd.appointments.created_by IS 'The membership that added the row; NULL: the operator did.';

COMMENT ON COLUMN clinicd.appointments.series_id IS 'The series that it belongs to; NULL: it stands alone.';

COMMENT ON COLUMN clinicd.appointments.series_ordinal IS 'Which one it is of those of the rule, excluded ones counted, from 1; NULL: it stands alone.';

COMMENT ON COLUMN clinicd.appointments.series_exception IS 'Whether it was moved by itself, so that changes of the series leave it alone.';

COMMENT ON COLUMN clinicd.appointments.visit_type_id IS 'What kind of visit it is; its times and parts are its own. NULL: none was named.';

CREATE TABLE clinicd.audit_checkpoints (
    meta_size bigint NOT NULL,
    note text NOT NULL,
    signed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT audit_checkpoints_meta_size_ck CHECK ((meta_size >= 1)),
    CONSTRAINT audit_checkpoints_note_ck CHECK (((char_length(note) >= 1) AND (char_length(note) <= 4000)))
);

ALTER TABLE ONLY clinicd.audit_checkpoints FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.audit_checkpoints OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.audit_checkpoints IS 'Signed notes (C2SP tlog-checkpoint) over the tree of all clinics'' heads. No PHI.';

CREATE TABLE clinicd.audit_cosignatures (
    meta_size bigint NOT NULL,
    witness text NOT NULL,
    line text NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT audit_cosignatures_line_ck CHECK (((char_length(line) >= 1) AND (char_length(line) <= 500))),
    CONSTRAINT audit_cosignatures_witness_ck CHECK (((char_length(witness) >= 1) AND (char_length(witness) <= 200)))
);

ALTER TABLE ONLY clinicd.audit_cosignatures FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.audit_cosignatures OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.audit_cosignatures IS 'What witnesses said of checkpoints: signature lines of their notes. No PHI.';

CREATE TABLE clinicd.audit_epochs (
    epoch integer NOT NULL,
    note text NOT NULL,
    acknowledged_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT audit_epochs_epoch_ck CHECK ((epoch >= 1)),
    CONSTRAINT audit_epochs_note_ck CHECK (((char_length(note) >= 1) AND (char_length(note) <= 8000)))
);

ALTER TABLE ONLY clinicd.audit_epochs FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.audit_epochs OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.audit_epochs IS 'Each time that the log of audit events went on although it had lost what it had signed: from then on it has another name. No PHI.';

COMMENT ON COLUMN clinicd.audit_epochs.note IS 'Signed with the keys of the log: what was lost, what was kept, and why.';

CREATE TABLE clinicd.audit_events (
    clinic_id uuid NOT NULL,
    id uuid NOT NULL,
    occurred_at timestamp with time zone DEFAULT now() NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    transaction_number bigint DEFAULT ((pg_current_xact_id())::text)::bigint NOT NULL,
    category clinicd.audit_category NOT NULL,
    action clinicd.audit_action NOT NULL,
    method clinicd.audit_method NOT NULL,
    outcome clinicd.audit_outcome NOT NULL,
    actor_id uuid,
    actor_roles clinicd.audit_actor_roles DEFAULT ''::text NOT NULL,
    acting_for uuid,
    purpose clinicd.audit_purpose DEFAULT ''::text NOT NULL,
    session_id uuid,
    patient_id uuid,
    entity_type clinicd.audit_entity_type,
    entity_id uuid,
    entity_version clinicd.audit_entity_version,
    changed_fields clinicd.audit_changed_fields DEFAULT ''::text NOT NULL,
    before_sealed bytea,
    after_sealed bytea,
    request_id clinicd.audit_request_id,
    client_address clinicd.audit_client_address DEFAULT ''::text NOT NULL,
    user_agent clinicd.audit_user_agent DEFAULT ''::text NOT NULL,
    node clinicd.audit_node DEFAULT ''::text NOT NULL,
    build clinicd.audit_build DEFAULT ''::text NOT NULL,
    CONSTRAINT audit_events_entity_id_ck CHECK (((entity_id IS NULL) OR (entity_type IS NOT NULL)))
)
PARTITION BY RANGE (id);
ALTER TABLE ONLY clinicd.audit_events ALTER COLUMN clinic_id SET STATISTICS 1000;

ALTER TABLE ONLY clinicd.audit_events FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.audit_events OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.audit_events IS 'Who did, read or was refused what, and how things were before and after; it only grows. PHI.';

COMMENT ON COLUMN clinicd.audit_events.occurred_at IS 'By the clock of the server.';

COMMENT ON COLUMN clinicd.audit_events.recorded_at IS 'When the transaction began, by the clock of the database.';

COMMENT ON COLUMN clinicd.audit_events.transaction_number IS 'What tells the sealer when nothing before an event can commit any more. Nobody else reads it: it counts the transactions of all clinics.';

COMMENT ON COLUMN clinicd.audit_events.category IS 'What kind of event: of a record, signing in or out, rights, an export, an erasure, a key, or the operation of the server.';

COMMENT ON COLUMN clinicd.audit_events.outcome IS '"OK", or the reason of the error the call ended with.';

COMMENT ON COLUMN clinicd.audit_events.actor_id IS 'The membership or, where actor_roles is calendar_feed, the feed that acted; NULL: nobody was signed in.';

COMMENT ON COLUMN clinicd.audit_events.actor_roles IS 'The roles it acted with, joined by commas.';

COMMENT ON COLUMN clinicd.audit_events.acting_for IS 'The membership in whose place the actor acted; NULL: in nobody''s.';

COMMENT ON COLUMN clinicd.audit_events.session_id IS 'The session it happened in; NULL: nobody was signed in.';

COMMENT ON COLUMN clinicd.audit_events.patient_id IS 'The patient it is about; NULL: none, or not exactly one.';

COMMENT ON COLUMN clinicd.audit_events.entity_type IS 'The kind of thing it is about, in the singular; NULL: nothing in particular.';

COMMENT ON COLUMN clinicd.audit_events.entity_id IS 'The thing it is about; NULL: not exactly one.';

COMMENT ON COLUMN clinicd.audit_events.entity_version IS 'The version of the thing after a change, or that was read; NULL: it has none, or is not known.';

COMMENT ON COLUMN clinicd.audit_events.changed_fields IS 'The fields of the thing that the change touched, sorted, joined by commas; empty where it was made or removed as a whole.';

COMMENT ON COLUMN clinicd.audit_events.before_sealed IS 'The thing before a change as JSON, sealed under the key of the patient, otherwise of the clinic; NULL: there was none, or nothing changed.';

COMMENT ON COLUMN clinicd.audit_events.after_sealed IS 'The thing after a change, likewise; NULL: there is none, or nothing changed.';

COMMENT ON COLUMN clinicd.audit_events.request_id IS 'The request_id of the call; NULL: it had none.';

COMMENT ON COLUMN clinicd.audit_events.node IS 'The server that wrote it.';

COMMENT ON COLUMN clinicd.audit_events.build IS 'The version of that server.';

CREATE TABLE clinicd.audit_findings (
    clinic_id uuid NOT NULL,
    id uuid NOT NULL,
    day date NOT NULL,
    rule text NOT NULL,
    actor_id uuid NOT NULL,
    patient_id uuid,
    found_count bigint NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    closed_at timestamp with time zone,
    closed_by uuid,
    row_version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT audit_findings_closed_at_ck CHECK ((((state = 'closed'::text) = (closed_at IS NOT NULL)) AND ((state <> 'closed'::text) OR (note <> ''::text)))),
    CONSTRAINT audit_findings_found_count_ck CHECK ((found_count >= 1)),
    CONSTRAINT audit_findings_last_at_ck CHECK ((last_at >= first_at)),
    CONSTRAINT audit_findings_note_ck CHECK ((char_length(note) <= 2000)),
    CONSTRAINT audit_findings_row_version_ck CHECK ((row_version >= 1)),
    CONSTRAINT audit_findings_rule_ck CHECK ((rule = ANY (ARRAY['many_patients'::text, 'out_of_hours'::text, 'own_family_name'::text, 'break_glass'::text, 'vip'::text, 'refused_calls'::text]))),
    CONSTRAINT audit_findings_state_ck CHECK ((state = ANY (ARRAY['open'::text, 'closed'::text])))
);

ALTER TABLE ONLY clinicd.audit_findings FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.audit_findings OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.audit_findings IS 'What was unusual in the audit events of a day, until somebody closes it. PHI.';

COMMENT ON COLUMN clinicd.audit_findings.day IS 'In the time zone of the clinic.';

COMMENT ON COLUMN clinicd.audit_findings.rule IS 'What makes it unusual.';

COMMENT ON COLUMN clinicd.audit_findings.actor_id IS 'The membership that acted.';

COMMENT ON COLUMN clinicd.audit_findings.patient_id IS 'The patient it is about; NULL: several, or none.';

COMMENT ON COLUMN clinicd.audit_findings.found_count IS 'How many patients, for many_patients; how many events otherwise.';

COMMENT ON COLUMN clinicd.audit_findings.note IS 'What it was, by whoever closed it.';

COMMENT ON COLUMN clinicd.audit_findings.closed_at IS 'NULL: it is open.';

COMMENT ON COLUMN clinicd.audit_findings.closed_by IS 'The membership that closed it; NULL: it is open.';

CREATE TABLE clinicd.audit_heads (
    clinic_id uuid NOT NULL,
    tree_size bigint NOT NULL,
    root_hash bytea NOT NULL,
    meta_index bigint NOT NULL,
    sealed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT audit_heads_meta_index_ck CHECK ((meta_index >= 0)),
    CONSTRAINT audit_heads_root_hash_ck CHECK ((octet_length(root_hash) = 32)),
    CONSTRAINT audit_heads_tree_size_ck CHECK ((tree_size >= 1))
)
WITH (autovacuum_vacuum_insert_scale_factor='0.02');

ALTER TABLE ONLY clinicd.audit_heads FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.audit_heads OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.audit_heads IS 'Sizes and roots of the trees of audit events at which they were sealed. No PHI.';

COMMENT ON COLUMN clinicd.audit_heads.meta_index IS 'Which leaf of the tree of all clinics'' heads this one is.';

CREATE TABLE clinicd.audit_leaves (
    clinic_id uuid NOT NULL,
    leaf_index bigint NOT NULL,
    event_id uuid NOT NULL,
    leaf_hash bytea NOT NULL,
    sealed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT audit_leaves_leaf_hash_ck CHECK ((octet_length(leaf_hash) = 32)),
    CONSTRAINT audit_leaves_leaf_index_ck CHECK ((leaf_index >= 0))
)
WITH (autovacuum_vacuum_insert_scale_factor='0.02');

ALTER TABLE ONLY clinicd.audit_leaves FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.audit_leaves OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.audit_leaves IS 'The leaves of the trees of audit events, from 0 without a gap. They outlive the events. No PHI.';

CREATE TABLE clinicd.audit_legal_holds (
    clinic_id uuid NOT NULL,
    id uuid NOT NULL,
    patient_id uuid,
    state text DEFAULT 'in_force'::text NOT NULL,
    reason text NOT NULL,
    placed_at timestamp with time zone NOT NULL,
    placed_by uuid NOT NULL,
    release_reason text DEFAULT ''::text NOT NULL,
    released_at timestamp with time zone,
    released_by uuid,
    row_version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT audit_legal_holds_reason_ck CHECK (((char_length(reason) >= 1) AND (char_length(reason) <= 1000))),
    CONSTRAINT audit_legal_holds_release_reason_ck CHECK ((char_length(release_reason) <= 1000)),
    CONSTRAINT audit_legal_holds_released_at_ck CHECK ((((state = 'released'::text) = (released_at IS NOT NULL)) AND ((state <> 'released'::text) OR (release_reason <> ''::text)))),
    CONSTRAINT audit_legal_holds_row_version_ck CHECK ((row_version >= 1)),
    CONSTRAINT audit_legal_holds_state_ck CHECK ((state = ANY (ARRAY['in_force'::text, 'released'::text])))
);

ALTER TABLE ONLY clinicd.audit_legal_holds FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.audit_legal_holds OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.audit_legal_holds IS 'What keeps audit events beyond their retention period. PHI.';

COMMENT ON COLUMN clinicd.audit_legal_holds.patient_id IS 'Whose events are kept; NULL: those of the whole clinic.';

COMMENT ON COLUMN clinicd.audit_legal_holds.placed_by IS 'The membership that placed it.';

COMMENT ON COLUMN clinicd.audit_legal_holds.released_at IS 'NULL: it is in force.';

COMMENT ON COLUMN clinicd.audit_legal_holds.released_by IS 'The membership that released it; NULL: it is in force.';

CREATE TABLE clinicd.audit_meta_leaves (
    meta_index bigint NOT NULL,
    leaf_hash bytea NOT NULL,
    CONSTRAINT audit_meta_leaves_leaf_hash_ck CHECK ((octet_length(leaf_hash) = 32)),
    CONSTRAINT audit_meta_leaves_meta_index_ck CHECK ((meta_index >= 0))
)
WITH (autovacuum_vacuum_insert_scale_factor='0.02');

ALTER TABLE ONLY clinicd.audit_meta_leaves FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.audit_meta_leaves OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.audit_meta_leaves IS 'The leaves of the tree of all clinics'' heads, from 0 without a gap. No PHI.';

CREATE TABLE clinicd.audit_meta_tiles (
    tile_level smallint NOT NULL,
    tile_index bigint NOT NULL,
    hashes bytea NOT NULL,
    CONSTRAINT audit_meta_tiles_hashes_ck CHECK ((octet_length(hashes) = 8192)),
    CONSTRAINT audit_meta_tiles_tile_index_ck CHECK ((tile_index >= 0)),
    CONSTRAINT audit_meta_tiles_tile_level_ck CHECK (((tile_level >= 0) AND (tile_level <= 7)))
);

ALTER TABLE ONLY clinicd.audit_meta_tiles FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.audit_meta_tiles OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.audit_meta_tiles IS 'Inner hashes of the tree of all clinics'' heads, as audit_tiles. No PHI.';

CREATE TABLE clinicd.audit_sealer (
    only_row boolean DEFAULT true NOT NULL,
    system_identifier bigint NOT NULL,
    last_transaction bigint DEFAULT 0 NOT NULL,
    last_event_id uuid NOT NULL,
    meta_size bigint DEFAULT 0 NOT NULL,
    meta_frontier bytea DEFAULT '\x'::bytea NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT audit_sealer_meta_frontier_ck CHECK (((meta_frontier = '\x'::bytea) OR ((octet_length(meta_frontier) % 32) = 8))),
    CONSTRAINT audit_sealer_meta_size_ck CHECK ((meta_size >= 0)),
    CONSTRAINT audit_sealer_only_row_ck CHECK (only_row)
)
WITH (fillfactor='20');

ALTER TABLE ONLY clinicd.audit_sealer FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.audit_sealer OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.audit_sealer IS 'How far the sealing of audit events has come. No PHI.';

COMMENT ON COLUMN clinicd.audit_sealer.system_identifier IS 'Of the cluster that last_transaction belongs to. In another one, to which the rows were copied, transactions are numbered anew, and what is not sealed yet is looked for one by one.';

COMMENT ON COLUMN clinicd.audit_sealer.last_transaction IS 'With last_event_id: the last event that was sealed, in the order of sealing.';

CREATE TABLE clinicd.audit_tiles (
    clinic_id uuid NOT NULL,
    tile_level smallint NOT NULL,
    tile_index bigint NOT NULL,
    hashes bytea NOT NULL,
    CONSTRAINT audit_tiles_hashes_ck CHECK ((octet_length(hashes) = 8192)),
    CONSTRAINT audit_tiles_tile_index_ck CHECK ((tile_index >= 0)),
    CONSTRAINT audit_tiles_tile_level_ck CHECK (((tile_level >= 0) AND (tile_level <= 7)))
);

ALTER TABLE ONLY clinicd.audit_tiles FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.audit_tiles OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.audit_tiles IS 'Inner hashes of the trees of audit events, in tiles. No PHI.';

CREATE TABLE clinicd.audit_trees (
    clinic_id uuid NOT NULL,
    tree_size bigint NOT NULL,
    frontier bytea NOT NULL,
    CONSTRAINT audit_trees_frontier_ck CHECK (((octet_length(frontier) % 32) = 8)),
    CONSTRAINT audit_trees_tree_size_ck CHECK ((tree_size >= 1))
)
WITH (fillfactor='50');

ALTER TABLE ONLY clinicd.audit_trees FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.audit_trees OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.audit_trees IS 'The newest size of the tree of audit events of each clinic, and its right edge: the size in eight bytes, then the roots of its perfect subtrees, largest first. No PHI.';

CREATE TABLE clinicd.authz_changes (
    clinic_id uuid NOT NULL,
    id uuid NOT NULL,
    membership_id uuid NOT NULL,
    session_id uuid,
    min_epoch bigint,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT authz_changes_effect_ck CHECK (((session_id IS NOT NULL) OR (min_epoch IS NOT NULL))),
    CONSTRAINT authz_changes_min_epoch_ck CHECK ((min_epoch >= 1))
);

ALTER TABLE ONLY clinicd.authz_changes FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.authz_changes OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.authz_changes IS 'Changes of rights that every server must see at once; it only grows. No PHI.';

COMMENT ON COLUMN clinicd.authz_changes.session_id IS 'The session that ended; NULL: the change is about all sessions of the member.';

COMMENT ON COLUMN clinicd.authz_changes.min_epoch IS 'The least authz_epoch that access tokens of the member need; NULL: only a session ended.';

CREATE TABLE clinicd.calendar_feeds (
    clinic_id uuid NOT NULL,
    id uuid NOT NULL,
    practitioner_id uuid NOT NULL,
    secret_hash bytea NOT NULL,
    show_patient_names boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by uuid,
    revoked_at timestamp with time zone,
    revoked_by uuid,
    CONSTRAINT calendar_feeds_revoked_by_ck CHECK (((revoked_by IS NULL) OR (revoked_at IS NOT NULL))),
    CONSTRAINT calendar_feeds_secret_hash_ck CHECK ((octet_length(secret_hash) = 32))
);

ALTER TABLE ONLY clinicd.calendar_feeds FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.calendar_feeds OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.calendar_feeds IS 'Who reads the visits of a practitioner as a calendar, as SHA-256 of a secret. No PHI.';

COMMENT ON COLUMN clinicd.calendar_feeds.created_by IS 'The membership that created it; NULL: the operator did.';

COMMENT ON COLUMN clinicd.calendar_feeds.revoked_at IS 'When it was revoked; NULL: it was not.';

COMMENT ON COLUMN clinicd.calendar_feeds.revoked_by IS 'The membership that revoked it; NULL: it was not, or the operator did.';

CREATE TABLE clinicd.changes (
    clinic_id uuid NOT NULL,
    transaction_number bigint DEFAULT ((pg_current_xact_id())::text)::bigint NOT NULL,
    id uuid NOT NULL,
    entity_type text NOT NULL,
    entity_id uuid NOT NULL,
    row_version bigint NOT NULL,
    was_on date,
    is_on date,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT changes_day_ck CHECK (((was_on IS NOT NULL) OR (is_on IS NOT NULL))),
    CONSTRAINT changes_entity_type_ck CHECK ((entity_type = 'appointment'::text)),
    CONSTRAINT changes_row_version_ck CHECK ((row_version >= 1)),
    CONSTRAINT changes_transaction_number_ck CHECK ((transaction_number >= 1))
)
WITH (autovacuum_vacuum_scale_factor='0.01', autovacuum_vacuum_insert_scale_factor='0.05', autovacuum_analyze_scale_factor='0.02');

ALTER TABLE ONLY clinicd.changes FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.changes OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.changes IS 'What has changed in the last day, and not how: followed by every server. No PHI.';

COMMENT ON COLUMN clinicd.changes.transaction_number IS 'The full transaction id. Numbers are given out in another order than that of commits: what is new to a reader is told by snapshots.';

COMMENT ON COLUMN clinicd.changes.was_on IS 'The day in UTC that the thing was on before the change; NULL: on none.';

COMMENT ON COLUMN clinicd.changes.is_on IS 'The day in UTC that the thing is on after the change; NULL: on none.';

CREATE TABLE clinicd.clinics (
    id uuid NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    country_code text NOT NULL,
    time_zone text NOT NULL,
    currency_code text NOT NULL,
    locale text NOT NULL,
    state text DEFAULT 'active'::text NOT NULL,
    row_version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    audit_daily_patients_max integer DEFAULT 100 NOT NULL,
    audit_digested_on date,
    audit_retention_years smallint DEFAULT 7 NOT NULL,
    CONSTRAINT clinics_audit_daily_patients_max_ck CHECK (((audit_daily_patients_max >= 1) AND (audit_daily_patients_max <= 100000))),
    CONSTRAINT clinics_audit_retention_years_ck CHECK (((audit_retention_years >= 7) AND (audit_retention_years <= 30))),
    CONSTRAINT clinics_country_code_ck CHECK ((country_code ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT clinics_currency_code_ck CHECK ((currency_code ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT clinics_locale_ck CHECK (((char_length(locale) >= 2) AND (char_length(locale) <= 35))),
    CONSTRAINT clinics_name_ck CHECK (((char_length(name) >= 1) AND (char_length(name) <= 200))),
    CONSTRAINT clinics_row_version_ck CHECK ((row_version >= 1)),
    CONSTRAINT clinics_slug_ck CHECK ((((char_length(slug) >= 1) AND (char_length(slug) <= 63)) AND (slug ~ '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$'::text))),
    CONSTRAINT clinics_state_ck CHECK ((state = ANY (ARRAY['active'::text, 'suspended'::text, 'canary'::text]))),
    CONSTRAINT clinics_time_zone_ck CHECK (((char_length(time_zone) >= 1) AND (char_length(time_zone) <= 64)))
);

ALTER TABLE ONLY clinicd.clinics FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.clinics OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.clinics IS 'The clinics of this server; id is the clinic_id of every other table. No PHI.';

COMMENT ON COLUMN clinicd.clinics.audit_daily_patients_max IS 'How many patients anybody may have to do with in a day before it is unusual.';

COMMENT ON COLUMN clinicd.clinics.audit_digested_on IS 'The last day whose events were gone through for what is unusual; NULL: none was.';

COMMENT ON COLUMN clinicd.clinics.audit_retention_years IS 'How long audit events are kept at least.';

CREATE TABLE clinicd.data_keys (
    clinic_id uuid NOT NULL,
    subject_id uuid NOT NULL,
    version integer NOT NULL,
    clinic_key_version integer NOT NULL,
    wrapped bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT data_keys_clinic_key_version_ck CHECK (((clinic_key_version >= 1) AND (clinic_key_version <= 1000000))),
    CONSTRAINT data_keys_version_ck CHECK (((version >= 1) AND (version <= 1000000))),
    CONSTRAINT data_keys_wrapped_ck CHECK ((octet_length(wrapped) = 60))
);

ALTER TABLE ONLY clinicd.data_keys FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.data_keys OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.data_keys IS 'Keys of private fields, wrapped under a key that is not in the database. No PHI.';

COMMENT ON COLUMN clinicd.data_keys.subject_id IS 'The patient whose values it seals; the clinic''s own id for values that belong to no patient.';

COMMENT ON COLUMN clinicd.data_keys.version IS 'The newest seals; all open.';

COMMENT ON COLUMN clinicd.data_keys.clinic_key_version IS 'Of the clinic''s key, under which it is wrapped.';

CREATE TABLE clinicd.holds (
    clinic_id uuid NOT NULL,
    id uuid NOT NULL,
    membership_id uuid NOT NULL,
    practitioner_id uuid NOT NULL,
    local_start timestamp without time zone NOT NULL,
    time_zone text NOT NULL,
    duration_minutes integer NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    for_waitlist boolean DEFAULT false NOT NULL,
    CONSTRAINT holds_duration_minutes_ck CHECK (((duration_minutes >= 1) AND (duration_minutes <= 1440))),
    CONSTRAINT holds_ends_at_ck CHECK (((ends_at - starts_at) = make_interval(mins => duration_minutes))),
    CONSTRAINT holds_expires_at_ck CHECK ((expires_at > created_at)),
    CONSTRAINT holds_time_zone_ck CHECK (((char_length(time_zone) >= 1) AND (char_length(time_zone) <= 64)))
);

ALTER TABLE ONLY clinicd.holds FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.holds OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.holds IS 'Times that a member keeps free until they expire, are released or booked. No PHI.';

COMMENT ON COLUMN clinicd.holds.membership_id IS 'The member who alone may book it or, for the waiting list, who offered it first.';

COMMENT ON COLUMN clinicd.holds.for_waitlist IS 'The time is offered to people on the waiting list. Only accepting such an offer books it, and only the end of the last one frees it.';

CREATE TABLE clinicd.idempotency_keys (
    clinic_id uuid NOT NULL,
    membership_id uuid NOT NULL,
    request_id uuid NOT NULL,
    method text NOT NULL,
    request_hash bytea NOT NULL,
    response bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    event_id uuid,
    CONSTRAINT idempotency_keys_method_ck CHECK (((char_length(method) >= 1) AND (char_length(method) <= 200))),
    CONSTRAINT idempotency_keys_request_hash_ck CHECK ((octet_length(request_hash) = 32))
);

ALTER TABLE ONLY clinicd.idempotency_keys FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.idempotency_keys OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.idempotency_keys IS 'Answers already given to changes, kept for a while so that a retry gets the same one. PHI.';

COMMENT ON COLUMN clinicd.idempotency_keys.event_id IS 'The audit event of the change; NULL: the answer is of a release that did not keep it.';

CREATE TABLE clinicd.isolation_certificates (
    clinic_id uuid NOT NULL,
    id uuid NOT NULL,
    probed_on date NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone NOT NULL,
    release text NOT NULL,
    node text NOT NULL,
    schema_version integer NOT NULL,
    table_count integer NOT NULL,
    empty_table_count integer NOT NULL,
    method_count integer NOT NULL,
    call_count integer NOT NULL,
    finding_count integer NOT NULL,
    findings text[] NOT NULL,
    catalog_digest bytea NOT NULL,
    digest bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT isolation_certificates_call_count_ck CHECK ((call_count >= 0)),
    CONSTRAINT isolation_certificates_catalog_digest_ck CHECK ((octet_length(catalog_digest) = 32)),
    CONSTRAINT isolation_certificates_digest_ck CHECK ((octet_length(digest) = 32)),
    CONSTRAINT isolation_certificates_ended_at_ck CHECK ((ended_at >= started_at)),
    CONSTRAINT isolation_certificates_finding_count_ck CHECK (((finding_count >= cardinality(findings)) AND (cardinality(findings) <= 100))),
    CONSTRAINT isolation_certificates_method_count_ck CHECK ((method_count >= 0)),
    CONSTRAINT isolation_certificates_node_ck CHECK ((char_length(node) <= 255)),
    CONSTRAINT isolation_certificates_release_ck CHECK (((char_length(release) >= 1) AND (char_length(release) <= 100))),
    CONSTRAINT isolation_certificates_schema_version_ck CHECK ((schema_version >= 1)),
    CONSTRAINT isolation_certificates_table_count_ck CHECK (((table_count >= 0) AND ((empty_table_count >= 0) AND (empty_table_count <= table_count))))
);

ALTER TABLE ONLY clinicd.isolation_certificates FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.isolation_certificates OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.isolation_certificates IS 'What came of trying to get from one clinic into another. No PHI.';

COMMENT ON COLUMN clinicd.isolation_certificates.probed_on IS 'In UTC.';

COMMENT ON COLUMN clinicd.isolation_certificates.empty_table_count IS 'Of table_count: those in which neither canary had a row.';

COMMENT ON COLUMN clinicd.isolation_certificates.findings IS 'The first of them: what, a space, and where. None is about anybody.';

COMMENT ON COLUMN clinicd.isolation_certificates.catalog_digest IS 'SHA-256 of the policies and grants that the probe met.';

COMMENT ON COLUMN clinicd.isolation_certificates.digest IS 'SHA-256 of what the row says, without its ids and times.';

CREATE TABLE clinicd.locations (
    clinic_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    time_zone text NOT NULL,
    active boolean DEFAULT true NOT NULL,
    external_id text,
    row_version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by uuid,
    CONSTRAINT locations_external_id_ck CHECK (((char_length(external_id) >= 1) AND (char_length(external_id) <= 200))),
    CONSTRAINT locations_name_ck CHECK (((char_length(name) >= 1) AND (char_length(name) <= 100))),
    CONSTRAINT locations_row_version_ck CHECK ((row_version >= 1)),
    CONSTRAINT locations_time_zone_ck CHECK (((char_length(time_zone) >= 1) AND (char_length(time_zone) <= 64)))
);

ALTER TABLE ONLY clinicd.locations FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.locations OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.locations IS 'Sites of a clinic besides its main one. The main site has no row: where a location_id is NULL, the main site is meant, in the clinic''s own time zone. No PHI.';

COMMENT ON COLUMN clinicd.locations.external_id IS 'Id in the system the row was imported from; NULL: not imported.';

COMMENT ON COLUMN clinicd.locations.created_by IS 'The membership that added the row; NULL: the operator did.';

CREATE TABLE clinicd.memberships (
    clinic_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    email text NOT NULL,
    email_key text NOT NULL,
    given_name text NOT NULL,
    family_name text NOT NULL,
    roles text[] NOT NULL,
    state text DEFAULT 'active'::text NOT NULL,
    password_ct bytea,
    password_set_at timestamp with time zone,
    failed_sign_ins integer DEFAULT 0 NOT NULL,
    last_failed_at timestamp with time zone,
    authz_epoch bigint DEFAULT 1 NOT NULL,
    row_version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by uuid,
    CONSTRAINT memberships_authz_epoch_ck CHECK ((authz_epoch >= 1)),
    CONSTRAINT memberships_email_ck CHECK (((char_length(email) >= 1) AND (char_length(email) <= 254))),
    CONSTRAINT memberships_email_key_ck CHECK (((char_length(email_key) >= 1) AND (char_length(email_key) <= 254))),
    CONSTRAINT memberships_failed_sign_ins_ck CHECK (((failed_sign_ins = 0) OR ((failed_sign_ins > 0) AND (last_failed_at IS NOT NULL)))),
    CONSTRAINT memberships_family_name_ck CHECK (((char_length(family_name) >= 1) AND (char_length(family_name) <= 100))),
    CONSTRAINT memberships_given_name_ck CHECK (((char_length(given_name) >= 1) AND (char_length(given_name) <= 100))),
    CONSTRAINT memberships_password_ct_ck CHECK (((octet_length(password_ct) >= 1) AND (octet_length(password_ct) <= 1024))),
    CONSTRAINT memberships_password_set_at_ck CHECK (((password_ct IS NULL) = (password_set_at IS NULL))),
    CONSTRAINT memberships_roles_ck CHECK ((((cardinality(roles) >= 1) AND (cardinality(roles) <= 11)) AND (roles <@ ARRAY['owner'::text, 'practitioner'::text, 'hygienist'::text, 'receptionist'::text, 'assistant'::text, 'billing_clerk'::text, 'caregiver'::text, 'family_member'::text, 'external_professional'::text, 'patient'::text, 'partner_app'::text]))),
    CONSTRAINT memberships_row_version_ck CHECK ((row_version >= 1)),
    CONSTRAINT memberships_state_ck CHECK ((state = ANY (ARRAY['active'::text, 'disabled'::text])))
);

ALTER TABLE ONLY clinicd.memberships FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.memberships OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.memberships IS 'What a person is in one clinic: name, roles, password. The API calls it a user. No PHI.';

COMMENT ON COLUMN clinicd.memberships.password_ct IS 'Sealed password hash; NULL: the person cannot sign in with a password.';

COMMENT ON COLUMN clinicd.memberships.password_set_at IS 'When the password was last set; NULL: there is none.';

COMMENT ON COLUMN clinicd.memberships.last_failed_at IS 'The last sign-in with a wrong password; NULL: none since the last good one.';

COMMENT ON COLUMN clinicd.memberships.authz_epoch IS 'Access tokens of an earlier epoch are void. Raised when rights change.';

COMMENT ON COLUMN clinicd.memberships.created_by IS 'The membership that added this one; NULL: the operator did.';

CREATE TABLE clinicd.occupancies (
    clinic_id uuid NOT NULL,
    holder_id uuid GENERATED ALWAYS AS (COALESCE(appointment_id, hold_id)) STORED NOT NULL,
    "position" smallint NOT NULL,
    appointment_id uuid,
    hold_id uuid,
    occupant_id uuid GENERATED ALWAYS AS (COALESCE(practitioner_id, resource_id, patient_id)) STORED NOT NULL,
    practitioner_id uuid,
    resource_id uuid,
    patient_id uuid,
    person_id uuid,
    lane smallint DEFAULT 0 NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    occupied tstzrange GENERATED ALWAYS AS (tstzrange(starts_at, ends_at, '[)'::text)) STORED NOT NULL,
    offset_minutes integer NOT NULL,
    duration_minutes integer NOT NULL,
    active boolean DEFAULT true NOT NULL,
    CONSTRAINT occupancies_duration_minutes_ck CHECK (((duration_minutes >= 1) AND (duration_minutes <= 1440))),
    CONSTRAINT occupancies_ends_at_ck CHECK (((ends_at - starts_at) >= make_interval(mins => duration_minutes))),
    CONSTRAINT occupancies_holder_ck CHECK ((num_nonnulls(appointment_id, hold_id) = 1)),
    CONSTRAINT occupancies_lane_ck CHECK ((((lane >= 0) AND (lane <= 3)) AND ((lane = 0) OR (patient_id IS NULL)))),
    CONSTRAINT occupancies_occupant_ck CHECK ((num_nonnulls(practitioner_id, resource_id, patient_id) = 1)),
    CONSTRAINT occupancies_offset_minutes_ck CHECK (((offset_minutes >= 0) AND (offset_minutes <= 1439))),
    CONSTRAINT occupancies_person_ck CHECK (((person_id IS NULL) OR (practitioner_id IS NOT NULL))),
    CONSTRAINT occupancies_position_ck CHECK ((("position" >= 0) AND ("position" <= 32)))
)
WITH (fillfactor='90', autovacuum_vacuum_scale_factor='0.01', autovacuum_analyze_scale_factor='0.005');
ALTER TABLE ONLY clinicd.occupancies ALTER COLUMN clinic_id SET STATISTICS 1000;

ALTER TABLE ONLY clinicd.occupancies FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.occupancies OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.occupancies IS 'When practitioners, patients, chairs and other resources are taken, buffers included, by appointments and holds. PHI.';

COMMENT ON COLUMN clinicd.occupancies.holder_id IS 'What takes the time.';

COMMENT ON COLUMN clinicd.occupancies."position" IS 'Counts the parts of one holder.';

COMMENT ON COLUMN clinicd.occupancies.appointment_id IS 'The appointment that takes the time; NULL: a hold does.';

COMMENT ON COLUMN clinicd.occupancies.hold_id IS 'The hold that takes the time; NULL: an appointment does.';

COMMENT ON COLUMN clinicd.occupancies.occupant_id IS 'Who or what is taken.';

COMMENT ON COLUMN clinicd.occupancies.practitioner_id IS 'The practitioner who is taken; NULL: something else is.';

COMMENT ON COLUMN clinicd.occupancies.resource_id IS 'The chair, assistant, device or room that is taken; NULL: something else is.';

COMMENT ON COLUMN clinicd.occupancies.patient_id IS 'The patient who is taken; NULL: something else is.';

COMMENT ON COLUMN clinicd.occupancies.person_id IS 'The person behind the practitioner, whose time in other clinics is taken as well; NULL: none is linked.';

COMMENT ON COLUMN clinicd.occupancies.lane IS 'Lanes do not clash with each other: 0 the regular one, 1 to 3 for deliberate overbooking.';

COMMENT ON COLUMN clinicd.occupancies.offset_minutes IS 'Minutes from the start of the visit, without buffers.';

COMMENT ON COLUMN clinicd.occupancies.duration_minutes IS 'Minutes taken, without buffers.';

COMMENT ON COLUMN clinicd.occupancies.active IS 'False once the holder was cancelled or its patient did not come: the time is free again.';

CREATE TABLE clinicd.patient_tokens (
    clinic_id uuid NOT NULL,
    token text NOT NULL COLLATE pg_catalog."C",
    patient_id uuid NOT NULL,
    CONSTRAINT patient_tokens_token_ck CHECK (((char_length(token) >= 1) AND (char_length(token) <= 200)))
);
ALTER TABLE ONLY clinicd.patient_tokens ALTER COLUMN clinic_id SET STATISTICS 1000;

ALTER TABLE ONLY clinicd.patient_tokens FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.patient_tokens OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.patient_tokens IS 'What a patient is found by, made from the row in patients and replaced with it. PHI.';

CREATE TABLE clinicd.patients (
    clinic_id uuid NOT NULL,
    id uuid NOT NULL,
    given_name text NOT NULL,
    family_name text NOT NULL,
    born_on date NOT NULL,
    sex text DEFAULT 'unspecified'::text NOT NULL,
    file_number text,
    phone text DEFAULT ''::text NOT NULL,
    email text DEFAULT ''::text NOT NULL,
    address text DEFAULT ''::text NOT NULL,
    external_id text,
    row_version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by uuid,
    vip boolean DEFAULT false NOT NULL,
    alert text DEFAULT ''::text NOT NULL,
    CONSTRAINT patients_address_ck CHECK ((char_length(address) <= 500)),
    CONSTRAINT patients_alert_ck CHECK ((char_length(alert) <= 200)),
    CONSTRAINT patients_born_on_ck CHECK (((born_on >= '1880-01-01'::date) AND (born_on <= '9999-12-31'::date))),
    CONSTRAINT patients_email_ck CHECK ((char_length(email) <= 254)),
    CONSTRAINT patients_external_id_ck CHECK (((char_length(external_id) >= 1) AND (char_length(external_id) <= 200))),
    CONSTRAINT patients_family_name_ck CHECK (((char_length(family_name) >= 1) AND (char_length(family_name) <= 100))),
    CONSTRAINT patients_file_number_ck CHECK (((char_length(file_number) >= 1) AND (char_length(file_number) <= 32))),
    CONSTRAINT patients_given_name_ck CHECK (((char_length(given_name) >= 1) AND (char_length(given_name) <= 100))),
    CONSTRAINT patients_phone_ck CHECK ((char_length(phone) <= 32)),
    CONSTRAINT patients_row_version_ck CHECK ((row_version >= 1)),
    CONSTRAINT patients_sex_ck CHECK ((sex = ANY (ARRAY['unspecified'::text, 'female'::text, 'male'::text, 'other'::text, 'unknown'::text])))
);
ALTER TABLE ONLY clinicd.patients ALTER COLUMN clinic_id SET STATISTICS 1000;

ALTER TABLE ONLY clinicd.patients FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.patients OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.patients IS 'People a clinic treats. PHI.';

COMMENT ON COLUMN clinicd.patients.file_number IS 'The number the clinic gave the patient; NULL: none.';

COMMENT ON COLUMN clinicd.patients.external_id IS 'Id in the system the row was imported from; NULL: not imported.';

COMMENT ON COLUMN clinicd.patients.created_by IS 'The membership that added the row; NULL: the operator did.';

COMMENT ON COLUMN clinicd.patients.vip IS 'Every access to the record is to be looked at.';

COMMENT ON COLUMN clinicd.patients.alert IS 'What whoever meets the patient must know first, in one line; empty: nothing was noted.';

CREATE TABLE clinicd.practitioners (
    clinic_id uuid NOT NULL,
    id uuid NOT NULL,
    membership_id uuid,
    given_name text NOT NULL,
    family_name text NOT NULL,
    speciality text DEFAULT ''::text NOT NULL,
    active boolean DEFAULT true NOT NULL,
    external_id text,
    row_version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by uuid,
    person_id uuid,
    CONSTRAINT practitioners_external_id_ck CHECK (((char_length(external_id) >= 1) AND (char_length(external_id) <= 200))),
    CONSTRAINT practitioners_family_name_ck CHECK (((char_length(family_name) >= 1) AND (char_length(family_name) <= 100))),
    CONSTRAINT practitioners_given_name_ck CHECK (((char_length(given_name) >= 1) AND (char_length(given_name) <= 100))),
    CONSTRAINT practitioners_row_version_ck CHECK ((row_version >= 1)),
    CONSTRAINT practitioners_speciality_ck CHECK ((char_length(speciality) <= 100))
);

ALTER TABLE ONLY clinicd.practitioners FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.practitioners OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.practitioners IS 'People who treat patients and whose days are booked. No PHI.';

COMMENT ON COLUMN clinicd.practitioners.membership_id IS 'The member the practitioner signs in as; NULL: none.';

COMMENT ON COLUMN clinicd.practitioners.external_id IS 'Id in the system the row was imported from; NULL: not imported.';

COMMENT ON COLUMN clinicd.practitioners.created_by IS 'The membership that added the row; NULL: the operator did.';

COMMENT ON COLUMN clinicd.practitioners.person_id IS 'The person, of all clinics, whose time is taken with the practitioner''s; NULL: the practitioner has not linked this clinic with others.';

CREATE TABLE clinicd.refresh_tokens (
    clinic_id uuid NOT NULL,
    id uuid NOT NULL,
    session_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    parent_id uuid,
    issued_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT refresh_tokens_expires_at_ck CHECK ((expires_at > issued_at)),
    CONSTRAINT refresh_tokens_token_hash_ck CHECK ((octet_length(token_hash) = 32))
);

ALTER TABLE ONLY clinicd.refresh_tokens FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.refresh_tokens OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.refresh_tokens IS 'Chains of refresh tokens, one chain a session, as SHA-256 of the secret. No PHI.';

COMMENT ON COLUMN clinicd.refresh_tokens.parent_id IS 'The token exchanged for this one, which has no other successor; NULL: first of its session.';

COMMENT ON COLUMN clinicd.refresh_tokens.used_at IS 'When it was exchanged for its successor; NULL: it was not.';

CREATE TABLE clinicd.resources (
    clinic_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    location_id uuid,
    color text,
    sort_order integer DEFAULT 0 NOT NULL,
    active boolean DEFAULT true NOT NULL,
    external_id text,
    row_version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by uuid,
    CONSTRAINT resources_color_ck CHECK ((color ~ '^#[0-9a-f]{6}$'::text)),
    CONSTRAINT resources_external_id_ck CHECK (((char_length(external_id) >= 1) AND (char_length(external_id) <= 200))),
    CONSTRAINT resources_kind_ck CHECK ((kind = ANY (ARRAY['chair'::text, 'assistant'::text, 'device'::text, 'room'::text]))),
    CONSTRAINT resources_name_ck CHECK (((char_length(name) >= 1) AND (char_length(name) <= 100))),
    CONSTRAINT resources_row_version_ck CHECK ((row_version >= 1)),
    CONSTRAINT resources_sort_order_ck CHECK (((sort_order >= 0) AND (sort_order <= 9999)))
);

ALTER TABLE ONLY clinicd.resources FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.resources OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.resources IS 'Chairs, assistants, devices and rooms that visits occupy. Practitioners are resources as well, but have a table of their own. No PHI.';

COMMENT ON COLUMN clinicd.resources.location_id IS 'The site it stands or works at; NULL: the main site.';

COMMENT ON COLUMN clinicd.resources.color IS 'How it is shown in a diary, as #rrggbb; NULL: as the client likes.';

COMMENT ON COLUMN clinicd.resources.external_id IS 'Id in the system the row was imported from; NULL: not imported.';

COMMENT ON COLUMN clinicd.resources.created_by IS 'The membership that added the row; NULL: the operator did.';

CREATE TABLE clinicd.schedule_exceptions (
    clinic_id uuid NOT NULL,
    id uuid NOT NULL,
    owner_kind text NOT NULL,
    practitioner_id uuid,
    resource_id uuid,
    location_id uuid,
    kind text NOT NULL,
    first_on date NOT NULL,
    last_on date NOT NULL,
    from_minute smallint,
    to_minute smallint,
    reason text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by uuid,
    CONSTRAINT schedule_exceptions_from_minute_ck CHECK (((from_minute >= 0) AND (from_minute <= 1439))),
    CONSTRAINT schedule_exceptions_kind_ck CHECK ((kind = ANY (ARRAY['closed'::text, 'extra'::text, 'changed'::text]))),
    CONSTRAINT schedule_exceptions_last_on_ck CHECK (((last_on >= first_on) AND (last_on <= (first_on + 365)))),
    CONSTRAINT schedule_exceptions_owner_ck CHECK ((((practitioner_id IS NOT NULL) = (owner_kind = 'practitioner'::text)) AND ((resource_id IS NOT NULL) = (owner_kind = 'resource'::text)) AND ((owner_kind <> ALL (ARRAY['clinic'::text, 'resource'::text])) OR (location_id IS NULL)) AND ((owner_kind <> 'practitioner'::text) OR (kind <> 'closed'::text) OR (location_id IS NULL)))),
    CONSTRAINT schedule_exceptions_owner_kind_ck CHECK ((owner_kind = ANY (ARRAY['clinic'::text, 'location'::text, 'practitioner'::text, 'resource'::text]))),
    CONSTRAINT schedule_exceptions_reason_ck CHECK (((char_length(reason) >= 1) AND (char_length(reason) <= 200))),
    CONSTRAINT schedule_exceptions_to_minute_ck CHECK ((((to_minute >= 0) AND (to_minute <= 1440)) AND (to_minute <> from_minute) AND ((to_minute IS NULL) = (from_minute IS NULL))))
);

ALTER TABLE ONLY clinicd.schedule_exceptions FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.schedule_exceptions OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.schedule_exceptions IS 'Deviations from working_hours on each of some days, on the clock of the site. No PHI.';

COMMENT ON COLUMN clinicd.schedule_exceptions.owner_kind IS 'Whom they are about.';

COMMENT ON COLUMN clinicd.schedule_exceptions.practitioner_id IS 'The practitioner; NULL: it is about something else.';

COMMENT ON COLUMN clinicd.schedule_exceptions.resource_id IS 'The resource, where it stands; NULL: it is about something else.';

COMMENT ON COLUMN clinicd.schedule_exceptions.location_id IS 'The site, or where the practitioner works then; NULL: the main site or, where a practitioner does not work, every site; of a resource, where that stands.';

COMMENT ON COLUMN clinicd.schedule_exceptions.last_on IS 'Included.';

COMMENT ON COLUMN clinicd.schedule_exceptions.from_minute IS 'Minutes that the clock shows after midnight on each of the days; NULL: the whole day.';

COMMENT ON COLUMN clinicd.schedule_exceptions.to_minute IS 'The same, exclusive; before from_minute: on the next day; NULL: the whole day.';

COMMENT ON COLUMN clinicd.schedule_exceptions.created_by IS 'The membership that declared it; NULL: the operator did.';

CREATE TABLE clinicd.sessions (
    clinic_id uuid NOT NULL,
    id uuid NOT NULL,
    membership_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_refreshed_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    end_reason text,
    user_agent text DEFAULT ''::text NOT NULL,
    client_address text DEFAULT ''::text NOT NULL,
    authenticated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT sessions_client_address_ck CHECK ((char_length(client_address) <= 255)),
    CONSTRAINT sessions_end_reason_ck CHECK ((end_reason = ANY (ARRAY['signed_out'::text, 'revoked'::text, 'password_changed'::text, 'user_disabled'::text, 'token_reuse'::text]))),
    CONSTRAINT sessions_ended_at_ck CHECK (((ended_at IS NULL) = (end_reason IS NULL))),
    CONSTRAINT sessions_expires_at_ck CHECK ((expires_at > created_at)),
    CONSTRAINT sessions_user_agent_ck CHECK ((char_length(user_agent) <= 512))
);

ALTER TABLE ONLY clinicd.sessions FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.sessions OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.sessions IS 'Sign-ins of members, from sign-in to sign-out. No PHI.';

COMMENT ON COLUMN clinicd.sessions.ended_at IS 'When it was ended before its time; NULL: it was not.';

COMMENT ON COLUMN clinicd.sessions.end_reason IS 'Why it was ended; NULL: it was not.';

COMMENT ON COLUMN clinicd.sessions.authenticated_at IS 'When the person last proved who they are, for methods that ask for a fresh proof.';

CREATE TABLE clinicd.time_zone_versions (
    clinic_id uuid NOT NULL,
    version text NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT time_zone_versions_version_ck CHECK ((version ~ '^[0-9]{4}[a-z]{1,2}$'::text))
);

ALTER TABLE ONLY clinicd.time_zone_versions FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.time_zone_versions OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.time_zone_versions IS 'By which time zone database all future visits of the clinic are where they are. No PHI.';

COMMENT ON COLUMN clinicd.time_zone_versions.version IS 'As IANA names it: 2026f.';

CREATE TABLE clinicd.users (
    id uuid NOT NULL,
    email_key text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT users_email_key_ck CHECK (((char_length(email_key) >= 1) AND (char_length(email_key) <= 254)))
);

ALTER TABLE ONLY clinicd.users FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.users OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.users IS 'People by folded e-mail address, across clinics; id is derived from email_key. No PHI.';

CREATE TABLE clinicd.visit_type_segments (
    clinic_id uuid NOT NULL,
    visit_type_id uuid NOT NULL,
    "position" smallint NOT NULL,
    resource_kind text NOT NULL,
    offset_minutes integer NOT NULL,
    duration_minutes integer NOT NULL,
    CONSTRAINT visit_type_segments_duration_minutes_ck CHECK (((duration_minutes >= 1) AND ((offset_minutes + duration_minutes) <= 1440))),
    CONSTRAINT visit_type_segments_offset_minutes_ck CHECK ((offset_minutes >= 0)),
    CONSTRAINT visit_type_segments_position_ck CHECK ((("position" >= 1) AND ("position" <= 20))),
    CONSTRAINT visit_type_segments_resource_kind_ck CHECK ((resource_kind = ANY (ARRAY['practitioner'::text, 'chair'::text, 'assistant'::text, 'device'::text, 'room'::text])))
);

ALTER TABLE ONLY clinicd.visit_type_segments FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.visit_type_segments OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.visit_type_segments IS 'Which kind of resource a visit occupies from when to when. At least one segment of a visit type is of a practitioner. No PHI.';

CREATE TABLE clinicd.visit_types (
    clinic_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    color text,
    buffer_before_minutes integer DEFAULT 0 NOT NULL,
    buffer_after_minutes integer DEFAULT 0 NOT NULL,
    online_bookable boolean DEFAULT false NOT NULL,
    min_notice_minutes integer DEFAULT 0 NOT NULL,
    booking_window_days integer DEFAULT 0 NOT NULL,
    cancel_cutoff_minutes integer DEFAULT 0 NOT NULL,
    active boolean DEFAULT true NOT NULL,
    external_id text,
    row_version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by uuid,
    CONSTRAINT visit_types_booking_window_days_ck CHECK (((booking_window_days >= 0) AND (booking_window_days <= 730))),
    CONSTRAINT visit_types_buffer_after_minutes_ck CHECK (((buffer_after_minutes >= 0) AND (buffer_after_minutes <= 240))),
    CONSTRAINT visit_types_buffer_before_minutes_ck CHECK (((buffer_before_minutes >= 0) AND (buffer_before_minutes <= 240))),
    CONSTRAINT visit_types_cancel_cutoff_minutes_ck CHECK (((cancel_cutoff_minutes >= 0) AND (cancel_cutoff_minutes <= 525600))),
    CONSTRAINT visit_types_color_ck CHECK ((color ~ '^#[0-9a-f]{6}$'::text)),
    CONSTRAINT visit_types_description_ck CHECK ((char_length(description) <= 1000)),
    CONSTRAINT visit_types_external_id_ck CHECK (((char_length(external_id) >= 1) AND (char_length(external_id) <= 200))),
    CONSTRAINT visit_types_min_notice_minutes_ck CHECK (((min_notice_minutes >= 0) AND (min_notice_minutes <= 525600))),
    CONSTRAINT visit_types_name_ck CHECK (((char_length(name) >= 1) AND (char_length(name) <= 100))),
    CONSTRAINT visit_types_row_version_ck CHECK ((row_version >= 1))
);

ALTER TABLE ONLY clinicd.visit_types FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.visit_types OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.visit_types IS 'What a clinic offers; how long it takes follows from visit_type_segments. No PHI.';

COMMENT ON COLUMN clinicd.visit_types.color IS 'How it is shown in a diary, as #rrggbb; NULL: as the client likes.';

COMMENT ON COLUMN clinicd.visit_types.booking_window_days IS 'How far ahead patients may book online; 0: without limit.';

COMMENT ON COLUMN clinicd.visit_types.external_id IS 'Id in the system the row was imported from; NULL: not imported.';

COMMENT ON COLUMN clinicd.visit_types.created_by IS 'The membership that added the row; NULL: the operator did.';

CREATE TABLE clinicd.waitlist_entries (
    clinic_id uuid NOT NULL,
    id uuid NOT NULL,
    patient_id uuid NOT NULL,
    visit_type_id uuid,
    duration_minutes integer,
    practitioner_id uuid,
    location_id uuid,
    main_site boolean DEFAULT false NOT NULL,
    urgency text NOT NULL,
    urgency_rank smallint GENERATED ALWAYS AS (
CASE urgency
    WHEN 'urgent'::text THEN 1
    WHEN 'soon'::text THEN 2
    ELSE 3
END) STORED NOT NULL,
    short_notice_minutes integer,
    earliest_on date,
    latest_on date,
    windows text DEFAULT ''::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    appointment_id uuid,
    row_version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by uuid,
    CONSTRAINT waitlist_entries_appointment_ck CHECK (((appointment_id IS NOT NULL) = (state = 'booked'::text))),
    CONSTRAINT waitlist_entries_duration_minutes_ck CHECK (((duration_minutes >= 1) AND (duration_minutes <= 1440))),
    CONSTRAINT waitlist_entries_latest_on_ck CHECK ((latest_on >= earliest_on)),
    CONSTRAINT waitlist_entries_main_site_ck CHECK (((NOT main_site) OR (location_id IS NULL))),
    CONSTRAINT waitlist_entries_need_ck CHECK ((num_nonnulls(visit_type_id, duration_minutes) = 1)),
    CONSTRAINT waitlist_entries_note_ck CHECK ((char_length(note) <= 500)),
    CONSTRAINT waitlist_entries_row_version_ck CHECK ((row_version >= 1)),
    CONSTRAINT waitlist_entries_short_notice_minutes_ck CHECK (((short_notice_minutes >= 1) AND (short_notice_minutes <= 1440))),
    CONSTRAINT waitlist_entries_state_ck CHECK ((state = ANY (ARRAY['waiting'::text, 'booked'::text, 'withdrawn'::text]))),
    CONSTRAINT waitlist_entries_urgency_ck CHECK ((urgency = ANY (ARRAY['routine'::text, 'soon'::text, 'urgent'::text]))),
    CONSTRAINT waitlist_entries_windows_ck CHECK (((char_length(windows) <= 2000) AND (windows ~ '^([1-7]+ [0-9]+ [0-9]+(,[1-7]+ [0-9]+ [0-9]+)*)?$'::text)))
);

ALTER TABLE ONLY clinicd.waitlist_entries FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.waitlist_entries OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.waitlist_entries IS 'Patients who want to come when a time is free that fits them. PHI.';

COMMENT ON COLUMN clinicd.waitlist_entries.visit_type_id IS 'What the visit is; NULL: duration_minutes with a practitioner.';

COMMENT ON COLUMN clinicd.waitlist_entries.duration_minutes IS 'How long the visit takes; NULL: as long as its type.';

COMMENT ON COLUMN clinicd.waitlist_entries.practitioner_id IS 'With whom only; NULL: with any.';

COMMENT ON COLUMN clinicd.waitlist_entries.location_id IS 'Where only; NULL: at the main site only if main_site says so, else anywhere.';

COMMENT ON COLUMN clinicd.waitlist_entries.urgency_rank IS 'The order in which people are asked.';

COMMENT ON COLUMN clinicd.waitlist_entries.short_notice_minutes IS 'The patient can come this soon after a call; NULL: is not on the short-call list.';

COMMENT ON COLUMN clinicd.waitlist_entries.earliest_on IS 'The first day; NULL: any.';

COMMENT ON COLUMN clinicd.waitlist_entries.latest_on IS 'The last day, after which a waiting entry has expired; NULL: it never does.';

COMMENT ON COLUMN clinicd.waitlist_entries.windows IS 'When the patient can come, each as "WEEKDAYS FROM TO", separated by commas: digits of ISO 8601 weekdays, and minutes after midnight on the clock of the site. Empty: always.';

COMMENT ON COLUMN clinicd.waitlist_entries.appointment_id IS 'What was booked; NULL: nothing was.';

COMMENT ON COLUMN clinicd.waitlist_entries.created_at IS 'Since when the patient waits.';

COMMENT ON COLUMN clinicd.waitlist_entries.created_by IS 'The membership that added the row; NULL: the operator did.';

CREATE TABLE clinicd.waitlist_offers (
    clinic_id uuid NOT NULL,
    id uuid NOT NULL,
    entry_id uuid NOT NULL,
    hold_id uuid NOT NULL,
    practitioner_id uuid NOT NULL,
    local_start timestamp without time zone NOT NULL,
    time_zone text NOT NULL,
    duration_minutes integer NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    buffer_before_minutes integer DEFAULT 0 NOT NULL,
    buffer_after_minutes integer DEFAULT 0 NOT NULL,
    allocations text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    appointment_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by uuid,
    closed_at timestamp with time zone,
    closed_by uuid,
    CONSTRAINT waitlist_offers_allocations_ck CHECK (((char_length(allocations) >= 1) AND (char_length(allocations) <= 1200))),
    CONSTRAINT waitlist_offers_appointment_ck CHECK (((appointment_id IS NOT NULL) = (state = 'accepted'::text))),
    CONSTRAINT waitlist_offers_buffer_after_minutes_ck CHECK (((buffer_after_minutes >= 0) AND (buffer_after_minutes <= 240))),
    CONSTRAINT waitlist_offers_buffer_before_minutes_ck CHECK (((buffer_before_minutes >= 0) AND (buffer_before_minutes <= 240))),
    CONSTRAINT waitlist_offers_closed_at_ck CHECK (((closed_at IS NULL) = (state = 'open'::text))),
    CONSTRAINT waitlist_offers_duration_minutes_ck CHECK (((duration_minutes >= 1) AND (duration_minutes <= 1440))),
    CONSTRAINT waitlist_offers_ends_at_ck CHECK (((ends_at - starts_at) = make_interval(mins => duration_minutes))),
    CONSTRAINT waitlist_offers_expires_at_ck CHECK (((expires_at > created_at) AND (expires_at <= starts_at))),
    CONSTRAINT waitlist_offers_state_ck CHECK ((state = ANY (ARRAY['open'::text, 'accepted'::text, 'declined'::text, 'expired'::text, 'withdrawn'::text, 'taken'::text]))),
    CONSTRAINT waitlist_offers_time_zone_ck CHECK (((char_length(time_zone) >= 1) AND (char_length(time_zone) <= 64)))
);

ALTER TABLE ONLY clinicd.waitlist_offers FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.waitlist_offers OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.waitlist_offers IS 'Times that were offered to people on the waiting list, and what became of that. PHI.';

COMMENT ON COLUMN clinicd.waitlist_offers.hold_id IS 'The hold that keeps the time free, which all offers of that time share. It ends before them, so that this refers to no row.';

COMMENT ON COLUMN clinicd.waitlist_offers.allocations IS 'Who and what the visit takes, each as "KIND ID OFFSET DURATION" in minutes, separated by commas.';

COMMENT ON COLUMN clinicd.waitlist_offers.state IS 'Taken: somebody else accepted the time. An open offer that is past expires_at has expired, whether or not the state says so.';

COMMENT ON COLUMN clinicd.waitlist_offers.appointment_id IS 'What acceptance booked; NULL: the offer was not accepted.';

COMMENT ON COLUMN clinicd.waitlist_offers.created_by IS 'The membership that made the offer; NULL: the operator did.';

COMMENT ON COLUMN clinicd.waitlist_offers.closed_at IS 'When it stopped being open; NULL: it is.';

COMMENT ON COLUMN clinicd.waitlist_offers.closed_by IS 'The membership that closed it; NULL: nobody has.';

CREATE TABLE clinicd.working_hours (
    clinic_id uuid NOT NULL,
    id uuid NOT NULL,
    owner_kind text NOT NULL,
    practitioner_id uuid,
    resource_id uuid,
    location_id uuid,
    weekday smallint NOT NULL,
    from_minute smallint NOT NULL,
    to_minute smallint NOT NULL,
    valid_from date,
    valid_until date,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by uuid,
    CONSTRAINT working_hours_from_minute_ck CHECK (((from_minute >= 0) AND (from_minute <= 1439))),
    CONSTRAINT working_hours_owner_ck CHECK ((((practitioner_id IS NOT NULL) = (owner_kind = 'practitioner'::text)) AND ((resource_id IS NOT NULL) = (owner_kind = 'resource'::text)) AND ((owner_kind <> 'resource'::text) OR (location_id IS NULL)))),
    CONSTRAINT working_hours_owner_kind_ck CHECK ((owner_kind = ANY (ARRAY['location'::text, 'practitioner'::text, 'resource'::text]))),
    CONSTRAINT working_hours_to_minute_ck CHECK ((((to_minute >= 0) AND (to_minute <= 1440)) AND (to_minute <> from_minute))),
    CONSTRAINT working_hours_valid_until_ck CHECK ((valid_until >= valid_from)),
    CONSTRAINT working_hours_weekday_ck CHECK (((weekday >= 1) AND (weekday <= 7)))
);

ALTER TABLE ONLY clinicd.working_hours FORCE ROW LEVEL SECURITY;

ALTER TABLE clinicd.working_hours OWNER TO clinicd_owner;

COMMENT ON TABLE clinicd.working_hours IS 'Hours of a usual week, on the clock of the site. Who has none works when the site does; a site that has none is always open. No PHI.';

COMMENT ON COLUMN clinicd.working_hours.owner_kind IS 'Whose hours they are.';

COMMENT ON COLUMN clinicd.working_hours.practitioner_id IS 'The practitioner who works; NULL: the hours are of something else.';

COMMENT ON COLUMN clinicd.working_hours.resource_id IS 'The resource that works, where it stands; NULL: the hours are of something else.';

COMMENT ON COLUMN clinicd.working_hours.location_id IS 'The site that is open, or where the practitioner works; NULL: the main site or, for a resource, where that stands.';

COMMENT ON COLUMN clinicd.working_hours.weekday IS 'ISO 8601: Monday is 1.';

COMMENT ON COLUMN clinicd.working_hours.from_minute IS 'Minutes that the clock shows after midnight.';

COMMENT ON COLUMN clinicd.working_hours.to_minute IS 'The same, exclusive; before from_minute: on the next day.';

COMMENT ON COLUMN clinicd.working_hours.valid_from IS 'The first day; NULL: always.';

COMMENT ON COLUMN clinicd.working_hours.valid_until IS 'The last day, included; NULL: always.';

COMMENT ON COLUMN clinicd.working_hours.created_by IS 'The membership that set the hours; NULL: the operator did.';

ALTER TABLE ONLY clinicd.appointment_events
    ADD CONSTRAINT appointment_events_pk PRIMARY KEY (clinic_id, appointment_id, row_version);

ALTER TABLE ONLY clinicd.appointment_series
    ADD CONSTRAINT appointment_series_pk PRIMARY KEY (clinic_id, id);

ALTER TABLE ONLY clinicd.appointments
    ADD CONSTRAINT appointments_external_id_uq UNIQUE (clinic_id, external_id);

ALTER TABLE ONLY clinicd.appointments
    ADD CONSTRAINT appointments_pk PRIMARY KEY (clinic_id, id);

ALTER TABLE ONLY clinicd.audit_checkpoints
    ADD CONSTRAINT audit_checkpoints_pk PRIMARY KEY (meta_size);

ALTER TABLE ONLY clinicd.audit_cosignatures
    ADD CONSTRAINT audit_cosignatures_pk PRIMARY KEY (meta_size, witness);

ALTER TABLE ONLY clinicd.audit_epochs
    ADD CONSTRAINT audit_epochs_pk PRIMARY KEY (epoch);

ALTER TABLE ONLY clinicd.audit_events
    ADD CONSTRAINT audit_events_pk PRIMARY KEY (clinic_id, id);

ALTER TABLE ONLY clinicd.audit_findings
    ADD CONSTRAINT audit_findings_once_uq UNIQUE NULLS NOT DISTINCT (clinic_id, day, rule, actor_id, patient_id);

ALTER TABLE ONLY clinicd.audit_findings
    ADD CONSTRAINT audit_findings_pk PRIMARY KEY (clinic_id, id);

ALTER TABLE ONLY clinicd.audit_heads
    ADD CONSTRAINT audit_heads_meta_index_uq UNIQUE (meta_index);

ALTER TABLE ONLY clinicd.audit_heads
    ADD CONSTRAINT audit_heads_pk PRIMARY KEY (clinic_id, tree_size);

ALTER TABLE ONLY clinicd.audit_leaves
    ADD CONSTRAINT audit_leaves_event_uq UNIQUE (clinic_id, event_id);

ALTER TABLE ONLY clinicd.audit_leaves
    ADD CONSTRAINT audit_leaves_pk PRIMARY KEY (clinic_id, leaf_index);

ALTER TABLE ONLY clinicd.audit_legal_holds
    ADD CONSTRAINT audit_legal_holds_pk PRIMARY KEY (clinic_id, id);

ALTER TABLE ONLY clinicd.audit_meta_leaves
    ADD CONSTRAINT audit_meta_leaves_pk PRIMARY KEY (meta_index);

ALTER TABLE ONLY clinicd.audit_meta_tiles
    ADD CONSTRAINT audit_meta_tiles_pk PRIMARY KEY (tile_level, tile_index);

ALTER TABLE ONLY clinicd.audit_sealer
    ADD CONSTRAINT audit_sealer_pk PRIMARY KEY (only_row);

ALTER TABLE ONLY clinicd.audit_tiles
    ADD CONSTRAINT audit_tiles_pk PRIMARY KEY (clinic_id, tile_level, tile_index);

ALTER TABLE ONLY clinicd.audit_trees
    ADD CONSTRAINT audit_trees_pk PRIMARY KEY (clinic_id);

ALTER TABLE ONLY clinicd.authz_changes
    ADD CONSTRAINT authz_changes_pk PRIMARY KEY (clinic_id, id);

ALTER TABLE ONLY clinicd.calendar_feeds
    ADD CONSTRAINT calendar_feeds_pk PRIMARY KEY (clinic_id, id);

ALTER TABLE ONLY clinicd.calendar_feeds
    ADD CONSTRAINT calendar_feeds_secret_hash_uq UNIQUE (clinic_id, secret_hash);

ALTER TABLE ONLY clinicd.changes
    ADD CONSTRAINT changes_pk PRIMARY KEY (clinic_id, transaction_number, id);

ALTER TABLE ONLY clinicd.clinics
    ADD CONSTRAINT clinics_pk PRIMARY KEY (id);

ALTER TABLE ONLY clinicd.clinics
    ADD CONSTRAINT clinics_slug_uq UNIQUE (slug);

ALTER TABLE ONLY clinicd.data_keys
    ADD CONSTRAINT data_keys_pk PRIMARY KEY (clinic_id, subject_id, version);

ALTER TABLE ONLY clinicd.holds
    ADD CONSTRAINT holds_pk PRIMARY KEY (clinic_id, id);

ALTER TABLE ONLY clinicd.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pk PRIMARY KEY (clinic_id, membership_id, request_id);

ALTER TABLE ONLY clinicd.isolation_certificates
    ADD CONSTRAINT isolation_certificates_digest_uq UNIQUE (clinic_id, probed_on, digest);

ALTER TABLE ONLY clinicd.isolation_certificates
    ADD CONSTRAINT isolation_certificates_pk PRIMARY KEY (clinic_id, id);

ALTER TABLE ONLY clinicd.locations
    ADD CONSTRAINT locations_external_id_uq UNIQUE (clinic_id, external_id);

ALTER TABLE ONLY clinicd.locations
    ADD CONSTRAINT locations_pk PRIMARY KEY (clinic_id, id);

ALTER TABLE ONLY clinicd.memberships
    ADD CONSTRAINT memberships_email_key_uq UNIQUE (clinic_id, email_key);

ALTER TABLE ONLY clinicd.memberships
    ADD CONSTRAINT memberships_pk PRIMARY KEY (clinic_id, id);

ALTER TABLE ONLY clinicd.memberships
    ADD CONSTRAINT memberships_user_uq UNIQUE (clinic_id, user_id);

ALTER TABLE ONLY clinicd.occupancies
    ADD CONSTRAINT occupancies_occupant_occupied_ex EXCLUDE USING gist (clinic_id WITH =, occupant_id WITH =, lane WITH =, occupied WITH &&) WHERE (COALESCE(active, false));

ALTER TABLE ONLY clinicd.occupancies
    ADD CONSTRAINT occupancies_person_elsewhere_ex EXCLUDE USING gist (person_id WITH =, clinic_id WITH <>, occupied WITH &&) WHERE (COALESCE((active AND (person_id IS NOT NULL)), false));

ALTER TABLE ONLY clinicd.occupancies
    ADD CONSTRAINT occupancies_person_occupied_ex EXCLUDE USING gist (person_id WITH =, lane WITH =, occupied WITH &&) WHERE (COALESCE((active AND (person_id IS NOT NULL)), false));

ALTER TABLE ONLY clinicd.occupancies
    ADD CONSTRAINT occupancies_pk PRIMARY KEY (clinic_id, holder_id, "position");

ALTER TABLE ONLY clinicd.patient_tokens
    ADD CONSTRAINT patient_tokens_pk PRIMARY KEY (clinic_id, token, patient_id);

ALTER TABLE ONLY clinicd.patients
    ADD CONSTRAINT patients_external_id_uq UNIQUE (clinic_id, external_id);

ALTER TABLE ONLY clinicd.patients
    ADD CONSTRAINT patients_file_number_uq UNIQUE (clinic_id, file_number);

ALTER TABLE ONLY clinicd.patients
    ADD CONSTRAINT patients_pk PRIMARY KEY (clinic_id, id);

ALTER TABLE ONLY clinicd.practitioners
    ADD CONSTRAINT practitioners_external_id_uq UNIQUE (clinic_id, external_id);

ALTER TABLE ONLY clinicd.practitioners
    ADD CONSTRAINT practitioners_pk PRIMARY KEY (clinic_id, id);

ALTER TABLE ONLY clinicd.refresh_tokens
    ADD CONSTRAINT refresh_tokens_parent_uq UNIQUE (clinic_id, parent_id);

ALTER TABLE ONLY clinicd.refresh_tokens
    ADD CONSTRAINT refresh_tokens_pk PRIMARY KEY (clinic_id, id);

ALTER TABLE ONLY clinicd.resources
    ADD CONSTRAINT resources_external_id_uq UNIQUE (clinic_id, external_id);

ALTER TABLE ONLY clinicd.resources
    ADD CONSTRAINT resources_pk PRIMARY KEY (clinic_id, id);

ALTER TABLE ONLY clinicd.schedule_exceptions
    ADD CONSTRAINT schedule_exceptions_pk PRIMARY KEY (clinic_id, id);

ALTER TABLE ONLY clinicd.sessions
    ADD CONSTRAINT sessions_pk PRIMARY KEY (clinic_id, id);

ALTER TABLE ONLY clinicd.time_zone_versions
    ADD CONSTRAINT time_zone_versions_pk PRIMARY KEY (clinic_id);

ALTER TABLE ONLY clinicd.users
    ADD CONSTRAINT users_email_key_uq UNIQUE (email_key);

ALTER TABLE ONLY clinicd.users
    ADD CONSTRAINT users_pk PRIMARY KEY (id);

ALTER TABLE ONLY clinicd.visit_type_segments
    ADD CONSTRAINT visit_type_segments_pk PRIMARY KEY (clinic_id, visit_type_id, "position");

ALTER TABLE ONLY clinicd.visit_types
    ADD CONSTRAINT visit_types_external_id_uq UNIQUE (clinic_id, external_id);

ALTER TABLE ONLY clinicd.visit_types
    ADD CONSTRAINT visit_types_pk PRIMARY KEY (clinic_id, id);

ALTER TABLE ONLY clinicd.waitlist_entries
    ADD CONSTRAINT waitlist_entries_pk PRIMARY KEY (clinic_id, id);

ALTER TABLE ONLY clinicd.waitlist_offers
    ADD CONSTRAINT waitlist_offers_pk PRIMARY KEY (clinic_id, id);

ALTER TABLE ONLY clinicd.working_hours
    ADD CONSTRAINT working_hours_pk PRIMARY KEY (clinic_id, id);

CREATE INDEX appointments_by_patient_ix ON clinicd.appointments USING btree (clinic_id, patient_id, starts_at);

CREATE INDEX appointments_by_practitioner_ix ON clinicd.appointments USING btree (clinic_id, practitioner_id, starts_at, id);

CREATE UNIQUE INDEX appointments_by_series_ix ON clinicd.appointments USING btree (clinic_id, series_id, series_ordinal) WHERE (series_id IS NOT NULL);

CREATE INDEX appointments_by_start_ix ON clinicd.appointments USING btree (clinic_id, starts_at, id);

CREATE INDEX audit_events_by_actor_ix ON ONLY clinicd.audit_events USING btree (clinic_id, actor_id, id) WHERE (actor_id IS NOT NULL);

CREATE INDEX audit_events_by_entity_ix ON ONLY clinicd.audit_events USING btree (clinic_id, entity_id, id) WHERE ((entity_id IS NOT NULL) AND ((entity_type)::text <> 'patient'::text));

CREATE INDEX audit_events_by_patient_ix ON ONLY clinicd.audit_events USING btree (clinic_id, patient_id, id) WHERE (patient_id IS NOT NULL);

CREATE INDEX audit_events_by_transaction_ix ON ONLY clinicd.audit_events USING btree (transaction_number, id);

CREATE INDEX audit_findings_by_state_ix ON clinicd.audit_findings USING btree (clinic_id, state, id);

CREATE INDEX audit_legal_holds_by_state_ix ON clinicd.audit_legal_holds USING btree (clinic_id, state, id);

CREATE INDEX authz_changes_by_time_ix ON clinicd.authz_changes USING btree (changed_at, id);

CREATE INDEX changes_by_transaction_ix ON clinicd.changes USING btree (transaction_number, id);

CREATE INDEX holds_by_expiry_ix ON clinicd.holds USING btree (clinic_id, expires_at);

CREATE INDEX holds_by_start_ix ON clinicd.holds USING btree (clinic_id, starts_at, id);

CREATE INDEX idempotency_keys_by_age_ix ON clinicd.idempotency_keys USING btree (clinic_id, created_at);

CREATE INDEX isolation_certificates_by_day_ix ON clinicd.isolation_certificates USING btree (clinic_id, probed_on, id);

CREATE INDEX locations_by_name_ix ON clinicd.locations USING btree (clinic_id, name, id);

CREATE INDEX memberships_by_name_ix ON clinicd.memberships USING btree (clinic_id, family_name, given_name, id);

CREATE INDEX occupancies_by_occupant_ix ON clinicd.occupancies USING btree (clinic_id, occupant_id, starts_at, ends_at);

CREATE INDEX occupancies_by_start_ix ON clinicd.occupancies USING btree (clinic_id, starts_at);

CREATE INDEX patient_tokens_by_patient_ix ON clinicd.patient_tokens USING btree (clinic_id, patient_id);

CREATE INDEX patients_by_name_ix ON clinicd.patients USING btree (clinic_id, family_name, given_name, id);

CREATE INDEX practitioners_by_name_ix ON clinicd.practitioners USING btree (clinic_id, family_name, given_name, id);

CREATE INDEX refresh_tokens_by_session_ix ON clinicd.refresh_tokens USING btree (clinic_id, session_id, id);

CREATE INDEX resources_by_order_ix ON clinicd.resources USING btree (clinic_id, sort_order, name, id);

CREATE INDEX schedule_exceptions_by_last_ix ON clinicd.schedule_exceptions USING btree (clinic_id, last_on);

CREATE INDEX sessions_by_membership_ix ON clinicd.sessions USING btree (clinic_id, membership_id, id);

CREATE INDEX visit_types_by_name_ix ON clinicd.visit_types USING btree (clinic_id, name, id);

CREATE INDEX waitlist_entries_by_order_ix ON clinicd.waitlist_entries USING btree (clinic_id, state, urgency_rank, created_at, id);

CREATE UNIQUE INDEX waitlist_offers_by_accepted_entry_ix ON clinicd.waitlist_offers USING btree (clinic_id, entry_id) WHERE (state = 'accepted'::text);

CREATE UNIQUE INDEX waitlist_offers_by_accepted_hold_ix ON clinicd.waitlist_offers USING btree (clinic_id, hold_id) WHERE (state = 'accepted'::text);

CREATE INDEX waitlist_offers_by_entry_ix ON clinicd.waitlist_offers USING btree (clinic_id, entry_id, starts_at);

CREATE INDEX waitlist_offers_by_hold_ix ON clinicd.waitlist_offers USING btree (clinic_id, hold_id);

CREATE UNIQUE INDEX waitlist_offers_by_open_entry_and_hold_ix ON clinicd.waitlist_offers USING btree (clinic_id, entry_id, hold_id) WHERE (state = 'open'::text);

CREATE INDEX waitlist_offers_by_start_ix ON clinicd.waitlist_offers USING btree (clinic_id, starts_at, practitioner_id);

CREATE TRIGGER audit_checkpoints_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON clinicd.audit_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION clinicd.refuse_change();

CREATE TRIGGER audit_epochs_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON clinicd.audit_epochs FOR EACH STATEMENT EXECUTE FUNCTION clinicd.refuse_change();

CREATE TRIGGER audit_events_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON clinicd.audit_events FOR EACH STATEMENT EXECUTE FUNCTION clinicd.refuse_change();

CREATE TRIGGER audit_heads_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON clinicd.audit_heads FOR EACH STATEMENT EXECUTE FUNCTION clinicd.refuse_change();

CREATE TRIGGER audit_leaves_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON clinicd.audit_leaves FOR EACH STATEMENT EXECUTE FUNCTION clinicd.refuse_change();

CREATE TRIGGER audit_meta_leaves_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON clinicd.audit_meta_leaves FOR EACH STATEMENT EXECUTE FUNCTION clinicd.refuse_change();

CREATE TRIGGER audit_meta_tiles_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON clinicd.audit_meta_tiles FOR EACH STATEMENT EXECUTE FUNCTION clinicd.refuse_change();

CREATE TRIGGER audit_tiles_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON clinicd.audit_tiles FOR EACH STATEMENT EXECUTE FUNCTION clinicd.refuse_change();

ALTER TABLE ONLY clinicd.appointment_events
    ADD CONSTRAINT appointment_events_appointment_fk FOREIGN KEY (clinic_id, appointment_id) REFERENCES clinicd.appointments(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.appointment_series
    ADD CONSTRAINT appointment_series_continues_fk FOREIGN KEY (clinic_id, continues_id) REFERENCES clinicd.appointment_series(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.appointment_series
    ADD CONSTRAINT appointment_series_patient_fk FOREIGN KEY (clinic_id, patient_id) REFERENCES clinicd.patients(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.appointment_series
    ADD CONSTRAINT appointment_series_practitioner_fk FOREIGN KEY (clinic_id, practitioner_id) REFERENCES clinicd.practitioners(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.appointment_series
    ADD CONSTRAINT appointment_series_visit_type_fk FOREIGN KEY (clinic_id, visit_type_id) REFERENCES clinicd.visit_types(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.appointments
    ADD CONSTRAINT appointments_patient_fk FOREIGN KEY (clinic_id, patient_id) REFERENCES clinicd.patients(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.appointments
    ADD CONSTRAINT appointments_practitioner_fk FOREIGN KEY (clinic_id, practitioner_id) REFERENCES clinicd.practitioners(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.appointments
    ADD CONSTRAINT appointments_series_fk FOREIGN KEY (clinic_id, series_id) REFERENCES clinicd.appointment_series(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.appointments
    ADD CONSTRAINT appointments_visit_type_fk FOREIGN KEY (clinic_id, visit_type_id) REFERENCES clinicd.visit_types(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.audit_cosignatures
    ADD CONSTRAINT audit_cosignatures_checkpoint_fk FOREIGN KEY (meta_size) REFERENCES clinicd.audit_checkpoints(meta_size);

ALTER TABLE ONLY clinicd.audit_findings
    ADD CONSTRAINT audit_findings_clinic_fk FOREIGN KEY (clinic_id) REFERENCES clinicd.clinics(id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.audit_legal_holds
    ADD CONSTRAINT audit_legal_holds_clinic_fk FOREIGN KEY (clinic_id) REFERENCES clinicd.clinics(id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.authz_changes
    ADD CONSTRAINT authz_changes_membership_fk FOREIGN KEY (clinic_id, membership_id) REFERENCES clinicd.memberships(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.authz_changes
    ADD CONSTRAINT authz_changes_session_fk FOREIGN KEY (clinic_id, session_id) REFERENCES clinicd.sessions(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.calendar_feeds
    ADD CONSTRAINT calendar_feeds_practitioner_fk FOREIGN KEY (clinic_id, practitioner_id) REFERENCES clinicd.practitioners(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.data_keys
    ADD CONSTRAINT data_keys_clinic_fk FOREIGN KEY (clinic_id) REFERENCES clinicd.clinics(id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.holds
    ADD CONSTRAINT holds_membership_fk FOREIGN KEY (clinic_id, membership_id) REFERENCES clinicd.memberships(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.holds
    ADD CONSTRAINT holds_practitioner_fk FOREIGN KEY (clinic_id, practitioner_id) REFERENCES clinicd.practitioners(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.isolation_certificates
    ADD CONSTRAINT isolation_certificates_clinic_fk FOREIGN KEY (clinic_id) REFERENCES clinicd.clinics(id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.locations
    ADD CONSTRAINT locations_clinic_fk FOREIGN KEY (clinic_id) REFERENCES clinicd.clinics(id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.memberships
    ADD CONSTRAINT memberships_clinic_fk FOREIGN KEY (clinic_id) REFERENCES clinicd.clinics(id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.memberships
    ADD CONSTRAINT memberships_user_fk FOREIGN KEY (user_id) REFERENCES clinicd.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.occupancies
    ADD CONSTRAINT occupancies_appointment_fk FOREIGN KEY (clinic_id, appointment_id) REFERENCES clinicd.appointments(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.occupancies
    ADD CONSTRAINT occupancies_hold_fk FOREIGN KEY (clinic_id, hold_id) REFERENCES clinicd.holds(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.occupancies
    ADD CONSTRAINT occupancies_patient_fk FOREIGN KEY (clinic_id, patient_id) REFERENCES clinicd.patients(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.occupancies
    ADD CONSTRAINT occupancies_practitioner_fk FOREIGN KEY (clinic_id, practitioner_id) REFERENCES clinicd.practitioners(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.occupancies
    ADD CONSTRAINT occupancies_resource_fk FOREIGN KEY (clinic_id, resource_id) REFERENCES clinicd.resources(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.patient_tokens
    ADD CONSTRAINT patient_tokens_patient_fk FOREIGN KEY (clinic_id, patient_id) REFERENCES clinicd.patients(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.patients
    ADD CONSTRAINT patients_clinic_fk FOREIGN KEY (clinic_id) REFERENCES clinicd.clinics(id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.practitioners
    ADD CONSTRAINT practitioners_clinic_fk FOREIGN KEY (clinic_id) REFERENCES clinicd.clinics(id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.practitioners
    ADD CONSTRAINT practitioners_membership_fk FOREIGN KEY (clinic_id, membership_id) REFERENCES clinicd.memberships(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.refresh_tokens
    ADD CONSTRAINT refresh_tokens_parent_fk FOREIGN KEY (clinic_id, parent_id) REFERENCES clinicd.refresh_tokens(clinic_id, id);

ALTER TABLE ONLY clinicd.refresh_tokens
    ADD CONSTRAINT refresh_tokens_session_fk FOREIGN KEY (clinic_id, session_id) REFERENCES clinicd.sessions(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.resources
    ADD CONSTRAINT resources_clinic_fk FOREIGN KEY (clinic_id) REFERENCES clinicd.clinics(id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.resources
    ADD CONSTRAINT resources_location_fk FOREIGN KEY (clinic_id, location_id) REFERENCES clinicd.locations(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.schedule_exceptions
    ADD CONSTRAINT schedule_exceptions_clinic_fk FOREIGN KEY (clinic_id) REFERENCES clinicd.clinics(id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.schedule_exceptions
    ADD CONSTRAINT schedule_exceptions_location_fk FOREIGN KEY (clinic_id, location_id) REFERENCES clinicd.locations(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.schedule_exceptions
    ADD CONSTRAINT schedule_exceptions_practitioner_fk FOREIGN KEY (clinic_id, practitioner_id) REFERENCES clinicd.practitioners(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.schedule_exceptions
    ADD CONSTRAINT schedule_exceptions_resource_fk FOREIGN KEY (clinic_id, resource_id) REFERENCES clinicd.resources(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.sessions
    ADD CONSTRAINT sessions_membership_fk FOREIGN KEY (clinic_id, membership_id) REFERENCES clinicd.memberships(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.time_zone_versions
    ADD CONSTRAINT time_zone_versions_clinic_fk FOREIGN KEY (clinic_id) REFERENCES clinicd.clinics(id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.visit_type_segments
    ADD CONSTRAINT visit_type_segments_visit_type_fk FOREIGN KEY (clinic_id, visit_type_id) REFERENCES clinicd.visit_types(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.visit_types
    ADD CONSTRAINT visit_types_clinic_fk FOREIGN KEY (clinic_id) REFERENCES clinicd.clinics(id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.waitlist_entries
    ADD CONSTRAINT waitlist_entries_appointment_fk FOREIGN KEY (clinic_id, appointment_id) REFERENCES clinicd.appointments(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.waitlist_entries
    ADD CONSTRAINT waitlist_entries_location_fk FOREIGN KEY (clinic_id, location_id) REFERENCES clinicd.locations(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.waitlist_entries
    ADD CONSTRAINT waitlist_entries_patient_fk FOREIGN KEY (clinic_id, patient_id) REFERENCES clinicd.patients(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.waitlist_entries
    ADD CONSTRAINT waitlist_entries_practitioner_fk FOREIGN KEY (clinic_id, practitioner_id) REFERENCES clinicd.practitioners(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.waitlist_entries
    ADD CONSTRAINT waitlist_entries_visit_type_fk FOREIGN KEY (clinic_id, visit_type_id) REFERENCES clinicd.visit_types(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.waitlist_offers
    ADD CONSTRAINT waitlist_offers_appointment_fk FOREIGN KEY (clinic_id, appointment_id) REFERENCES clinicd.appointments(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.waitlist_offers
    ADD CONSTRAINT waitlist_offers_entry_fk FOREIGN KEY (clinic_id, entry_id) REFERENCES clinicd.waitlist_entries(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.waitlist_offers
    ADD CONSTRAINT waitlist_offers_practitioner_fk FOREIGN KEY (clinic_id, practitioner_id) REFERENCES clinicd.practitioners(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.working_hours
    ADD CONSTRAINT working_hours_clinic_fk FOREIGN KEY (clinic_id) REFERENCES clinicd.clinics(id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.working_hours
    ADD CONSTRAINT working_hours_location_fk FOREIGN KEY (clinic_id, location_id) REFERENCES clinicd.locations(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.working_hours
    ADD CONSTRAINT working_hours_practitioner_fk FOREIGN KEY (clinic_id, practitioner_id) REFERENCES clinicd.practitioners(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE ONLY clinicd.working_hours
    ADD CONSTRAINT working_hours_resource_fk FOREIGN KEY (clinic_id, resource_id) REFERENCES clinicd.resources(clinic_id, id) ON DELETE RESTRICT;

ALTER TABLE clinicd.appointment_events ENABLE ROW LEVEL SECURITY;

CREATE POLICY appointment_events_clinic_isolation ON clinicd.appointment_events TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY appointment_events_clinic_isolation_restrictive ON clinicd.appointment_events AS RESTRICTIVE USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

ALTER TABLE clinicd.appointment_series ENABLE ROW LEVEL SECURITY;

CREATE POLICY appointment_series_clinic_isolation ON clinicd.appointment_series TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY appointment_series_clinic_isolation_restrictive ON clinicd.appointment_series AS RESTRICTIVE USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

ALTER TABLE clinicd.appointments ENABLE ROW LEVEL SECURITY;

CREATE POLICY appointments_clinic_isolation ON clinicd.appointments TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY appointments_clinic_isolation_restrictive ON clinicd.appointments AS RESTRICTIVE USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

ALTER TABLE clinicd.audit_checkpoints ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_checkpoints_reading ON clinicd.audit_checkpoints FOR SELECT TO clinicd_app USING (true);

CREATE POLICY audit_checkpoints_sealing ON clinicd.audit_checkpoints TO clinicd_sealer USING (true) WITH CHECK (true);

ALTER TABLE clinicd.audit_cosignatures ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_cosignatures_reading ON clinicd.audit_cosignatures FOR SELECT TO clinicd_app USING (true);

CREATE POLICY audit_cosignatures_sealing ON clinicd.audit_cosignatures TO clinicd_sealer USING (true) WITH CHECK (true);

ALTER TABLE clinicd.audit_epochs ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_epochs_reading ON clinicd.audit_epochs FOR SELECT TO clinicd_app USING (true);

CREATE POLICY audit_epochs_sealing ON clinicd.audit_epochs TO clinicd_sealer USING (true) WITH CHECK (true);

ALTER TABLE clinicd.audit_events ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_events_clinic_isolation ON clinicd.audit_events TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY audit_events_clinic_isolation_restrictive ON clinicd.audit_events AS RESTRICTIVE TO clinicd_app, clinicd_auth, clinicd_jobs, clinicd_owner USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY audit_events_retention ON clinicd.audit_events FOR INSERT TO clinicd_owner WITH CHECK (((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)) AND ((category)::text = 'erasure'::text)));

CREATE POLICY audit_events_sealing ON clinicd.audit_events FOR SELECT TO clinicd_sealer USING (true);

ALTER TABLE clinicd.audit_findings ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_findings_clinic_isolation ON clinicd.audit_findings TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY audit_findings_clinic_isolation_restrictive ON clinicd.audit_findings AS RESTRICTIVE USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

ALTER TABLE clinicd.audit_heads ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_heads_clinic_isolation ON clinicd.audit_heads TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY audit_heads_clinic_isolation_restrictive ON clinicd.audit_heads AS RESTRICTIVE TO clinicd_app, clinicd_auth, clinicd_jobs, clinicd_owner USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY audit_heads_sealing ON clinicd.audit_heads TO clinicd_sealer USING (true) WITH CHECK (true);

ALTER TABLE clinicd.audit_leaves ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_leaves_clinic_isolation ON clinicd.audit_leaves TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY audit_leaves_clinic_isolation_restrictive ON clinicd.audit_leaves AS RESTRICTIVE TO clinicd_app, clinicd_auth, clinicd_jobs, clinicd_owner USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY audit_leaves_retention ON clinicd.audit_leaves FOR SELECT TO clinicd_owner USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY audit_leaves_sealing ON clinicd.audit_leaves TO clinicd_sealer USING (true) WITH CHECK (true);

ALTER TABLE clinicd.audit_legal_holds ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_legal_holds_clinic_isolation ON clinicd.audit_legal_holds TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY audit_legal_holds_clinic_isolation_restrictive ON clinicd.audit_legal_holds AS RESTRICTIVE USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY audit_legal_holds_retention ON clinicd.audit_legal_holds FOR SELECT TO clinicd_owner USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

ALTER TABLE clinicd.audit_meta_leaves ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_meta_leaves_reading ON clinicd.audit_meta_leaves FOR SELECT TO clinicd_app USING (true);

CREATE POLICY audit_meta_leaves_sealing ON clinicd.audit_meta_leaves TO clinicd_sealer USING (true) WITH CHECK (true);

ALTER TABLE clinicd.audit_meta_tiles ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_meta_tiles_reading ON clinicd.audit_meta_tiles FOR SELECT TO clinicd_app USING (true);

CREATE POLICY audit_meta_tiles_sealing ON clinicd.audit_meta_tiles TO clinicd_sealer USING (true) WITH CHECK (true);

ALTER TABLE clinicd.audit_sealer ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_sealer_sealing ON clinicd.audit_sealer TO clinicd_sealer USING (true) WITH CHECK (true);

ALTER TABLE clinicd.audit_tiles ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_tiles_clinic_isolation ON clinicd.audit_tiles TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY audit_tiles_clinic_isolation_restrictive ON clinicd.audit_tiles AS RESTRICTIVE TO clinicd_app, clinicd_auth, clinicd_jobs, clinicd_owner USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY audit_tiles_sealing ON clinicd.audit_tiles TO clinicd_sealer USING (true) WITH CHECK (true);

ALTER TABLE clinicd.audit_trees ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_trees_clinic_isolation ON clinicd.audit_trees TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY audit_trees_clinic_isolation_restrictive ON clinicd.audit_trees AS RESTRICTIVE TO clinicd_app, clinicd_auth, clinicd_jobs, clinicd_owner USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY audit_trees_sealing ON clinicd.audit_trees TO clinicd_sealer USING (true) WITH CHECK (true);

ALTER TABLE clinicd.authz_changes ENABLE ROW LEVEL SECURITY;

CREATE POLICY authz_changes_clinic_isolation ON clinicd.authz_changes TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY authz_changes_clinic_isolation_restrictive ON clinicd.authz_changes AS RESTRICTIVE TO clinicd_app, clinicd_jobs, clinicd_owner, clinicd_sealer USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY authz_changes_following ON clinicd.authz_changes FOR SELECT TO clinicd_auth USING (true);

ALTER TABLE clinicd.calendar_feeds ENABLE ROW LEVEL SECURITY;

CREATE POLICY calendar_feeds_clinic_isolation ON clinicd.calendar_feeds TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY calendar_feeds_clinic_isolation_restrictive ON clinicd.calendar_feeds AS RESTRICTIVE USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

ALTER TABLE clinicd.changes ENABLE ROW LEVEL SECURITY;

CREATE POLICY changes_clinic_isolation ON clinicd.changes TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY changes_clinic_isolation_restrictive ON clinicd.changes AS RESTRICTIVE TO clinicd_app, clinicd_jobs, clinicd_owner, clinicd_sealer USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY changes_following ON clinicd.changes FOR SELECT TO clinicd_auth USING (true);

ALTER TABLE clinicd.clinics ENABLE ROW LEVEL SECURITY;

CREATE POLICY clinics_clinic_isolation ON clinicd.clinics TO clinicd_app USING ((id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY clinics_clinic_isolation_restrictive ON clinicd.clinics AS RESTRICTIVE TO clinicd_app, clinicd_owner, clinicd_sealer USING ((id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY clinics_enumeration ON clinicd.clinics FOR SELECT TO clinicd_jobs USING (true);

CREATE POLICY clinics_retention ON clinicd.clinics FOR SELECT TO clinicd_owner USING ((id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY clinics_sign_in ON clinicd.clinics FOR SELECT TO clinicd_auth USING (true);

ALTER TABLE clinicd.data_keys ENABLE ROW LEVEL SECURITY;

CREATE POLICY data_keys_clinic_isolation ON clinicd.data_keys TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY data_keys_clinic_isolation_restrictive ON clinicd.data_keys AS RESTRICTIVE USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

ALTER TABLE clinicd.holds ENABLE ROW LEVEL SECURITY;

CREATE POLICY holds_clinic_isolation ON clinicd.holds TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY holds_clinic_isolation_restrictive ON clinicd.holds AS RESTRICTIVE USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

ALTER TABLE clinicd.idempotency_keys ENABLE ROW LEVEL SECURITY;

CREATE POLICY idempotency_keys_clinic_isolation ON clinicd.idempotency_keys TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY idempotency_keys_clinic_isolation_restrictive ON clinicd.idempotency_keys AS RESTRICTIVE USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

ALTER TABLE clinicd.isolation_certificates ENABLE ROW LEVEL SECURITY;

CREATE POLICY isolation_certificates_clinic_isolation ON clinicd.isolation_certificates TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY isolation_certificates_clinic_isolation_restrictive ON clinicd.isolation_certificates AS RESTRICTIVE USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

ALTER TABLE clinicd.locations ENABLE ROW LEVEL SECURITY;

CREATE POLICY locations_clinic_isolation ON clinicd.locations TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY locations_clinic_isolation_restrictive ON clinicd.locations AS RESTRICTIVE USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

ALTER TABLE clinicd.memberships ENABLE ROW LEVEL SECURITY;

CREATE POLICY memberships_clinic_isolation ON clinicd.memberships TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY memberships_clinic_isolation_restrictive ON clinicd.memberships AS RESTRICTIVE TO clinicd_app, clinicd_jobs, clinicd_owner, clinicd_sealer USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY memberships_sign_in ON clinicd.memberships FOR SELECT TO clinicd_auth USING (true);

ALTER TABLE clinicd.occupancies ENABLE ROW LEVEL SECURITY;

CREATE POLICY occupancies_clinic_isolation ON clinicd.occupancies TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY occupancies_clinic_isolation_restrictive ON clinicd.occupancies AS RESTRICTIVE USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

ALTER TABLE clinicd.patient_tokens ENABLE ROW LEVEL SECURITY;

CREATE POLICY patient_tokens_clinic_isolation ON clinicd.patient_tokens TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY patient_tokens_clinic_isolation_restrictive ON clinicd.patient_tokens AS RESTRICTIVE USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

ALTER TABLE clinicd.patients ENABLE ROW LEVEL SECURITY;

CREATE POLICY patients_clinic_isolation ON clinicd.patients TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY patients_clinic_isolation_restrictive ON clinicd.patients AS RESTRICTIVE USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

ALTER TABLE clinicd.practitioners ENABLE ROW LEVEL SECURITY;

CREATE POLICY practitioners_clinic_isolation ON clinicd.practitioners TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY practitioners_clinic_isolation_restrictive ON clinicd.practitioners AS RESTRICTIVE USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

ALTER TABLE clinicd.refresh_tokens ENABLE ROW LEVEL SECURITY;

CREATE POLICY refresh_tokens_clinic_isolation ON clinicd.refresh_tokens TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY refresh_tokens_clinic_isolation_restrictive ON clinicd.refresh_tokens AS RESTRICTIVE USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

ALTER TABLE clinicd.resources ENABLE ROW LEVEL SECURITY;

CREATE POLICY resources_clinic_isolation ON clinicd.resources TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY resources_clinic_isolation_restrictive ON clinicd.resources AS RESTRICTIVE USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

ALTER TABLE clinicd.schedule_exceptions ENABLE ROW LEVEL SECURITY;

CREATE POLICY schedule_exceptions_clinic_isolation ON clinicd.schedule_exceptions TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY schedule_exceptions_clinic_isolation_restrictive ON clinicd.schedule_exceptions AS RESTRICTIVE USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

ALTER TABLE clinicd.sessions ENABLE ROW LEVEL SECURITY;

CREATE POLICY sessions_clinic_isolation ON clinicd.sessions TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY sessions_clinic_isolation_restrictive ON clinicd.sessions AS RESTRICTIVE USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

ALTER TABLE clinicd.time_zone_versions ENABLE ROW LEVEL SECURITY;

CREATE POLICY time_zone_versions_clinic_isolation ON clinicd.time_zone_versions TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY time_zone_versions_clinic_isolation_restrictive ON clinicd.time_zone_versions AS RESTRICTIVE USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

ALTER TABLE clinicd.users ENABLE ROW LEVEL SECURITY;

CREATE POLICY users_own_transaction ON clinicd.users TO clinicd_app USING ((created_at = transaction_timestamp())) WITH CHECK ((( SELECT clinicd.current_clinic_id() AS current_clinic_id) IS NOT NULL));

CREATE POLICY users_own_transaction_restrictive ON clinicd.users AS RESTRICTIVE USING ((created_at = transaction_timestamp())) WITH CHECK ((( SELECT clinicd.current_clinic_id() AS current_clinic_id) IS NOT NULL));

ALTER TABLE clinicd.visit_type_segments ENABLE ROW LEVEL SECURITY;

CREATE POLICY visit_type_segments_clinic_isolation ON clinicd.visit_type_segments TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY visit_type_segments_clinic_isolation_restrictive ON clinicd.visit_type_segments AS RESTRICTIVE USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

ALTER TABLE clinicd.visit_types ENABLE ROW LEVEL SECURITY;

CREATE POLICY visit_types_clinic_isolation ON clinicd.visit_types TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY visit_types_clinic_isolation_restrictive ON clinicd.visit_types AS RESTRICTIVE USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

ALTER TABLE clinicd.waitlist_entries ENABLE ROW LEVEL SECURITY;

CREATE POLICY waitlist_entries_clinic_isolation ON clinicd.waitlist_entries TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY waitlist_entries_clinic_isolation_restrictive ON clinicd.waitlist_entries AS RESTRICTIVE USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

ALTER TABLE clinicd.waitlist_offers ENABLE ROW LEVEL SECURITY;

CREATE POLICY waitlist_offers_clinic_isolation ON clinicd.waitlist_offers TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY waitlist_offers_clinic_isolation_restrictive ON clinicd.waitlist_offers AS RESTRICTIVE USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

ALTER TABLE clinicd.working_hours ENABLE ROW LEVEL SECURITY;

CREATE POLICY working_hours_clinic_isolation ON clinicd.working_hours TO clinicd_app USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

CREATE POLICY working_hours_clinic_isolation_restrictive ON clinicd.working_hours AS RESTRICTIVE USING ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id))) WITH CHECK ((clinic_id = ( SELECT clinicd.current_clinic_id() AS current_clinic_id)));

GRANT USAGE ON SCHEMA clinicd TO clinicd_app;
GRANT USAGE ON SCHEMA clinicd TO clinicd_auth;
GRANT USAGE ON SCHEMA clinicd TO clinicd_jobs;
GRANT USAGE ON SCHEMA clinicd TO clinicd_sealer;

REVOKE ALL ON FUNCTION clinicd.create_audit_partitions(months_ahead integer) FROM PUBLIC;
GRANT ALL ON FUNCTION clinicd.create_audit_partitions(months_ahead integer) TO clinicd_jobs;
GRANT ALL ON FUNCTION clinicd.create_audit_partitions(months_ahead integer) TO clinicd_sealer;

REVOKE ALL ON FUNCTION clinicd.current_clinic_id() FROM PUBLIC;
GRANT ALL ON FUNCTION clinicd.current_clinic_id() TO clinicd_app;
GRANT ALL ON FUNCTION clinicd.current_clinic_id() TO clinicd_auth;
GRANT ALL ON FUNCTION clinicd.current_clinic_id() TO clinicd_jobs;
GRANT ALL ON FUNCTION clinicd.current_clinic_id() TO clinicd_sealer;

REVOKE ALL ON FUNCTION clinicd.drop_audit_partition(name text) FROM PUBLIC;
GRANT ALL ON FUNCTION clinicd.drop_audit_partition(name text) TO clinicd_sealer;

REVOKE ALL ON FUNCTION clinicd.first_uuid_at(instant timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION clinicd.refuse_change() FROM PUBLIC;

GRANT SELECT,INSERT ON TABLE clinicd.appointment_events TO clinicd_app;

GRANT SELECT,INSERT ON TABLE clinicd.appointment_series TO clinicd_app;

GRANT UPDATE(practitioner_id) ON TABLE clinicd.appointment_series TO clinicd_app;

GRANT UPDATE(rule) ON TABLE clinicd.appointment_series TO clinicd_app;

GRANT UPDATE(excluded_starts) ON TABLE clinicd.appointment_series TO clinicd_app;

GRANT UPDATE(local_start) ON TABLE clinicd.appointment_series TO clinicd_app;

GRANT UPDATE(duration_minutes) ON TABLE clinicd.appointment_series TO clinicd_app;

GRANT UPDATE(allocations) ON TABLE clinicd.appointment_series TO clinicd_app;

GRANT UPDATE(state) ON TABLE clinicd.appointment_series TO clinicd_app;

GRANT UPDATE(row_version) ON TABLE clinicd.appointment_series TO clinicd_app;

GRANT UPDATE(updated_at) ON TABLE clinicd.appointment_series TO clinicd_app;

GRANT SELECT,INSERT ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(practitioner_id) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(local_start) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(time_zone) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(duration_minutes) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(starts_at) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(ends_at) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(buffer_before_minutes) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(buffer_after_minutes) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(lane) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(overbook_reason) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(reason) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(state) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(confirmed_at) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(arrived_at) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(seated_at) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(completed_at) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(no_show_at) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(cancelled_at) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(cancelled_by) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(cancel_reason) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(cancelled_late) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(row_version) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(updated_at) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(series_id) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(series_ordinal) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(series_exception) ON TABLE clinicd.appointments TO clinicd_app;

GRANT UPDATE(visit_type_id) ON TABLE clinicd.appointments TO clinicd_app;

GRANT SELECT ON TABLE clinicd.audit_checkpoints TO clinicd_app;
GRANT SELECT,INSERT ON TABLE clinicd.audit_checkpoints TO clinicd_sealer;

GRANT SELECT ON TABLE clinicd.audit_cosignatures TO clinicd_app;
GRANT SELECT,INSERT ON TABLE clinicd.audit_cosignatures TO clinicd_sealer;

GRANT SELECT ON TABLE clinicd.audit_epochs TO clinicd_app;
GRANT SELECT,INSERT ON TABLE clinicd.audit_epochs TO clinicd_sealer;

GRANT SELECT ON TABLE clinicd.audit_events TO clinicd_sealer;

GRANT SELECT(clinic_id),INSERT(clinic_id) ON TABLE clinicd.audit_events TO clinicd_app;

GRANT SELECT(id),INSERT(id) ON TABLE clinicd.audit_events TO clinicd_app;

GRANT SELECT(occurred_at),INSERT(occurred_at) ON TABLE clinicd.audit_events TO clinicd_app;

GRANT SELECT(recorded_at) ON TABLE clinicd.audit_events TO clinicd_app;

GRANT SELECT(category),INSERT(category) ON TABLE clinicd.audit_events TO clinicd_app;

GRANT SELECT(action),INSERT(action) ON TABLE clinicd.audit_events TO clinicd_app;

GRANT SELECT(method),INSERT(method) ON TABLE clinicd.audit_events TO clinicd_app;

GRANT SELECT(outcome),INSERT(outcome) ON TABLE clinicd.audit_events TO clinicd_app;

GRANT SELECT(actor_id),INSERT(actor_id) ON TABLE clinicd.audit_events TO clinicd_app;

GRANT SELECT(actor_roles),INSERT(actor_roles) ON TABLE clinicd.audit_events TO clinicd_app;

GRANT SELECT(acting_for),INSERT(acting_for) ON TABLE clinicd.audit_events TO clinicd_app;

GRANT SELECT(purpose),INSERT(purpose) ON TABLE clinicd.audit_events TO clinicd_app;

GRANT SELECT(session_id),INSERT(session_id) ON TABLE clinicd.audit_events TO clinicd_app;

GRANT SELECT(patient_id),INSERT(patient_id) ON TABLE clinicd.audit_events TO clinicd_app;

GRANT SELECT(entity_type),INSERT(entity_type) ON TABLE clinicd.audit_events TO clinicd_app;

GRANT SELECT(entity_id),INSERT(entity_id) ON TABLE clinicd.audit_events TO clinicd_app;

GRANT SELECT(entity_version),INSERT(entity_version) ON TABLE clinicd.audit_events TO clinicd_app;

GRANT SELECT(changed_fields),INSERT(changed_fields) ON TABLE clinicd.audit_events TO clinicd_app;

GRANT SELECT(before_sealed),INSERT(before_sealed) ON TABLE clinicd.audit_events TO clinicd_app;

GRANT SELECT(after_sealed),INSERT(after_sealed) ON TABLE clinicd.audit_events TO clinicd_app;

GRANT SELECT(request_id),INSERT(request_id) ON TABLE clinicd.audit_events TO clinicd_app;

GRANT SELECT(client_address),INSERT(client_address) ON TABLE clinicd.audit_events TO clinicd_app;

GRANT SELECT(user_agent),INSERT(user_agent) ON TABLE clinicd.audit_events TO clinicd_app;

GRANT SELECT(node),INSERT(node) ON TABLE clinicd.audit_events TO clinicd_app;

GRANT SELECT(build),INSERT(build) ON TABLE clinicd.audit_events TO clinicd_app;

GRANT SELECT,INSERT ON TABLE clinicd.audit_findings TO clinicd_app;

GRANT UPDATE(state) ON TABLE clinicd.audit_findings TO clinicd_app;

GRANT UPDATE(note) ON TABLE clinicd.audit_findings TO clinicd_app;

GRANT UPDATE(closed_at) ON TABLE clinicd.audit_findings TO clinicd_app;

GRANT UPDATE(closed_by) ON TABLE clinicd.audit_findings TO clinicd_app;

GRANT UPDATE(row_version) ON TABLE clinicd.audit_findings TO clinicd_app;

GRANT SELECT ON TABLE clinicd.audit_heads TO clinicd_app;
GRANT SELECT,INSERT ON TABLE clinicd.audit_heads TO clinicd_sealer;

GRANT SELECT ON TABLE clinicd.audit_leaves TO clinicd_app;
GRANT SELECT,INSERT ON TABLE clinicd.audit_leaves TO clinicd_sealer;

GRANT SELECT,INSERT ON TABLE clinicd.audit_legal_holds TO clinicd_app;

GRANT UPDATE(state) ON TABLE clinicd.audit_legal_holds TO clinicd_app;

GRANT UPDATE(release_reason) ON TABLE clinicd.audit_legal_holds TO clinicd_app;

GRANT UPDATE(released_at) ON TABLE clinicd.audit_legal_holds TO clinicd_app;

GRANT UPDATE(released_by) ON TABLE clinicd.audit_legal_holds TO clinicd_app;

GRANT UPDATE(row_version) ON TABLE clinicd.audit_legal_holds TO clinicd_app;

GRANT SELECT ON TABLE clinicd.audit_meta_leaves TO clinicd_app;
GRANT SELECT,INSERT ON TABLE clinicd.audit_meta_leaves TO clinicd_sealer;

GRANT SELECT ON TABLE clinicd.audit_meta_tiles TO clinicd_app;
GRANT SELECT,INSERT ON TABLE clinicd.audit_meta_tiles TO clinicd_sealer;

GRANT SELECT,INSERT ON TABLE clinicd.audit_sealer TO clinicd_sealer;

GRANT UPDATE(system_identifier) ON TABLE clinicd.audit_sealer TO clinicd_sealer;

GRANT UPDATE(last_transaction) ON TABLE clinicd.audit_sealer TO clinicd_sealer;

GRANT UPDATE(last_event_id) ON TABLE clinicd.audit_sealer TO clinicd_sealer;

GRANT UPDATE(meta_size) ON TABLE clinicd.audit_sealer TO clinicd_sealer;

GRANT UPDATE(meta_frontier) ON TABLE clinicd.audit_sealer TO clinicd_sealer;

GRANT UPDATE(changed_at) ON TABLE clinicd.audit_sealer TO clinicd_sealer;

GRANT SELECT ON TABLE clinicd.audit_tiles TO clinicd_app;
GRANT SELECT,INSERT ON TABLE clinicd.audit_tiles TO clinicd_sealer;

GRANT SELECT ON TABLE clinicd.audit_trees TO clinicd_app;
GRANT SELECT,INSERT ON TABLE clinicd.audit_trees TO clinicd_sealer;

GRANT UPDATE(tree_size) ON TABLE clinicd.audit_trees TO clinicd_sealer;

GRANT UPDATE(frontier) ON TABLE clinicd.audit_trees TO clinicd_sealer;

GRANT SELECT,INSERT ON TABLE clinicd.authz_changes TO clinicd_app;
GRANT SELECT ON TABLE clinicd.authz_changes TO clinicd_auth;

GRANT SELECT,INSERT ON TABLE clinicd.calendar_feeds TO clinicd_app;

GRANT UPDATE(revoked_at) ON TABLE clinicd.calendar_feeds TO clinicd_app;

GRANT UPDATE(revoked_by) ON TABLE clinicd.calendar_feeds TO clinicd_app;

GRANT SELECT,INSERT,DELETE ON TABLE clinicd.changes TO clinicd_app;
GRANT SELECT ON TABLE clinicd.changes TO clinicd_auth;

GRANT SELECT,INSERT ON TABLE clinicd.clinics TO clinicd_app;

GRANT SELECT(id) ON TABLE clinicd.clinics TO clinicd_auth;
GRANT SELECT(id) ON TABLE clinicd.clinics TO clinicd_jobs;

GRANT SELECT(slug) ON TABLE clinicd.clinics TO clinicd_auth;

GRANT UPDATE(name) ON TABLE clinicd.clinics TO clinicd_app;

GRANT UPDATE(time_zone) ON TABLE clinicd.clinics TO clinicd_app;

GRANT UPDATE(locale) ON TABLE clinicd.clinics TO clinicd_app;

GRANT SELECT(state) ON TABLE clinicd.clinics TO clinicd_auth;
GRANT SELECT(state) ON TABLE clinicd.clinics TO clinicd_jobs;

GRANT UPDATE(row_version) ON TABLE clinicd.clinics TO clinicd_app;

GRANT UPDATE(updated_at) ON TABLE clinicd.clinics TO clinicd_app;

GRANT UPDATE(audit_daily_patients_max) ON TABLE clinicd.clinics TO clinicd_app;

GRANT UPDATE(audit_digested_on) ON TABLE clinicd.clinics TO clinicd_app;

GRANT UPDATE(audit_retention_years) ON TABLE clinicd.clinics TO clinicd_app;

GRANT SELECT,INSERT,DELETE ON TABLE clinicd.data_keys TO clinicd_app;

GRANT UPDATE(clinic_key_version) ON TABLE clinicd.data_keys TO clinicd_app;

GRANT UPDATE(wrapped) ON TABLE clinicd.data_keys TO clinicd_app;

GRANT SELECT,INSERT,DELETE ON TABLE clinicd.holds TO clinicd_app;

GRANT UPDATE(local_start) ON TABLE clinicd.holds TO clinicd_app;

GRANT UPDATE(starts_at) ON TABLE clinicd.holds TO clinicd_app;

GRANT UPDATE(ends_at) ON TABLE clinicd.holds TO clinicd_app;

GRANT UPDATE(expires_at) ON TABLE clinicd.holds TO clinicd_app;

GRANT SELECT,INSERT,DELETE ON TABLE clinicd.idempotency_keys TO clinicd_app;

GRANT SELECT,INSERT ON TABLE clinicd.isolation_certificates TO clinicd_app;

GRANT SELECT,INSERT ON TABLE clinicd.locations TO clinicd_app;

GRANT UPDATE(name) ON TABLE clinicd.locations TO clinicd_app;

GRANT UPDATE(time_zone) ON TABLE clinicd.locations TO clinicd_app;

GRANT UPDATE(active) ON TABLE clinicd.locations TO clinicd_app;

GRANT UPDATE(row_version) ON TABLE clinicd.locations TO clinicd_app;

GRANT INSERT ON TABLE clinicd.memberships TO clinicd_app;

GRANT SELECT(clinic_id) ON TABLE clinicd.memberships TO clinicd_app;
GRANT SELECT(clinic_id) ON TABLE clinicd.memberships TO clinicd_auth;

GRANT SELECT(id) ON TABLE clinicd.memberships TO clinicd_app;
GRANT SELECT(id) ON TABLE clinicd.memberships TO clinicd_auth;

GRANT SELECT(user_id) ON TABLE clinicd.memberships TO clinicd_app;

GRANT SELECT(email) ON TABLE clinicd.memberships TO clinicd_app;

GRANT SELECT(email_key) ON TABLE clinicd.memberships TO clinicd_app;
GRANT SELECT(email_key) ON TABLE clinicd.memberships TO clinicd_auth;

GRANT SELECT(given_name),UPDATE(given_name) ON TABLE clinicd.memberships TO clinicd_app;

GRANT SELECT(family_name),UPDATE(family_name) ON TABLE clinicd.memberships TO clinicd_app;

GRANT SELECT(roles),UPDATE(roles) ON TABLE clinicd.memberships TO clinicd_app;
GRANT SELECT(roles) ON TABLE clinicd.memberships TO clinicd_auth;

GRANT SELECT(state),UPDATE(state) ON TABLE clinicd.memberships TO clinicd_app;
GRANT SELECT(state) ON TABLE clinicd.memberships TO clinicd_auth;

GRANT UPDATE(password_ct) ON TABLE clinicd.memberships TO clinicd_app;
GRANT SELECT(password_ct) ON TABLE clinicd.memberships TO clinicd_auth;

GRANT SELECT(password_set_at),UPDATE(password_set_at) ON TABLE clinicd.memberships TO clinicd_app;

GRANT SELECT(failed_sign_ins),UPDATE(failed_sign_ins) ON TABLE clinicd.memberships TO clinicd_app;
GRANT SELECT(failed_sign_ins) ON TABLE clinicd.memberships TO clinicd_auth;

GRANT SELECT(last_failed_at),UPDATE(last_failed_at) ON TABLE clinicd.memberships TO clinicd_app;
GRANT SELECT(last_failed_at) ON TABLE clinicd.memberships TO clinicd_auth;

GRANT SELECT(authz_epoch),UPDATE(authz_epoch) ON TABLE clinicd.memberships TO clinicd_app;
GRANT SELECT(authz_epoch) ON TABLE clinicd.memberships TO clinicd_auth;

GRANT SELECT(row_version),UPDATE(row_version) ON TABLE clinicd.memberships TO clinicd_app;

GRANT SELECT(created_at) ON TABLE clinicd.memberships TO clinicd_app;

GRANT SELECT(created_by) ON TABLE clinicd.memberships TO clinicd_app;

GRANT SELECT,INSERT,DELETE ON TABLE clinicd.occupancies TO clinicd_app;

GRANT UPDATE(person_id) ON TABLE clinicd.occupancies TO clinicd_app;

GRANT UPDATE(active) ON TABLE clinicd.occupancies TO clinicd_app;

GRANT SELECT,INSERT,DELETE ON TABLE clinicd.patient_tokens TO clinicd_app;

GRANT SELECT,INSERT ON TABLE clinicd.patients TO clinicd_app;

GRANT UPDATE(given_name) ON TABLE clinicd.patients TO clinicd_app;

GRANT UPDATE(family_name) ON TABLE clinicd.patients TO clinicd_app;

GRANT UPDATE(born_on) ON TABLE clinicd.patients TO clinicd_app;

GRANT UPDATE(sex) ON TABLE clinicd.patients TO clinicd_app;

GRANT UPDATE(file_number) ON TABLE clinicd.patients TO clinicd_app;

GRANT UPDATE(phone) ON TABLE clinicd.patients TO clinicd_app;

GRANT UPDATE(email) ON TABLE clinicd.patients TO clinicd_app;

GRANT UPDATE(address) ON TABLE clinicd.patients TO clinicd_app;

GRANT UPDATE(row_version) ON TABLE clinicd.patients TO clinicd_app;

GRANT UPDATE(updated_at) ON TABLE clinicd.patients TO clinicd_app;

GRANT UPDATE(vip) ON TABLE clinicd.patients TO clinicd_app;

GRANT UPDATE(alert) ON TABLE clinicd.patients TO clinicd_app;

GRANT SELECT,INSERT ON TABLE clinicd.practitioners TO clinicd_app;

GRANT UPDATE(membership_id) ON TABLE clinicd.practitioners TO clinicd_app;

GRANT UPDATE(given_name) ON TABLE clinicd.practitioners TO clinicd_app;

GRANT UPDATE(family_name) ON TABLE clinicd.practitioners TO clinicd_app;

GRANT UPDATE(speciality) ON TABLE clinicd.practitioners TO clinicd_app;

GRANT UPDATE(active) ON TABLE clinicd.practitioners TO clinicd_app;

GRANT UPDATE(row_version) ON TABLE clinicd.practitioners TO clinicd_app;

GRANT UPDATE(person_id) ON TABLE clinicd.practitioners TO clinicd_app;

GRANT SELECT,INSERT ON TABLE clinicd.refresh_tokens TO clinicd_app;

GRANT UPDATE(used_at) ON TABLE clinicd.refresh_tokens TO clinicd_app;

GRANT SELECT,INSERT ON TABLE clinicd.resources TO clinicd_app;

GRANT UPDATE(name) ON TABLE clinicd.resources TO clinicd_app;

GRANT UPDATE(location_id) ON TABLE clinicd.resources TO clinicd_app;

GRANT UPDATE(color) ON TABLE clinicd.resources TO clinicd_app;

GRANT UPDATE(sort_order) ON TABLE clinicd.resources TO clinicd_app;

GRANT UPDATE(active) ON TABLE clinicd.resources TO clinicd_app;

GRANT UPDATE(row_version) ON TABLE clinicd.resources TO clinicd_app;

GRANT SELECT,INSERT,DELETE ON TABLE clinicd.schedule_exceptions TO clinicd_app;

GRANT SELECT,INSERT ON TABLE clinicd.sessions TO clinicd_app;

GRANT UPDATE(last_refreshed_at) ON TABLE clinicd.sessions TO clinicd_app;

GRANT UPDATE(expires_at) ON TABLE clinicd.sessions TO clinicd_app;

GRANT UPDATE(ended_at) ON TABLE clinicd.sessions TO clinicd_app;

GRANT UPDATE(end_reason) ON TABLE clinicd.sessions TO clinicd_app;

GRANT UPDATE(authenticated_at) ON TABLE clinicd.sessions TO clinicd_app;

GRANT SELECT,INSERT ON TABLE clinicd.time_zone_versions TO clinicd_app;

GRANT UPDATE(version) ON TABLE clinicd.time_zone_versions TO clinicd_app;

GRANT UPDATE(updated_at) ON TABLE clinicd.time_zone_versions TO clinicd_app;

GRANT SELECT(id),INSERT(id) ON TABLE clinicd.users TO clinicd_app;

GRANT INSERT(email_key) ON TABLE clinicd.users TO clinicd_app;

GRANT SELECT,INSERT,DELETE ON TABLE clinicd.visit_type_segments TO clinicd_app;

GRANT SELECT,INSERT ON TABLE clinicd.visit_types TO clinicd_app;

GRANT UPDATE(name) ON TABLE clinicd.visit_types TO clinicd_app;

GRANT UPDATE(description) ON TABLE clinicd.visit_types TO clinicd_app;

GRANT UPDATE(color) ON TABLE clinicd.visit_types TO clinicd_app;

GRANT UPDATE(buffer_before_minutes) ON TABLE clinicd.visit_types TO clinicd_app;

GRANT UPDATE(buffer_after_minutes) ON TABLE clinicd.visit_types TO clinicd_app;

GRANT UPDATE(online_bookable) ON TABLE clinicd.visit_types TO clinicd_app;

GRANT UPDATE(min_notice_minutes) ON TABLE clinicd.visit_types TO clinicd_app;

GRANT UPDATE(booking_window_days) ON TABLE clinicd.visit_types TO clinicd_app;

GRANT UPDATE(cancel_cutoff_minutes) ON TABLE clinicd.visit_types TO clinicd_app;

GRANT UPDATE(active) ON TABLE clinicd.visit_types TO clinicd_app;

GRANT UPDATE(row_version) ON TABLE clinicd.visit_types TO clinicd_app;

GRANT SELECT,INSERT ON TABLE clinicd.waitlist_entries TO clinicd_app;

GRANT UPDATE(visit_type_id) ON TABLE clinicd.waitlist_entries TO clinicd_app;

GRANT UPDATE(duration_minutes) ON TABLE clinicd.waitlist_entries TO clinicd_app;

GRANT UPDATE(practitioner_id) ON TABLE clinicd.waitlist_entries TO clinicd_app;

GRANT UPDATE(location_id) ON TABLE clinicd.waitlist_entries TO clinicd_app;

GRANT UPDATE(main_site) ON TABLE clinicd.waitlist_entries TO clinicd_app;

GRANT UPDATE(urgency) ON TABLE clinicd.waitlist_entries TO clinicd_app;

GRANT UPDATE(short_notice_minutes) ON TABLE clinicd.waitlist_entries TO clinicd_app;

GRANT UPDATE(earliest_on) ON TABLE clinicd.waitlist_entries TO clinicd_app;

GRANT UPDATE(latest_on) ON TABLE clinicd.waitlist_entries TO clinicd_app;

GRANT UPDATE(windows) ON TABLE clinicd.waitlist_entries TO clinicd_app;

GRANT UPDATE(note) ON TABLE clinicd.waitlist_entries TO clinicd_app;

GRANT UPDATE(state) ON TABLE clinicd.waitlist_entries TO clinicd_app;

GRANT UPDATE(appointment_id) ON TABLE clinicd.waitlist_entries TO clinicd_app;

GRANT UPDATE(row_version) ON TABLE clinicd.waitlist_entries TO clinicd_app;

GRANT SELECT,INSERT ON TABLE clinicd.waitlist_offers TO clinicd_app;

GRANT UPDATE(local_start) ON TABLE clinicd.waitlist_offers TO clinicd_app;

GRANT UPDATE(starts_at) ON TABLE clinicd.waitlist_offers TO clinicd_app;

GRANT UPDATE(ends_at) ON TABLE clinicd.waitlist_offers TO clinicd_app;

GRANT UPDATE(expires_at) ON TABLE clinicd.waitlist_offers TO clinicd_app;

GRANT UPDATE(state) ON TABLE clinicd.waitlist_offers TO clinicd_app;

GRANT UPDATE(appointment_id) ON TABLE clinicd.waitlist_offers TO clinicd_app;

GRANT UPDATE(closed_at) ON TABLE clinicd.waitlist_offers TO clinicd_app;

GRANT UPDATE(closed_by) ON TABLE clinicd.waitlist_offers TO clinicd_app;

GRANT SELECT,INSERT,DELETE ON TABLE clinicd.working_hours TO clinicd_app;
