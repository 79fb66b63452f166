-- tests/bench/peers/prepare.sql
-- Purpose: what PostgREST serves: a schema of views and functions, two roles, and for these the
--          policies in the idiom of PostgREST, where the clinic is a claim of the token. Applied as
--          superuser to a database of measurements only; remove.sql takes it all away again.
-- Repeat:  any number of times.
-- The restrictive policies of clinicd bind every role by the clinic of clinicd's own setting. Here
-- they are told which roles they bind, all that clinicd has, so that the role of PostgREST is bound
-- by its claim instead, and no request pays for both.

DO $prepare$
DECLARE
    name    text;
    claimed text := 'clinic_id = (SELECT '
        '(current_setting(''request.jwt.claims'', true)::json ->> ''clinic_id'')::uuid)';
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bench_web') THEN
        CREATE ROLE bench_web NOLOGIN;
        CREATE ROLE bench_authenticator LOGIN NOINHERIT;
        GRANT bench_web TO bench_authenticator;
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO bench_authenticator', current_database());
    GRANT USAGE ON SCHEMA clinicd TO bench_web;
    FOREACH name IN ARRAY ARRAY[
        'appointment_events', 'appointments', 'audit_events', 'changes', 'idempotency_keys',
        'occupancies', 'patient_tokens', 'patients', 'practitioners', 'resources',
        'schedule_exceptions', 'working_hours']
    LOOP
        IF EXISTS (
            SELECT FROM pg_policies
            WHERE schemaname = 'clinicd' AND tablename = name
                AND policyname = name || '_clinic_isolation_restrictive'
                AND roles = '{public}')
        THEN
            EXECUTE format('ALTER POLICY %I ON clinicd.%I TO clinicd_app, clinicd_auth, '
                'clinicd_jobs, clinicd_owner, clinicd_sealer, clinicd_migrator',
                name || '_clinic_isolation_restrictive', name);
        END IF;
        EXECUTE format('DROP POLICY IF EXISTS bench_web ON clinicd.%I', name);
        EXECUTE format('CREATE POLICY bench_web ON clinicd.%I TO bench_web USING (%s) '
            'WITH CHECK (%s)', name, claimed, claimed);
        EXECUTE format('GRANT SELECT, INSERT ON clinicd.%I TO bench_web', name);
    END LOOP;
    GRANT UPDATE ON clinicd.appointments TO bench_web;
END
$prepare$;

DROP SCHEMA IF EXISTS bench_api, bench_private CASCADE;
CREATE SCHEMA bench_api;
-- What the functions share, and nobody calls from outside.
CREATE SCHEMA bench_private;
GRANT USAGE ON SCHEMA bench_api, bench_private TO bench_web;

CREATE VIEW bench_api.patients WITH (security_invoker = true) AS
SELECT
    id, given_name, family_name, born_on, sex, file_number, phone, email, address, vip, alert,
    external_id, row_version, created_at, updated_at
FROM clinicd.patients;

CREATE VIEW bench_api.appointments WITH (security_invoker = true) AS
SELECT
    appointment.id,
    appointment.patient_id,
    appointment.practitioner_id,
    appointment.visit_type_id,
    appointment.local_start,
    appointment.time_zone,
    appointment.duration_minutes,
    appointment.starts_at,
    appointment.ends_at,
    appointment.buffer_before_minutes,
    appointment.buffer_after_minutes,
    appointment.lane,
    appointment.overbook_reason,
    appointment.reason,
    appointment.state,
    appointment.confirmed_at,
    appointment.arrived_at,
    appointment.seated_at,
    appointment.completed_at,
    appointment.no_show_at,
    appointment.cancelled_at,
    appointment.cancelled_by,
    appointment.cancel_reason,
    appointment.cancelled_late,
    appointment.external_id,
    appointment.series_id,
    appointment.series_ordinal,
    appointment.series_exception,
    appointment.row_version,
    appointment.created_at,
    patient.given_name AS patient_given_name,
    patient.family_name AS patient_family_name,
    (
        SELECT
            string_agg(
                concat_ws(' ', COALESCE(resource.kind, 'practitioner'), part.occupant_id,
                    part.offset_minutes, part.duration_minutes),
                ',' ORDER BY part.position)
        FROM clinicd.occupancies AS part
        LEFT JOIN clinicd.resources AS resource
            ON resource.clinic_id = part.clinic_id
            AND resource.id = part.resource_id
        WHERE part.clinic_id = appointment.clinic_id
            AND part.holder_id = appointment.id
            AND part.patient_id IS NULL
    ) AS allocations
