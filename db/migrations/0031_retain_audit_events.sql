-- db/migrations/0031_retain_audit_events.sql
-- Purpose:   how long audit events are kept, what keeps them longer, and how they go.
-- Locks:     new table; ACCESS EXCLUSIVE on clinics for a moment (a column with a constant default).
-- Data:      none.
-- Roll back: never in place; a later migration drops the table, the function and the column.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

-- Seven years are promised to everybody; a clinic may keep its events longer.
ALTER TABLE clinicd.clinics
    ADD COLUMN audit_retention_years smallint NOT NULL DEFAULT 7,
    ADD CONSTRAINT clinics_audit_retention_years_ck CHECK (audit_retention_years BETWEEN 7 AND 30);
COMMENT ON COLUMN clinicd.clinics.audit_retention_years IS
    'How long audit events are kept at least.';
GRANT UPDATE (audit_retention_years) ON clinicd.clinics TO clinicd_app;

-- The patient is no foreign key: a hold is about events, which have none either.
CREATE TABLE clinicd.audit_legal_holds (
    clinic_id      uuid        NOT NULL,
    id             uuid        NOT NULL,
    patient_id     uuid,
    state          text        NOT NULL DEFAULT 'in_force',
    reason         text        NOT NULL,
    placed_at      timestamptz NOT NULL,
    placed_by      uuid        NOT NULL,
    release_reason text        NOT NULL DEFAULT '',
    released_at    timestamptz,
    released_by    uuid,
    row_version    bigint      NOT NULL DEFAULT 1,

    CONSTRAINT audit_legal_holds_pk PRIMARY KEY (clinic_id, id),
    CONSTRAINT audit_legal_holds_clinic_fk FOREIGN KEY (clinic_id)
        REFERENCES clinicd.clinics (id) ON DELETE RESTRICT,
    CONSTRAINT audit_legal_holds_state_ck CHECK (state IN ('in_force', 'released')),
    CONSTRAINT audit_legal_holds_reason_ck CHECK (char_length(reason) BETWEEN 1 AND 1000),
    CONSTRAINT audit_legal_holds_release_reason_ck CHECK (char_length(release_reason) <= 1000),
    CONSTRAINT audit_legal_holds_released_at_ck CHECK (
        (state = 'released') = (released_at IS NOT NULL)
        AND (state <> 'released' OR release_reason <> '')),
    CONSTRAINT audit_legal_holds_row_version_ck CHECK (row_version >= 1)
);

COMMENT ON TABLE clinicd.audit_legal_holds IS
    'What keeps audit events beyond their retention period. PHI.';
COMMENT ON COLUMN clinicd.audit_legal_holds.patient_id IS
    'Whose events are kept; NULL: those of the whole clinic.';
COMMENT ON COLUMN clinicd.audit_legal_holds.placed_by IS 'The membership that placed it.';
COMMENT ON COLUMN clinicd.audit_legal_holds.released_at IS 'NULL: it is in force.';
COMMENT ON COLUMN clinicd.audit_legal_holds.released_by IS
    'The membership that released it; NULL: it is in force.';

-- Serves the list and the search for holds in force.
CREATE INDEX audit_legal_holds_by_state_ix ON clinicd.audit_legal_holds (clinic_id, state, id);

ALTER TABLE clinicd.audit_legal_holds ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.audit_legal_holds FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_legal_holds_clinic_isolation ON clinicd.audit_legal_holds
    FOR ALL TO clinicd_app
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY audit_legal_holds_clinic_isolation_restrictive ON clinicd.audit_legal_holds
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (clinic_id = (SELECT clinicd.current_clinic_id()))
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()));
GRANT SELECT, INSERT ON clinicd.audit_legal_holds TO clinicd_app;
GRANT UPDATE (state, release_reason, released_at, released_by, row_version)
    ON clinicd.audit_legal_holds TO clinicd_app;

-- What the function below looks up as the owner, in one clinic at a time, and what it writes.
CREATE POLICY clinics_retention ON clinicd.clinics
    FOR SELECT TO clinicd_owner
    USING (id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY audit_legal_holds_retention ON clinicd.audit_legal_holds
    FOR SELECT TO clinicd_owner
    USING (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY audit_leaves_retention ON clinicd.audit_leaves
    FOR SELECT TO clinicd_owner
    USING (clinic_id = (SELECT clinicd.current_clinic_id()));
CREATE POLICY audit_events_retention ON clinicd.audit_events
    FOR INSERT TO clinicd_owner
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()) AND category = 'erasure');

-- A partition is read for itself by its owner alone, who asks whether it may go. Row security is
-- forced on every table, so that takes a policy.
DO $policies$
DECLARE
    partition regclass;
BEGIN
    FOR partition IN
        SELECT inhrelid FROM pg_inherits WHERE inhparent = 'clinicd.audit_events'::regclass
    LOOP
        EXECUTE format('CREATE POLICY audit_events_retention ON %s FOR SELECT TO clinicd_owner '
            'USING (true)', partition);
    END LOOP;
END
$policies$;

-- As before, with that policy.
CREATE OR REPLACE FUNCTION clinicd.create_audit_partitions(months_ahead integer)
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
        EXECUTE format('CREATE POLICY audit_events_retention ON clinicd_partitions.%I FOR SELECT '
            'TO clinicd_owner USING (true)', name);
        EXECUTE format('ALTER TABLE clinicd.audit_events ATTACH PARTITION clinicd_partitions.%I '
            'FOR VALUES FROM (%L) TO (%L)', name, clinicd.first_uuid_at(month),
            clinicd.first_uuid_at(month + interval '1 month'));
        made := made + 1;
    END LOOP;
    RETURN made;
END
$function$;

-- Drops the events of a month, and leaves an event about it in each clinic that loses some. Only
-- where all of them have been kept long enough, none is held, and all are sealed: their leaves stay.
-- What became of it: 'dropped', 'retained', 'held' or 'unsealed'.
CREATE FUNCTION clinicd.drop_audit_partition(name text)
    RETURNS text
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET timezone = 'UTC'
    SET lock_timeout = '2s'
AS $function$
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
$function$;

COMMENT ON FUNCTION clinicd.drop_audit_partition(text) IS
    'Drops the audit events of a month that nobody has to keep any more.';
GRANT EXECUTE ON FUNCTION clinicd.drop_audit_partition(text) TO clinicd_sealer;

RESET ROLE;