FROM clinicd.appointments AS appointment
JOIN clinicd.patients AS patient
    ON patient.clinic_id = appointment.clinic_id
    AND patient.id = appointment.patient_id;
GRANT SELECT ON bench_api.patients, bench_api.appointments TO bench_web;

-- A UUIDv7: the milliseconds of now, and the bits that turn version 4 into 7.
CREATE FUNCTION bench_private.new_id() RETURNS uuid LANGUAGE sql VOLATILE
RETURN encode(
    set_bit(set_bit(
        overlay(uuid_send(gen_random_uuid())
            PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint)
                FROM 3)
            FROM 1 FOR 6),
        52, 1), 53, 1), 'hex')::uuid;

CREATE FUNCTION bench_private.claims() RETURNS json LANGUAGE sql STABLE
RETURN current_setting('request.jwt.claims', true)::json;

-- The audit row of one event, with the facts of the caller.
CREATE FUNCTION bench_private.trace(
    action text, method text, outcome text, entity_type text DEFAULT NULL,
    entity_id uuid DEFAULT NULL, entity_version bigint DEFAULT NULL, patient_id uuid DEFAULT NULL,
    changed_fields text DEFAULT '', before json DEFAULT NULL, after json DEFAULT NULL,
    request_id uuid DEFAULT NULL)
RETURNS uuid LANGUAGE sql VOLATILE AS $$
INSERT INTO clinicd.audit_events
    (clinic_id, id, occurred_at, category, action, method, outcome, actor_id, actor_roles,
     session_id, patient_id, entity_type, entity_id, entity_version, changed_fields, before_sealed,
     after_sealed, request_id, client_address, user_agent, build)
SELECT
    (caller ->> 'clinic_id')::uuid, bench_private.new_id(), clock_timestamp(), 'record', $1, $2, $3,
    (caller ->> 'sub')::uuid, caller ->> 'roles', (caller ->> 'sid')::uuid, $7, $4, $5, $6, $8,
    convert_to($9::text, 'UTF8'), convert_to($10::text, 'UTF8'), $11::text, 'local',
    left(COALESCE(current_setting('request.headers', true)::json ->> 'user-agent', ''), 512), 'peer'
FROM bench_private.claims() AS caller
RETURNING id
$$;

-- Reads as above, each with the row that says who read: committed without waiting for the disk, as
-- clinicd's.

CREATE FUNCTION bench_api.trace_patient(patient_id uuid)
RETURNS SETOF bench_api.patients LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    found bench_api.patients;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    SELECT * INTO found FROM bench_api.patients AS patient WHERE patient.id = patient_id;
    PERFORM bench_private.trace('read', 'clinicd.patients.v1.PatientService/GetPatient',
        CASE WHEN found.id IS NULL THEN 'PATIENT_NOT_FOUND' ELSE 'OK' END,
        entity_type => 'patient', entity_id => trace_patient.patient_id,
        entity_version => found.row_version, patient_id => found.id);
    IF found.id IS NOT NULL THEN
        RETURN NEXT found;
    END IF;
END
$$;

CREATE FUNCTION bench_api.trace_day(
    practitioner_id uuid, begin_at timestamptz, end_at timestamptz)
RETURNS SETOF bench_api.appointments LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM bench_private.trace('read',
        'clinicd.appointments.v1.AppointmentService/ListAppointments', 'OK',
        entity_type => 'appointment');
    RETURN QUERY
    SELECT *
    FROM bench_api.appointments AS visit
    WHERE visit.practitioner_id = trace_day.practitioner_id
        AND visit.starts_at >= begin_at
        AND visit.starts_at < end_at
        AND visit.state NOT IN ('cancelled', 'entered_in_error')
    ORDER BY visit.starts_at, visit.id
    LIMIT 201;
END
$$;

-- clinicd's own search; the words are folded by letter case only.
CREATE FUNCTION bench_api.search_patients(query text, page_size integer DEFAULT 20)
RETURNS SETOF bench_api.patients LANGUAGE plpgsql STABLE AS $$
DECLARE
    words  text[] := ARRAY(
        SELECT word FROM regexp_split_to_table(lower(query), '[^[:alnum:]]+') AS word
        WHERE word <> '' ORDER BY length(word) DESC LIMIT 5);
    ends   text[] := ARRAY(
        SELECT left(word, -1) || chr(ascii(right(word, 1)) + 1) FROM unnest(words) AS word);
    clinic uuid := (bench_private.claims() ->> 'clinic_id')::uuid;
BEGIN
    RETURN QUERY
    WITH found AS MATERIALIZED (
        SELECT DISTINCT first.patient_id
        FROM clinicd.patient_tokens AS first
        WHERE first.clinic_id = clinic
            AND first.token >= words[1]
            AND first.token < ends[1]
            AND NOT EXISTS (
                SELECT FROM generate_series(2, cardinality(words)) AS n
                WHERE NOT EXISTS (
                    SELECT FROM clinicd.patient_tokens AS other
                    WHERE other.clinic_id = clinic
                        AND other.patient_id = first.patient_id
                        AND other.token >= words[n]
                        AND other.token < ends[n]))
    )
    SELECT
        patient.id, patient.given_name, patient.family_name, patient.born_on, patient.sex,
        patient.file_number, patient.phone, patient.email, patient.address, patient.vip,
        patient.alert, patient.external_id, patient.row_version, patient.created_at,
        patient.updated_at
    FROM found
    JOIN clinicd.patients AS patient
        ON patient.clinic_id = clinic
        AND patient.id = found.patient_id
    ORDER BY patient.family_name, patient.given_name, patient.id
    LIMIT page_size;
END
$$;

CREATE FUNCTION bench_api.trace_search(query text, page_size integer DEFAULT 20)
RETURNS SETOF bench_api.patients LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM bench_private.trace('read', 'clinicd.patients.v1.PatientService/SearchPatients', 'OK',
        entity_type => 'patient');
    RETURN QUERY SELECT * FROM bench_api.search_patients(query, page_size);
END
$$;

-- The answer that a change already got; NULL for one that is new. A repetition waits for the first.
CREATE FUNCTION bench_private.known_answer(clinic uuid, member uuid, request uuid, method text,
    hash bytea)
RETURNS json LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    known record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext(clinic::text), hashtext(request::text));
    SELECT key.method, key.request_hash, key.response INTO known
    FROM clinicd.idempotency_keys AS key
    WHERE key.clinic_id = clinic AND key.membership_id = member AND key.request_id = request;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF known.method <> known_answer.method OR known.request_hash <> hash THEN
        RAISE EXCEPTION 'REQUEST_ID_REUSED' USING ERRCODE = 'PT400';
    END IF;
    RETURN convert_from(known.response, 'UTF8')::json;
END
$$;

-- Says no: keeps the trace, which an exception would not.
CREATE FUNCTION bench_private.refuse(status integer, reason text, action text, method text,
    request uuid, entity_id uuid DEFAULT NULL)
RETURNS json LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM bench_private.trace(action, method, reason, request_id => request,
        entity_id => refuse.entity_id,
        entity_type => CASE WHEN refuse.entity_id IS NOT NULL THEN 'appointment' END);
    PERFORM set_config('response.status', status::text, true);
    RETURN json_build_object('code', reason);
END
$$;

-- The notice and the kept answer of a change that took place.
CREATE FUNCTION bench_private.finish(clinic uuid, member uuid, request uuid, method text,
    hash bytea, answer json, was_on date, event uuid)
RETURNS void LANGUAGE sql VOLATILE AS $$
INSERT INTO clinicd.changes
    (clinic_id, id, entity_type, entity_id, row_version, was_on, is_on)
VALUES
    ($1, bench_private.new_id(), 'appointment', ($6 ->> 'id')::uuid,
     ($6 ->> 'row_version')::bigint, $7,
     (($6 ->> 'starts_at')::timestamptz AT TIME ZONE 'UTC')::date);
INSERT INTO clinicd.idempotency_keys
    (clinic_id, membership_id, request_id, method, request_hash, response, event_id)
VALUES
    ($1, $2, $3, $4, $5, convert_to($6::text, 'UTF8'), $8);
$$;

CREATE FUNCTION bench_api.book_appointment(
    patient_id uuid, practitioner_id uuid, local_start timestamp, duration_minutes integer,
    request_id uuid, reason text DEFAULT '')
RETURNS json LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    method CONSTANT text := 'clinicd.appointments.v1.AppointmentService/CreateAppointment';
    caller CONSTANT json := bench_private.claims();
    clinic CONSTANT uuid := (caller ->> 'clinic_id')::uuid;
    member CONSTANT uuid := (caller ->> 'sub')::uuid;
    zone   CONSTANT text := caller ->> 'zone';
    starts CONSTANT timestamptz := book_appointment.local_start AT TIME ZONE zone;
    ends   CONSTANT timestamptz :=
        starts + make_interval(mins => book_appointment.duration_minutes);
    hash   CONSTANT bytea := sha256(convert_to(concat_ws(' ', book_appointment.patient_id,
        book_appointment.practitioner_id, book_appointment.local_start,
        book_appointment.duration_minutes, book_appointment.reason), 'UTF8'));
    visit  CONSTANT uuid := bench_private.new_id();
    moment CONSTANT timestamptz := clock_timestamp();
    answer json;
    event  uuid;
    taken  integer;
BEGIN
    answer := bench_private.known_answer(clinic, member, book_appointment.request_id, method, hash);
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    -- Rules on working hours are no part of the comparison: data that has some is refused.
    IF EXISTS (
        SELECT FROM clinicd.working_hours AS hours
        WHERE hours.clinic_id = clinic
            AND (hours.owner_kind = 'location'
                OR hours.practitioner_id = book_appointment.practitioner_id))
        OR EXISTS (
            SELECT FROM clinicd.schedule_exceptions AS exception
            WHERE exception.clinic_id = clinic
                AND exception.last_on >= starts::date - 2
                AND exception.first_on <= starts::date + 3)
    THEN
        RAISE EXCEPTION 'WORKING_HOURS_ARE_NOT_COMPARED' USING ERRCODE = 'PT501';
    END IF;
    PERFORM pg_advisory_xact_lock_shared(locked.key)
    FROM (
        SELECT hashtextextended(concat_ws(' ', clinic, day), 0) AS key
        FROM (VALUES ((starts AT TIME ZONE 'UTC')::date), ((ends AT TIME ZONE 'UTC')::date))
            AS days (day)
        GROUP BY day
        ORDER BY key
    ) AS locked;
    BEGIN
        INSERT INTO clinicd.appointments
            (clinic_id, id, patient_id, practitioner_id, local_start, time_zone, duration_minutes,
             starts_at, ends_at, reason, created_at, updated_at, created_by)
        SELECT
            clinic, visit, book_appointment.patient_id, practitioner.id,
            book_appointment.local_start, zone, book_appointment.duration_minutes, starts, ends,
            book_appointment.reason, moment, moment, member
        FROM clinicd.practitioners AS practitioner
        WHERE practitioner.clinic_id = clinic
            AND practitioner.id = book_appointment.practitioner_id
            AND practitioner.active;
        IF NOT FOUND THEN
            RETURN bench_private.refuse(404, 'PRACTITIONER_NOT_FOUND', 'create', method,
                book_appointment.request_id);
        END IF;
        -- In the order of all who book, and without failing, which would deadlock under load.
        INSERT INTO clinicd.occupancies
            (clinic_id, appointment_id, position, practitioner_id, patient_id, person_id, starts_at,
             ends_at, offset_minutes, duration_minutes)
        SELECT
            clinic, visit, part.position, part.practitioner_id, part.patient_id, part.person_id,
            starts, ends, 0, book_appointment.duration_minutes
        FROM (
            SELECT 1 AS position, practitioner.id AS practitioner_id, NULL::uuid AS patient_id,
                practitioner.person_id
            FROM clinicd.practitioners AS practitioner
            WHERE practitioner.clinic_id = clinic
                AND practitioner.id = book_appointment.practitioner_id
            UNION ALL
            SELECT 2, NULL, book_appointment.patient_id, NULL
        ) AS part
        ORDER BY COALESCE(part.person_id, part.practitioner_id, part.patient_id)
        ON CONFLICT DO NOTHING;
        GET DIAGNOSTICS taken = ROW_COUNT;
        IF taken < 2 THEN
            RAISE EXCEPTION 'APPOINTMENT_SLOT_TAKEN' USING ERRCODE = 'PT409';
        END IF;
    EXCEPTION
        WHEN SQLSTATE 'PT409' THEN
            RETURN bench_private.refuse(409, 'APPOINTMENT_SLOT_TAKEN', 'create', method,
                book_appointment.request_id);
        WHEN foreign_key_violation THEN
            RETURN bench_private.refuse(404, 'PATIENT_NOT_FOUND', 'create', method,
                book_appointment.request_id);
    END;
    INSERT INTO clinicd.appointment_events
        (clinic_id, appointment_id, row_version, kind, state, practitioner_id, local_start,
         time_zone, duration_minutes, reason, occurred_at, caused_by)
    VALUES
        (clinic, visit, 1, 'booked', 'booked', book_appointment.practitioner_id,
         book_appointment.local_start, zone, book_appointment.duration_minutes, '', moment, member);
    SELECT to_json(booked) INTO answer
    FROM bench_api.appointments AS booked WHERE booked.id = visit;
    event := bench_private.trace('create', method, 'OK', 'appointment', visit, 1,
        book_appointment.patient_id, after => answer, request_id => book_appointment.request_id);
    PERFORM bench_private.finish(clinic, member, book_appointment.request_id, method, hash, answer,
        NULL, event);
    RETURN answer;
END
$$;

CREATE FUNCTION bench_api.check_in_appointment(appointment_id uuid, request_id uuid)
RETURNS json LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    method CONSTANT text := 'clinicd.appointments.v1.AppointmentService/CheckInAppointment';
    caller CONSTANT json := bench_private.claims();
    clinic CONSTANT uuid := (caller ->> 'clinic_id')::uuid;
    member CONSTANT uuid := (caller ->> 'sub')::uuid;
    hash   CONSTANT bytea := sha256(uuid_send(check_in_appointment.appointment_id));
    moment CONSTANT timestamptz := clock_timestamp();
    before bench_api.appointments;
    answer json;
    event  uuid;
BEGIN
    answer := bench_private.known_answer(clinic, member, check_in_appointment.request_id, method,
        hash);
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    PERFORM FROM clinicd.appointments AS visit
    WHERE visit.clinic_id = clinic AND visit.id = check_in_appointment.appointment_id
    FOR NO KEY UPDATE;
    SELECT * INTO before FROM bench_api.appointments AS visit
    WHERE visit.id = check_in_appointment.appointment_id;
    IF before.id IS NULL THEN
        RETURN bench_private.refuse(404, 'APPOINTMENT_NOT_FOUND', 'execute', method,
            check_in_appointment.request_id, check_in_appointment.appointment_id);
    END IF;
    IF before.state NOT IN ('booked', 'confirmed') THEN
        RETURN bench_private.refuse(409, 'APPOINTMENT_ILLEGAL_TRANSITION', 'execute', method,
            check_in_appointment.request_id, before.id);
    END IF;
    IF moment NOT BETWEEN before.starts_at - interval '120 minutes' AND before.ends_at THEN
        RETURN bench_private.refuse(409, 'APPOINTMENT_OUTSIDE_ARRIVAL_WINDOW', 'execute', method,
            check_in_appointment.request_id, before.id);
    END IF;
    UPDATE clinicd.appointments AS visit
    SET state = 'arrived', arrived_at = moment, row_version = row_version + 1, updated_at = moment
    WHERE visit.clinic_id = clinic AND visit.id = before.id;
    INSERT INTO clinicd.appointment_events
        (clinic_id, appointment_id, row_version, kind, state, practitioner_id, local_start,
         time_zone, duration_minutes, reason, occurred_at, caused_by)
    VALUES
        (clinic, before.id, before.row_version + 1, 'arrived', 'arrived', before.practitioner_id,
         before.local_start, before.time_zone, before.duration_minutes, '', moment, member);
    SELECT to_json(after) INTO answer
    FROM bench_api.appointments AS after WHERE after.id = before.id;
    event := bench_private.trace('execute', method, 'OK', 'appointment', before.id,
        before.row_version + 1, before.patient_id, 'arrive_time,state', to_json(before), answer,
        check_in_appointment.request_id);
    PERFORM bench_private.finish(clinic, member, check_in_appointment.request_id, method, hash,
        answer, (before.starts_at AT TIME ZONE 'UTC')::date, event);
    RETURN answer;
END
$$;
